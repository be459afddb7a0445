/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

MAP(rnd_wide, PERCPU_ARRAY, 0, u32, u64, 256);

/* What lies in an element that nobody wrote is anything. */
TC entry(skb_t *skb)
{
	u32 key = 0, other = skb->mark & 0xff;
	u64 *first = map_lookup_elem(&rnd_wide, &key), *some = map_lookup_elem(&rnd_wide, &other);

	if (!first || !some) {
		return TRAP;
	}
	*first = SHOT;
	return *some;
}

LICENSE("GPL");
