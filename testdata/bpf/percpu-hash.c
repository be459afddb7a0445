/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

MAP(rnd_flows, PERCPU_HASH, 0, u32, u32, 8);

TC entry(skb_t *skb)
{
	u32 key = skb->mark & 7, *v = map_lookup_elem(&rnd_flows, &key);
	return v && *v > 3 ? SHOT : OK;
}

LICENSE("Apache-2.0");
