/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	return jiffies64() & 1 ? SHOT : OK;
}

LICENSE("Apache-2.0");
