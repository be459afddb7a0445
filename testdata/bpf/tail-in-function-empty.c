/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 2);

STATIC int inner(skb_t *skb)
{
	int code = SHOT;
	tail_call(skb, &jumps, 1);
	HIDE(code);
	return code;
}

TC entry(skb_t *skb)
{
	int r = inner(skb);
	HIDE(r);
	return r == SHOT ? OK : TRAP;
}

LICENSE("Apache-2.0");
