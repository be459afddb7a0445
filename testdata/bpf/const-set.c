/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 m = skb->mark;
	return m == 1 ? OK : m == 2 ? SHOT : m == 3 ? REDIRECT : UNSPEC;
}

LICENSE("Apache-2.0");
