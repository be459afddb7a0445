/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	int m = skb->mark;
	HIDE(m);
	return m == UNSPEC ? OK : m;
}

LICENSE("Apache-2.0");
