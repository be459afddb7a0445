/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u64 x = skb->mark & 7, y = skb->priority & 7;
	asm volatile("%0 /= %1" : "+r"(x) : "r"(y));
	return x > 7 ? TRAP : x > 2 ? SHOT : OK;
}

LICENSE("Apache-2.0");
