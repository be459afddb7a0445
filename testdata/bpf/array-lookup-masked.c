/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

MAP(table, ARRAY, 0, u32, u32, 8);

TC entry(skb_t *skb)
{
	u32 key = skb->mark & 7;
	return map_lookup_elem(&table, &key) ? OK : SHOT;
}

LICENSE("Apache-2.0");
