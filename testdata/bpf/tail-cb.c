/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 1);

TC entry(skb_t *skb)
{
	skb->cb[0] = COIN(skb, 0) ? SHOT : REDIRECT;
	tail_call(skb, &jumps, 0);
	return OK;
}

TC leaf(skb_t *skb)
{
	return skb->cb[0];
}

LICENSE("Apache-2.0");
