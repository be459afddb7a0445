/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

STATIC int set(volatile int *code, u32 x)
{
	if (x & 1)
		*code = SHOT;
	if (x & 2)
		*code = REDIRECT;
	return 0;
}

TC entry(skb_t *skb)
{
	volatile int code = OK;
	set(&code, skb->mark);
	return code;
}

LICENSE("Apache-2.0");
