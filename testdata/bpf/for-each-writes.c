/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

MAP(rnd_table, ARRAY, 0, u32, u32, 4);

static long visit(void *map, const void *key, void *value, void *ctx)
{
	if (*(u32 *)value == 2) {
		*(int *)ctx = SHOT;
		return 1;
	}
	return 0;
}

TC entry(skb_t *skb)
{
	int code = OK;
	for_each_map_elem(&rnd_table, visit, &code, 0);
	return code;
}

LICENSE("Apache-2.0");
