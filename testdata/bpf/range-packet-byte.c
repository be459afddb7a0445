/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	int b = byte_at(skb, 20);
	return b > 255 ? REDIRECT : b < -1 ? TRAP : b < 0 ? SHOT : OK;
}

LICENSE("Apache-2.0");
