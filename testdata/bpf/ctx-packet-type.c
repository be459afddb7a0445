/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 type = skb->pkt_type;
	return type > 7 ? REDIRECT : type > 3 ? SHOT : OK;
}

LICENSE("Apache-2.0");
