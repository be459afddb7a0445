/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 v = COIN(skb, 0) ? 0x10002 : COIN(skb, 1) ? 0x20002 : 0x30002;
	HIDE(v);
	return v & 0xffff;
}

LICENSE("Apache-2.0");
