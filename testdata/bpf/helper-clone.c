/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	long r = clone_redirect(skb, 0x7ffffff, 0);
	return r < 0 ? SHOT : r > 0 ? PIPE : OK;
}

LICENSE("Apache-2.0");
