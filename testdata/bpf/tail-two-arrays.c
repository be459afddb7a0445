/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(first, 1);
PROGS(second, 1);

TC entry(skb_t *skb)
{
	void *jumps = COIN(skb, 0) ? (void *)&first : (void *)&second;
	HIDE(jumps);
	tail_call(skb, jumps, 0);
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

LICENSE("Apache-2.0");
