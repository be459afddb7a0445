/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 proto = skb->protocol;
	asm volatile("%0 = be16 %0" : "+r"(proto));
	return proto > 0xffff ? SHOT : proto == 0x800 ? REDIRECT : OK;
}

LICENSE("Apache-2.0");
