/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

/* A function leaves the code in scratch memory, main takes it from there. */
GLOBAL int decide(u32 mark)
{
	struct scratch *s = scratch_at(0);

	if (!s) {
		return 0;
	}
	s->code = mark & 1 ? SHOT : OK;
	return 1;
}

TC entry(skb_t *skb)
{
	struct scratch *s = scratch_at(0);

	if (!s || !decide(skb->mark)) {
		return TRAP;
	}
	return s->code;
}

LICENSE("GPL");
