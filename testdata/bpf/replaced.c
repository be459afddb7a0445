/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

#ifndef EXT

GLOBAL int choose(skb_t *skb)
{
	int code = OK;
	HIDE(code);
	return COIN(skb, 0) ? code : SHOT;
}

TC entry(skb_t *skb)
{
	return choose(skb);
}
#else
SEC("freplace/choose") int better(skb_t *skb)
{
	return COIN(skb, 0) ? STOLEN : SHOT;
}
#endif

LICENSE("Apache-2.0");
