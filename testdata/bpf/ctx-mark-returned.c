/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	return skb->mark;
}

LICENSE("Apache-2.0");
