/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	skb->queue_mapping = skb->mark;
	return OK;
}

LICENSE("Apache-2.0");
