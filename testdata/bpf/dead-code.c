/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

const volatile int debug = 0;

TC entry(skb_t *skb)
{
	if (debug)
		return SHOT;
	return OK;
}

LICENSE("Apache-2.0");
