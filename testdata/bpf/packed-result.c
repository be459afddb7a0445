/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

STATIC u64 judge(u32 x)
{
	u64 line = x;
	if (x & 1)
		return SHOT | line << 8;
	return (x & 2 ? REDIRECT : OK) | line << 8;
}

TC entry(skb_t *skb)
{
	return judge(skb->mark) & 0xff;
}

LICENSE("Apache-2.0");
