/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	volatile long code = OK;
	if (COIN(skb, 0))
		code = SHOT;
	if (COIN(skb, 1))
		code = REDIRECT;
	return code;
}

LICENSE("Apache-2.0");
