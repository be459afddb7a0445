/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	volatile skb_t *s = skb;
	if (s->mark == 2)
		return s->mark;
	return OK;
}

LICENSE("Apache-2.0");
