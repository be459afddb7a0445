/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 x = 0;
	int r = skb_store_bytes(skb, 30, &x, 4, 0), copy;
	asm volatile("%0 = %1" : "=w"(copy) : "w"(r));
	if (r < 0)
		return SHOT;
	return copy;
}

LICENSE("Apache-2.0");
