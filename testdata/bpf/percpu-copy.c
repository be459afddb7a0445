/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

MAP(scratch, PERCPU_ARRAY, 0, u32, u64, 1);

TC entry(skb_t *skb)
{
	u32 key = 0;
	u64 *v = map_lookup_elem(&scratch, &key);
	return v ? COIN(skb, 0) ? OK : SHOT : TRAP;
}

LICENSE("Apache-2.0");
