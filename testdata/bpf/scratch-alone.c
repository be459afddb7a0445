/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

/* Whatever another program left there. */
TC entry(skb_t *skb)
{
	struct scratch *s = scratch_at(0);

	return s ? s->code : TRAP;
}

LICENSE("GPL");
