/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 1);

TC entry(skb_t *skb)
{
	skb->cb[1] = COIN(skb, 1) ? SHOT | 0x1200 : REDIRECT | 0x3400;
	tail_call(skb, &jumps, 0);
	return OK;
}

TC leaf(skb_t *skb)
{
	return skb->cb[1] & 0xff;
}

LICENSE("Apache-2.0");
