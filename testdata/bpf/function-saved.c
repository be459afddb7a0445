/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

STATIC int touch(u32 x)
{
	int a = x;
	HIDE(a);
	return a + 1;
}

TC entry(skb_t *skb)
{
	int code = COIN(skb, 0) ? SHOT : OK;
	HIDE(code);
	touch(skb->priority);
	return code;
}

LICENSE("Apache-2.0");
