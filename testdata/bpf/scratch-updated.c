/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

/* An update writes over what was stored. */
TC entry(skb_t *skb)
{
	struct scratch *s = scratch_at(0);
	struct scratch fresh = {.code = skb->mark & 0xff};
	u32 key = 0;

	if (!s) {
		return TRAP;
	}
	s->code = OK;
	map_update_elem(&scratch, &key, &fresh, 0);
	return s->code;
}

LICENSE("GPL");
