/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	int a = COIN(skb, 0) ? 1 : 0, code = a ? SHOT : 999;
	HIDE(a);
	int b = COIN(skb, 1) ? 1 : 0;
	HIDE(b);
	if (a)
		return code;
	return b ? REDIRECT : OK;
}

LICENSE("Apache-2.0");
