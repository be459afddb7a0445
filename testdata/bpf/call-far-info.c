/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

/* The callee is more than 32,767 instructions away; func_info tells where functions start. */
GLOBAL int far(void)
{
	int code = SHOT;
	HIDE(code);
	return code;
}

TC entry(skb_t *skb)
{
	long code;

	asm volatile("call far\n"
	             "r6 = r0\n"
	             ".rept 33000\n"
	             "r6 ^= 0\n"
	             ".endr\n"
	             "%0 = r6"
	             : "=r"(code)
	             :
	             : "r0", "r1", "r2", "r3", "r4", "r5", "r6");
	return code;
}

LICENSE("Apache-2.0");
