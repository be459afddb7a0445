/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

GLOBAL int pick(u32 which)
{
	return which == 3 ? SHOT : which == 4 ? OK : TRAP;
}

TC entry(skb_t *skb)
{
	u32 three = 3, four = 4;
	HIDE(three);
	HIDE(four);
	return COIN(skb, 0) ? pick(three) : pick(four);
}

LICENSE("Apache-2.0");
