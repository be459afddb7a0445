/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	return skb->ifindex == 0x7fffffff ? SHOT : OK;
}

LICENSE("Apache-2.0");
