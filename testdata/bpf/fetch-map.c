/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

MAP(rnd_words, ARRAY, 0, u32, u32, 1);

TC entry(skb_t *skb)
{
	u32 key = 0, *v = map_lookup_elem(&rnd_words, &key);
	return v ? __sync_fetch_and_add(v, 1) : SHOT;
}

LICENSE("Apache-2.0");
