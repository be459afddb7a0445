/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

#ifndef EXT

GLOBAL int choose(skb_t *skb)
{
	int code = SHOT;
	HIDE(code);
	return code;
}

TC entry(skb_t *skb)
{
	return choose(skb);
}
#else
SEC("freplace/choose") int better(skb_t *skb)
{
	return STOLEN;
}
#endif

LICENSE("Apache-2.0");
