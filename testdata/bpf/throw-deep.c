/* SPDX-License-Identifier: GPL-2.0 */
#include "corpus.h"

KFUNC void bpf_throw(u64 cookie);

STATIC int inner(u32 x)
{
	if (x & 1)
		bpf_throw(SHOT);
	return x & 2 ? REDIRECT : OK;
}

STATIC int outer(u32 x)
{
	return inner(x);
}

TC entry(skb_t *skb)
{
	return outer(skb->mark);
}

LICENSE("GPL");
