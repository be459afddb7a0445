/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 2);

TC entry(skb_t *skb)
{
	tail_call(skb, &jumps, 1);
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
