/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

MAP(table, ARRAY, 0, u32, u32, 4);

TC entry(skb_t *skb)
{
	u32 key = 7; /* beyond the end: the lookup finds nothing */
	return map_lookup_elem(&table, &key) ? SHOT : COIN(skb, 0) ? OK : REDIRECT;
}

LICENSE("Apache-2.0");
