/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	char b[4];
	long r = skb_load_bytes_relative(skb, 60, b, sizeof(b), 0);
	return r > 0 ? REDIRECT : r ? SHOT : OK;
}

LICENSE("Apache-2.0");
