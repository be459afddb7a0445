/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	int m = skb->mark;
	HIDE(m);
	return m == 2 || m == 7 ? m : OK;
}

LICENSE("Apache-2.0");
