/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

const volatile s8 code = UNSPEC;

TC entry(skb_t *skb)
{
	return code;
}

LICENSE("Apache-2.0");
