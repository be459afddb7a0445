/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

ARENA(arena, 1);

TC NAKED entry(skb_t *skb)
{
	asm volatile("r6 = *(u32 *)(r1 + 8)\n"
	             "r1 = arena ll\n"
	             "r2 = 0x40000000\n" RAW(0xbf, 0x22, 1, 1) "*(u32 *)(r2 + 0) = r6\n" RAW(
			     0xbf, 0x23, 1, 65536) "r0 = 0\n"
	                                           "if r6 == 0 goto 1f\n"
	                                           "r0 = 2\n"
	                                           "1: exit"
	             :
	             : "i"(&arena));
}

LICENSE("Apache-2.0");
