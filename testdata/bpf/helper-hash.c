/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 h = get_hash_recalc(skb) & 1;
	HIDE(h);
	return h > 1 ? TRAP : h ? SHOT : OK;
}

LICENSE("Apache-2.0");
