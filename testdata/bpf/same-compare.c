/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	int code = TRAP;
	if (data + 34 > end)
		return OK;
	code = *(u8 *)data ? SHOT : REDIRECT;
	HIDE(data);
	HIDE(code);
	if (data + 34 > end)
		return OK;
	return code;
}

LICENSE("Apache-2.0");
