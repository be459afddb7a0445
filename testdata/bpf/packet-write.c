/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u8 *data = (u8 *)(long)skb->data;
	if (data + 14 > (u8 *)(long)skb->data_end)
		return OK;
	data[0] = 1;
	return OK;
}

LICENSE("Apache-2.0");
