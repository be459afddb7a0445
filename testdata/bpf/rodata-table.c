/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

const volatile u32 codes[4] = {OK, SHOT, REDIRECT, SHOT};

TC entry(skb_t *skb)
{
	return codes[skb->mark & 3];
}

LICENSE("Apache-2.0");
