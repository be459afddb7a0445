/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	volatile int code = OK;
	char bytes[2] = {0};
	if (skb_load_bytes(skb, 2, bytes, sizeof(bytes)) == 0 && bytes[0] == 2)
		code = SHOT;
	return code;
}

LICENSE("Apache-2.0");
