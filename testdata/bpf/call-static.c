/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

STATIC int choose(u32 mark)
{
	return mark & 1 ? SHOT : OK;
}

TC entry(skb_t *skb)
{
	return choose(skb->mark);
}

LICENSE("Apache-2.0");
