/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

long load_byte(void *skb, u64 off) asm("llvm.bpf.load.byte");

TC entry(skb_t *skb)
{
	return load_byte(skb, 40) == 7 ? REDIRECT : SHOT;
}

LICENSE("Apache-2.0");
