/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 1);

TC entry(skb_t *skb)
{
	skb->cb[2] = 4;
	tail_call(skb, &jumps, 0);
	return OK;
}

TC leaf(skb_t *skb)
{
	return skb->cb[2] == 4 ? SHOT : REDIRECT;
}

LICENSE("Apache-2.0");
