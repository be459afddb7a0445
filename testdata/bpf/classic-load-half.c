/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

long load_half(void *skb, u64 off) asm("llvm.bpf.load.half");

TC entry(skb_t *skb)
{
	return load_half(skb, 12) > 0xffff ? REDIRECT : SHOT;
}

LICENSE("Apache-2.0");
