/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

const volatile u8 codes[8] = {OK, SHOT, REDIRECT, SHOT, PIPE, OK, OK, OK};

TC entry(skb_t *skb)
{
	u32 i = skb->mark & 7;
	HIDE(i);
	return i < 8 ? codes[i] : TRAP;
}

LICENSE("Apache-2.0");
