/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

ARENA(arena, 1);
/* An atomic operation in an arena leaves registers alone but for the one fetched. */
TC NAKED entry(skb_t *skb)
{
	asm volatile(
		"r6 = *(u32 *)(r1 + 8)\n"
		"r0 = 0\n"
		"if r6 == 0 goto 1f\n"
		"r0 = 2\n"
		"1: r1 = arena ll\n"
		"r2 = 0x40000000\n" RAW(0xbf, 0x22, 1, 1) "r3 = 1\n" RAW(0xdb, 0x32, 0, 0x01) "exit"
		:
		: "i"(&arena));
}

LICENSE("Apache-2.0");
