/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

struct key {
	u32 addr;
};
struct rule {
	u8 deny, proxy;
};
MAP(rnd_rules, HASH, 0, u32, u32, 8);

STATIC int check(u32 id)
{
	struct rule *r = map_lookup_elem(&rnd_rules, &id);
	if (!r)
		return -133;
	return r->deny ? -134 : r->proxy;
}

TC entry(skb_t *skb)
{
	int v = check(skb->mark & 7);
	if (v < 0)
		return v == -133 ? OK : SHOT;
	return v > 0 ? REDIRECT : OK;
}

LICENSE("Apache-2.0");
