/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 m = skb->mark, n = 0;
#pragma clang loop unroll(disable)
	for (u32 i = 0; i < 10; i++) {
		if (m & (1 << i))
			n++;
		HIDE(n);
	}
	return n > 1000000 ? TRAP : n > 3 ? SHOT : OK;
}

LICENSE("Apache-2.0");
