/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

/* A helper writes to a part of the element; the code lies in front of that. */
TC entry(skb_t *skb)
{
	struct scratch *s = scratch_at(0);

	if (!s) {
		return TRAP;
	}
	s->code = COIN(skb, 0) ? OK : REDIRECT;
	if (skb_load_bytes(skb, 0, s->header, sizeof(s->header)) < 0) {
		s->code = SHOT;
	}
	return s->code;
}

LICENSE("GPL");
