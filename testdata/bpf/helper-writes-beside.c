/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	volatile struct {
		int before;
		char bytes[4];
		int after;
	} v = {.before = SHOT, .after = SHOT};
	skb_load_bytes(skb, 0, (void *)v.bytes, 4);
	return v.before == v.after ? v.before : TRAP;
}

LICENSE("Apache-2.0");
