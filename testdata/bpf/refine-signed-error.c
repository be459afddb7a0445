/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 x = 0;
	int r = skb_store_bytes(skb, 30, &x, sizeof(x), 0);
	return r < 0 ? SHOT : r;
}

LICENSE("Apache-2.0");
