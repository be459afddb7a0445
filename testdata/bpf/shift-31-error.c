/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 x = 0;
	int r = skb_store_bytes(skb, 30, &x, 4, 0), e;
	asm volatile("%0 = %1\n %0 s>>= 31\n %0 &= -134" : "=w"(e) : "w"(r));
	return e ? SHOT : OK;
}

LICENSE("Apache-2.0");
