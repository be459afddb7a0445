/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

MAP(rnd_table, ARRAY, 0, u32, u32, 4);

TC entry(skb_t *skb)
{
	u32 key = 0, *v = map_lookup_elem(&rnd_table, &key);
	return v ? *v : SHOT;
}

LICENSE("Apache-2.0");
