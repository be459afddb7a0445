/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

struct state {
	int code, seed;
};

static long body(u32 i, void *ctx)
{
	struct state *st = ctx;
	if (st->seed & (1 << i)) {
		st->code = SHOT;
		return 1;
	}
	return 0;
}

TC entry(skb_t *skb)
{
	struct state st = {.code = OK, .seed = skb->mark};
	loop(4, body, &st, 0);
	return st.code;
}

LICENSE("Apache-2.0");
