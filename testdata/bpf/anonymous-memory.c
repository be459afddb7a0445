/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	int code = SHOT;
	skb_load_bytes(skb, 0, &code, 4);
	return code;
}

LICENSE("Apache-2.0");
