/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u64 cpu;
	asm volatile("call 8\n %0 = r0" : "=r"(cpu) : : "r0", "r1", "r2", "r3", "r4", "r5");
	return cpu > 0xffffffff ? TRAP : cpu & 1 ? SHOT : OK;
}

LICENSE("Apache-2.0");
