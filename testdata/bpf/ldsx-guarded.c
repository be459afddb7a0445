/* SPDX-License-Identifier: GPL-2.0 */
#include "corpus.h"

struct sk_buff {
	u32 len;
} __attribute__((preserve_access_index));
KFUNC void *bpf_rdonly_cast(void *obj, u32 type);
/* A signed load through a pointer of the kernel that nobody vouches for: it may fault. */
TC entry(skb_t *skb)
{
	u32 mark = skb->mark;
	u8 *kernel = bpf_rdonly_cast(skb, __builtin_btf_type_id(*(struct sk_buff *)0, 1));
	long x;

	kernel += __builtin_preserve_field_info(((struct sk_buff *)0)->len, 0); /* its offset */
	asm volatile("r1 = %1\n" RAW(0x81, 0x10, 0, 0) "%0 = r0"
	             : "=r"(x)
	             : "r"(kernel)
	             : "r0", "r1");
	return x > 0x7fffffff ? REDIRECT : mark ? SHOT : OK;
}

LICENSE("GPL");
