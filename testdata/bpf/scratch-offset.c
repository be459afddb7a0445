/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

/* A place in the element that a number chooses, and a pointer that goes back again. */
TC entry(skb_t *skb)
{
	struct scratch *s = scratch_at(0);
	s32 *vote = NULL;

	if (!s) {
		return TRAP;
	}
	s->code = OK;
	__builtin_memset(s->votes, 0, sizeof(s->votes));
	vote = &s->votes[skb->mark & 7];
	HIDE(vote);
	*vote = REDIRECT;
	if (COIN(skb, 3)) {
		return s->votes[4];
	}
	vote = &s->votes[1];
	HIDE(vote);
	vote -= 3; /* proto, code, flags, votes: this is the code */
	return *(vote - 1) == -1 ? STOLEN : s->code;
}

LICENSE("GPL");
