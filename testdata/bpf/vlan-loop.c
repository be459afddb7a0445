/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 off = 12;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 3; i++) {
		u16 proto = 0;
		if (skb_load_bytes(skb, off, &proto, 2) < 0)
			return SHOT;
		if (proto != 0x81)
			return proto == 8 ? REDIRECT : OK;
		off += 4;
	}
	return SHOT;
}

LICENSE("Apache-2.0");
