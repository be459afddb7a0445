/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a set of numbers must not be called exact although nothing was merged: a test of a number
 * that was computed from an unknown one says nothing about the unknown one itself. If that is
 * tested elsewhere, or returned, the two depend on each other in a way that states do not hold.
 */
#include "analyzer/engine.h"

#include <string.h>

/** Buckets for origins, a power of two; two origins in one bucket only cost exactness. */
#define LEAST_BUCKETS 64u
#define MOST_BUCKETS  4096u

/** What was seen of the unknown numbers of a bucket. */
struct doubt {
	uint32_t site; /**< Where one was tested or returned, as ORIGIN(); 0: nowhere yet. */
	bool several;  /**< At another place as well. */
	bool computed; /**< And once by a number computed from it. */
};

bool doubt_init(struct engine *e, uint64_t n_insns)
{
	if (e->doubts == NULL) {
		e->n_doubts = LEAST_BUCKETS;
		while (e->n_doubts < MOST_BUCKETS && e->n_doubts < 4 * n_insns) {
			e->n_doubts *= 2;
		}
		e->doubts = arena_alloc(&e->keep, e->n_doubts * sizeof(*e->doubts));
	}
	if (e->doubts != NULL) {
		memset(e->doubts, 0, e->n_doubts * sizeof(*e->doubts));
	}
	return e->doubts != NULL;
}

static bool has_loops(struct unit *u)
{
	for (uint32_t i = 0; i < u->cfg.n && !u->loops_known; i++) {
		u->loops = u->loops || u->cfg.blocks[i].loop_head;
	}
	u->loops_known = true;
	return u->loops;
}

static void note(const struct place *at)
{
	engine_note(at, VERDICT_CAUSE_VALUE, "conditions that may depend on each other");
}

/** @param again the place may be come to with the same number more than once. */
static void look(const struct place *at, const struct slot *slot, bool again)
{
	uint32_t number = slot->origin & ~ORIGIN_COMPUTED;
	bool computed = (slot->origin & ORIGIN_COMPUTED) != 0;
	uint32_t here = ORIGIN(at->u->idx, at->pc);

	/* Without an origin it is a choice of constants: the choice was made by a jump. */
	if (slot->v->v.kind != VAL_NUM || slot->v->v.n == 1 || number == 0) {
		return;
	}
	struct doubt *d = &at->e->doubts[(number * 2654435761u >> 8) % at->e->n_doubts];

	d->several = d->several || (d->site != 0 && d->site != here) || (computed && again);
	d->computed = d->computed || computed;
	d->site = here;
	if (d->several && d->computed) {
		note(at);
	}
}

void doubt_test(const struct place *at, const struct slot *slot, bool inside)
{
	if (at->e->cause == VERDICT_CAUSE_NONE) {
		look(at, slot, inside || has_loops(at->u));
	}
}

void doubt_result(const struct place *at, const struct slot *slot)
{
	if (at->e->cause == VERDICT_CAUSE_NONE) {
		look(at, slot, false);
	}
}
