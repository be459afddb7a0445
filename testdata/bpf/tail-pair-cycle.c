/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 2);

TC entry(skb_t *skb)
{
	if (skb->mark == 5)
		return REDIRECT;
	tail_call(skb, &jumps, 1);
	return OK;
}

TC leaf(skb_t *skb)
{
	if (skb->mark == 6)
		return SHOT;
	skb->mark = 5;
	tail_call(skb, &jumps, 0);
	return OK;
}

LICENSE("Apache-2.0");
