/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

static long body(u32 i, void *ctx)
{
	return i > 3;
}

TC entry(skb_t *skb)
{
	long n = loop(8, body, NULL, 0);
	return n < 0 ? SHOT : OK;
}

LICENSE("Apache-2.0");
