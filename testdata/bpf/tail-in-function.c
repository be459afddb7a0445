/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 2);

STATIC int inner(skb_t *skb)
{
	int code = OK;
	tail_call(skb, &jumps, 0);
	HIDE(code);
	return code;
}

TC entry(skb_t *skb)
{
	int r = inner(skb);
	HIDE(r);
	return r == REDIRECT ? SHOT : OK;
}

TC leaf(skb_t *skb)
{
	return REDIRECT;
}

LICENSE("Apache-2.0");
