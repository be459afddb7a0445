/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 x = COIN(skb, 0) ? 0x100 : 0x200;
	asm volatile("%0 = be16 %0" : "+r"(x));
	return x == 1 ? OK : x == 2 ? SHOT : TRAP;
}

LICENSE("Apache-2.0");
