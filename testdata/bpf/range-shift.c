/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 x = skb->mark;
	return x >> 30;
}

LICENSE("Apache-2.0");
