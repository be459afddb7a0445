/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

GLOBAL int choose(skb_t *skb)
{
	int code = OK;
	HIDE(code);
	return code;
}

TC entry(skb_t *skb)
{
	return choose(skb);
}

LICENSE("Apache-2.0");
