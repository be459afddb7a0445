/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	int error = 0, code = -22;
	if (COIN(skb, 0)) {
		code = REDIRECT;
		HIDE(code);
	} else {
		error = 1;
		HIDE(error);
	}
	if (error)
		return COIN(skb, 1) ? SHOT : OK;
	return code;
}

LICENSE("Apache-2.0");
