/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

struct run {
	skb_t *skb;
	struct scratch *s;
	u64 noise;
};

/* The pointer lies on the stack of the caller, helpers are called in between. */
STATIC int judge(struct run *run)
{
	u8 first = 0;

	if (skb_load_bytes(run->skb, 0, &first, 1) < 0) {
		run->s->code = SHOT;
		return 1;
	}
	run->s->code = first & 1 ? UNSPEC : OK;
	return 0;
}

TC entry(skb_t *skb)
{
	struct run run = {.skb = skb, .s = scratch_at(0)};

	if (!run.s) {
		return TRAP;
	}
	run.s->code = TRAP;
	run.noise = ktime_get_ns();
	if (judge(&run) && (run.noise & 1)) {
		return STOLEN;
	}
	return run.s->code;
}

LICENSE("GPL");
