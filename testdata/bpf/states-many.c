/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 m = skb->mark;
	int n = 0;
	/* Sixteen ways that all mean the same to the end. */
	if (m & 1)
		n += 1;
	if (m & 2)
		n += 2;
	if (m & 4)
		n += 4;
	if (m & 8)
		n += 8;
	HIDE(n);
	return n > 15 ? TRAP : n == 9 ? SHOT : OK;
}

LICENSE("Apache-2.0");
