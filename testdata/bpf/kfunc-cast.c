/* SPDX-License-Identifier: GPL-2.0 */
#include "corpus.h"

KFUNC void *bpf_cast_to_kern_ctx(void *ctx);

TC entry(skb_t *skb)
{
	void *kernel = bpf_cast_to_kern_ctx(skb);
	return kernel ? OK : SHOT;
}

LICENSE("GPL");
