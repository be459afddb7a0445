/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

#ifndef EXT

GLOBAL int unused_now(skb_t *skb)
{
	int code = OK;
	HIDE(code);
	return code;
}

TC entry(skb_t *skb)
{
	return unused_now(skb) == REDIRECT ? SHOT : OK;
}
#else
SEC("freplace/unused_now") int better(skb_t *skb)
{
	return COIN(skb, 0) ? REDIRECT : OK;
}
#endif

LICENSE("Apache-2.0");
