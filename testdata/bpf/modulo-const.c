/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 x = skb->mark;
	asm volatile("r0 = %1\n" RAW(0x97, 0x00, 0, 4) "%0 = r0" : "=r"(x) : "r"(x) : "r0");
	return x;
}

LICENSE("Apache-2.0");
