/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

GLOBAL int set(u32 x, int *code)
{
	if (!code)
		return 0;
	*code = x & 1 ? SHOT : OK;
	return 1;
}

TC entry(skb_t *skb)
{
	int code = REDIRECT;
	set(skb->mark, &code);
	return code;
}

LICENSE("Apache-2.0");
