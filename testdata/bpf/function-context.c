/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

GLOBAL int note(skb_t *skb)
{
	skb->cb[0] = SHOT;
	return 0;
}

TC entry(skb_t *skb)
{
	note(skb);
	return COIN(skb, 0) ? skb->cb[0] : OK;
}

LICENSE("Apache-2.0");
