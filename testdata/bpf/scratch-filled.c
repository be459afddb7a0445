/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

/* A helper writes over the code. */
TC entry(skb_t *skb)
{
	struct scratch *s = scratch_at(0);

	if (!s) {
		return TRAP;
	}
	s->code = OK;
	skb_load_bytes(skb, 0, &s->proto, 8);
	return s->code;
}

LICENSE("GPL");
