/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

MAP(table, ARRAY, BPF_F_RDONLY_PROG, u32, u32, 1);

TC entry(skb_t *skb)
{
	u32 key = 0, *v = map_lookup_elem(&table, &key);
	return v ? *v : SHOT;
}

LICENSE("Apache-2.0");
