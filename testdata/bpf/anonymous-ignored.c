/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	int code = COIN(skb, 0) ? SHOT : OK;
	HIDE(code);
	ktime_get_ns();
	return code;
}

LICENSE("Apache-2.0");
