/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

/* Beyond the last element there is nothing. */
TC entry(skb_t *skb)
{
	struct scratch *s = scratch_at(skb->mark & 3);

	if (!s) {
		return SHOT;
	}
	s->code = REDIRECT;
	return s->code;
}

LICENSE("GPL");
