/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

STATIC void set(int *code)
{
	*code = SHOT;
}

TC entry(skb_t *skb)
{
	int code = OK;
	set(&code);
	return code;
}

LICENSE("Apache-2.0");
