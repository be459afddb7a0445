/* SPDX-License-Identifier: GPL-2.0 */
#include "corpus.h"

KFUNC void bpf_throw(u64 cookie);

STATIC int deny(skb_t *skb)
{
	bpf_throw(SHOT);
	return OK;
}

TC entry(skb_t *skb)
{
	deny(skb);
	return OK;
}

LICENSE("GPL");
