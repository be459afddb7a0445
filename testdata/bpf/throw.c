/* SPDX-License-Identifier: GPL-2.0 */
#include "corpus.h"

KFUNC void bpf_throw(u64 cookie);

TC entry(skb_t *skb)
{
	if (COIN(skb, 0))
		bpf_throw(SHOT);
	return OK;
}

LICENSE("GPL");
