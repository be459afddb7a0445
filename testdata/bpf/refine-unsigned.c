/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 m = skb->mark;
	HIDE(m);
	return m >= 5 && m < 8 ? m : OK;
}

LICENSE("Apache-2.0");
