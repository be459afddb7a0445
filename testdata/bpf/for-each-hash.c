/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

MAP(rnd_flows, HASH, 0, u32, u32, 4);

static long visit(void *map, const void *key, void *value, void *ctx)
{
	*(int *)ctx = REDIRECT;
	return 0;
}

TC entry(skb_t *skb)
{
	int code = OK;
	for_each_map_elem(&rnd_flows, visit, &code, 0);
	return code;
}

LICENSE("Apache-2.0");
