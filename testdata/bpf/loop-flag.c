/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	int code = OK;
#pragma clang loop unroll(disable)
	for (u32 i = 0; i < 20; i++) {
		HIDE(i);
		if (i >= 20)
			break;
		if (byte_at(skb, i) == 7)
			code = SHOT;
	}
	return code;
}

LICENSE("Apache-2.0");
