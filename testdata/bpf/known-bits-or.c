/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 m = skb->mark;
	asm volatile("%0 |= 2\n %0 &= 3" : "+w"(m));
	return m;
}

LICENSE("Apache-2.0");
