/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

MAP(table, HASH, 0, u32, u32, 4);

TC entry(skb_t *skb)
{
	void *p = &table;
	HIDE(p);
	return p ? OK : SHOT; /* a pointer to a map is never zero */
}

LICENSE("Apache-2.0");
