/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	char b[4];
	long r = skb_load_bytes(skb, 60, b, sizeof(b));
	return r == 0 ? OK : r == -14 ? SHOT : REDIRECT;
}

LICENSE("Apache-2.0");
