/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 4);

TC entry(skb_t *skb)
{
	tail_call(skb, &jumps, 0);
	return OK;
}

LICENSE("Apache-2.0");
