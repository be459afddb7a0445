/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 1);
struct arg {
	skb_t *skb;
};

static long body(u32 i, struct arg *a)
{
	tail_call(a->skb, &jumps, 0);
	return 1;
}

TC entry(skb_t *skb)
{
	struct arg a = {.skb = skb};
	loop(1, body, &a, 0);
	return OK;
}

TC leaf(skb_t *skb)
{
	return 1;
}

LICENSE("Apache-2.0");
