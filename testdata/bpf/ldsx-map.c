/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

MAP(rnd_bytes, ARRAY, 0, u32, u64, 2);

TC entry(skb_t *skb)
{
	u32 key = 0;
	void *v = map_lookup_elem(&rnd_bytes, &key);
	long x;
	if (!v)
		return TRAP;
	asm volatile("r1 = %1\n" RAW(0x91, 0x10, 0, 0) "%0 = r0" : "=r"(x) : "r"(v) : "r0", "r1");
	return x > 127 || x < -128 ? REDIRECT : x < 0 ? SHOT : OK;
}

LICENSE("Apache-2.0");
