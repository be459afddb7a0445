/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 1);

TC entry(skb_t *skb)
{
	skb->mark = 2;
	tail_call(skb, &jumps, 0);
	return OK;
}

TC leaf(skb_t *skb)
{
	return skb->mark;
}

LICENSE("Apache-2.0");
