/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

const volatile int want = 1;

TC entry(skb_t *skb)
{
	return want ? SHOT : OK;
}

LICENSE("Apache-2.0");
