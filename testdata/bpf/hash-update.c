/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

MAP(flows, HASH, 0, u32, u32, 2);

TC entry(skb_t *skb)
{
	u32 key = skb->mark, value = 1;
	return map_update_elem(&flows, &key, &value, 0) ? SHOT : OK;
}

LICENSE("Apache-2.0");
