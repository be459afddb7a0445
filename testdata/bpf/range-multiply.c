/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 x = skb->mark & 1;
	asm volatile("%0 *= 2" : "+r"(x));
	return x;
}

LICENSE("Apache-2.0");
