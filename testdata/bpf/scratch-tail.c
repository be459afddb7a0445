/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

/* The verdict of two programs, carried out by a third. */
TC leaf(skb_t *skb)
{
	struct scratch *s = scratch_at(0);

	return s ? s->code : TRAP;
}

TC policy(skb_t *skb)
{
	struct scratch *s = scratch_at(0);

	if (!s) {
		return TRAP;
	}
	if (COIN(skb, 1)) {
		s->code = SHOT;
	} else if (s->code == SHOT) {
		s->code = STOLEN;
	}
	tail_call(skb, &jumps, 1);
	return SHOT;
}

TC entry(skb_t *skb)
{
	struct scratch *s = scratch_at(0);

	if (!s) {
		return TRAP;
	}
	__builtin_memset(s, 0, sizeof(*s));
	s->proto = skb->protocol;
	s->code = COIN(skb, 0) ? UNSPEC : OK;
	tail_call(skb, &jumps, 0);
	return SHOT;
}

LICENSE("GPL");
