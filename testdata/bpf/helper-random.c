/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u64 r;
	asm volatile("call 7\n %0 = r0" : "=r"(r) : : "r0", "r1", "r2", "r3", "r4", "r5");
	return r > 0xffffffff ? TRAP : r & 1 ? SHOT : OK;
}

LICENSE("Apache-2.0");
