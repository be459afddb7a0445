/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

STATIC int low(u32 x)
{
	return x & 1 ? SHOT : OK;
}

STATIC int high(u32 x)
{
	return x & 2 ? REDIRECT : low(x);
}

TC entry(skb_t *skb)
{
	return high(skb->mark);
}

LICENSE("Apache-2.0");
