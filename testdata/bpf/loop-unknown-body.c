/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

static long drop(u32 i, void *ctx)
{
	*(int *)ctx = SHOT;
	return 1;
}

static long forward(u32 i, void *ctx)
{
	*(int *)ctx = REDIRECT;
	return 1;
}

TC entry(skb_t *skb)
{
	int code = OK;
	u32 turns = skb->mark & 1;
	if (COIN(skb, 1))
		loop(turns, drop, &code, 0);
	else
		loop(turns, forward, &code, 0);
	return code;
}

LICENSE("Apache-2.0");
