/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	int m = skb->mark;
	HIDE(m);
	if (m < -1 || m > 0)
		return OK;
	return m;
}

LICENSE("Apache-2.0");
