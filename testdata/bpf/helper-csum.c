/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	return l3_csum_replace(skb, 24, 1, 2, 2) < 0 ? SHOT : OK;
}

LICENSE("Apache-2.0");
