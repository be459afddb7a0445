/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 2);

TC entry(skb_t *skb)
{
	tail_call(skb, &jumps, 9);
	return OK;
}

TC leaf(skb_t *skb)
{
	return SHOT;
}

LICENSE("Apache-2.0");
