/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

/* Two elements do not mix, and the fields of one neither. */
TC leaf(skb_t *skb)
{
	struct scratch *a = scratch_at(0), *b = scratch_at(1);

	if (!a || !b) {
		return TRAP;
	}
	return COIN(skb, 3) ? a->code : b->code;
}

TC entry(skb_t *skb)
{
	struct scratch *a = scratch_at(0), *b = scratch_at(1);

	if (!a || !b) {
		return TRAP;
	}
	a->code = OK;
	b->code = REDIRECT;
	b->flags = skb->mark;
	a->proto = skb->mark;
	a->votes[7] = skb->mark;
	tail_call(skb, &jumps, 0);
	return SHOT;
}

LICENSE("GPL");
