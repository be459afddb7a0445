/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

/* Which element it is only the packet knows: each may hold the code of the other. */
TC entry(skb_t *skb)
{
	struct scratch *s = scratch_at(0), *t = scratch_at(skb->mark & 1), *u = scratch_at(1);

	if (!s || !t || !u) {
		return TRAP;
	}
	s->code = OK;
	u->code = SHOT;
	t->code = REDIRECT;
	return s->code;
}

LICENSE("GPL");
