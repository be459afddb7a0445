/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 x = skb->mark & 1, y = skb->priority & 2;
	HIDE(x);
	return x + y;
}

LICENSE("Apache-2.0");
