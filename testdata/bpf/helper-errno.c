/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 x = 0;
	long r = skb_store_bytes(skb, 60, &x, sizeof(x), 0);
	return r > 0 ? REDIRECT : r < -4095 ? TRAP : r ? SHOT : OK;
}

LICENSE("Apache-2.0");
