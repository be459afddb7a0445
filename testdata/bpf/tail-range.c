/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 8);

TC entry(skb_t *skb)
{
	tail_call(skb, &jumps, skb->mark & 3);
	return OK;
}

TC drop(skb_t *skb)
{
	return SHOT;
}

TC send(skb_t *skb)
{
	return REDIRECT;
}

TC never(skb_t *skb)
{
	return TRAP;
}

LICENSE("Apache-2.0");
