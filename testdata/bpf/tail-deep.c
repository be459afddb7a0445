/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 4);

TC entry(skb_t *skb)
{
	tail_call(skb, &jumps, 1);
	return OK;
}

TC one(skb_t *skb)
{
	tail_call(skb, &jumps, 2);
	return RECLASSIFY;
}

TC two(skb_t *skb)
{
	return COIN(skb, 0) ? SHOT : REDIRECT;
}

LICENSE("Apache-2.0");
