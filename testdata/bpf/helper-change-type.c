/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	long r = skb_change_type(skb, skb->mark & 7);
	return r > 0 ? PIPE : r < 0 ? SHOT : OK;
}

LICENSE("Apache-2.0");
