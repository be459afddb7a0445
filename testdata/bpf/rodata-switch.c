/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	switch (skb->mark) {
	case 0:
		return REDIRECT;
	case 1:
		return SHOT;
	case 2:
		return UNSPEC;
	case 3:
		return REDIRECT;
	case 4:
		return SHOT;
	case 5:
		return UNSPEC;
	default:
		return OK;
	}
}

LICENSE("Apache-2.0");
