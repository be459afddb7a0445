/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	return skb_pull_data(skb, 100) < 0 ? SHOT : OK;
}

LICENSE("Apache-2.0");
