/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

MAP(table, ARRAY, 0, u32, u32, 4);

static long visit(void *map, const void *key, void *value, void *ctx)
{
	return 0;
}

TC entry(skb_t *skb)
{
	for_each_map_elem(&table, visit, NULL, 0);
	return OK;
}

LICENSE("Apache-2.0");
