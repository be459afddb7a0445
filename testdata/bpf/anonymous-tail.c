/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 1);

TC entry(skb_t *skb)
{
	tail_call(skb, &jumps, 0);
	return OK;
}

TC leaf(skb_t *skb)
{
	return SHOT;
}

LICENSE("Apache-2.0");
