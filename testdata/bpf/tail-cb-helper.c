/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 1);

/* Helpers that change the packet leave alone what programs store in the context. */
TC leaf(skb_t *skb)
{
	return skb->cb[2];
}

TC entry(skb_t *skb)
{
	skb->cb[2] = COIN(skb, 0) ? OK : STOLEN;
	skb_pull_data(skb, 14);
	skb_vlan_push(skb, 0x81, 7);
	skb_change_type(skb, 0);
	tail_call(skb, &jumps, 0);
	return SHOT;
}

LICENSE("GPL");
