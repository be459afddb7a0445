/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	union {
		volatile u64 whole;
		volatile u8 part[8];
	} v = {.whole = 0x0102030405060708};
	v.part[0] = COIN(skb, 0) ? SHOT : REDIRECT;
	return (u8)v.whole;
}

LICENSE("Apache-2.0");
