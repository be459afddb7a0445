/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u8 *data = (u8 *)(long)skb->data;
	if (data + 14 > (u8 *)(long)skb->data_end)
		return OK;
	data[6] ^= 1;
	return data[0] ? REDIRECT : OK;
}

LICENSE("Apache-2.0");
