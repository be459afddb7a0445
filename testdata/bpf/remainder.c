/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

/* Backends are chosen by the remainder of a hash; some of them mean a verdict. */
TC entry(skb_t *skb)
{
	u32 hash = get_hash_recalc(skb), bucket = hash % 5;

	skb->mark = hash;
	return bucket < 4 ? bucket : REDIRECT;
}

LICENSE("Apache-2.0");
