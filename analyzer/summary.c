/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What functions leave behind, by the state in which they begin.
 *
 * A tail call inside a function ends that function only, and its target may call the function
 * again. The one that is met while it runs gives what is known of its result so far, at first
 * nothing; when it has been run and a result grew that was used, it is run again, and with it all
 * whose results came from such a use (those in engine.open). That ends where nothing grows any
 * more: then every result holds all that it can be.
 */
#include "analyzer/summary.h"

/** Entry states of a function for which it is judged alone, when a pass is late. */
#define CALLS_APART 4u

/** Entry states of a function inside each other for which it is judged alone. */
#define NEST_APART 3u

/** Runs of a function for one entry state until its results are widened, forgotten, given up. */
#define RUNS_WIDEN  4u
#define RUNS_FORGET 16u
#define RUNS_MOST   32u

static const char *const leads_back = "function that leads back to itself";

/**
 * Registers of the caller that are linked to nothing stay behind: the function cannot reach them,
 * and one analysis of it serves callers that differ in them.
 */
static void leave_saved(struct entry *entry, struct state *st)
{
	uint32_t n = 0;

	entry->saved = 0;
	for (uint32_t i = 0; i < st->n_cells; i++) {
		const struct cell *c = &st->cells[i];
		bool saved = st->depth > 0 && c->space == SPACE_FRAME(st->depth - 1u) &&
		             c->off >= SAVED_OFF(FIRST_SAVED) && c->off <= SAVED_OFF(LAST_SAVED);

		if (saved && c->slot.sym == 0 && c->slot.sym32 == 0) {
			continue;
		}
		if (saved) {
			entry->saved |= (uint16_t)(1u << (c->off / 8));
		}
		st->cells[n++] = *c;
	}
	st->n_cells = (uint16_t)n;
}

static struct summary *find_summary(struct engine *e, const struct entry *entry,
                                    const struct state *st)
{
	struct summary *s = e->summaries[st->hash % SUMMARY_BUCKETS];

	for (; s; s = s->next) {
		if (s->unit == entry->u->idx && s->block == entry->block &&
		    state_same(s->entry, st)) {
			return s;
		}
	}
	return NULL;
}

static struct summary **newest_of(struct engine *e, const struct entry *entry)
{
	uint32_t hash = (entry->u->idx * 31 + entry->block) * UINT32_C(0x9E3779B1);

	return &e->newest[(hash >> 16) % SUMMARY_BUCKETS];
}

/**
 * When a pass is late: a known result for an entry state that covers this one; or, after a few, the
 * state joined with the latest one, so that it covers more of those to come.
 *
 * @param st becomes the join.
 */
static struct summary *find_cover(const struct place *at, const struct entry *entry,
                                  struct state *st)
{
	struct engine *e = at->e;
	const struct summary *latest = NULL;
	uint32_t n = 0;

	for (struct summary *s = *newest_of(e, entry); s && n < CALLS_APART; s = s->older) {
		if (s->unit != entry->u->idx || s->block != entry->block) {
			continue;
		}
		if (state_leq(&e->pool, st, s->entry)) {
			e->merged = true;
			engine_note(at, VERDICT_CAUSE_MERGED, "calls that were judged together");
			return s;
		}
		latest = latest ? latest : s;
		n += s->entry->depth == st->depth;
	}
	struct state *joined =
		n == CALLS_APART && latest->entry->depth == st->depth ? engine_borrow(e) : NULL;

	if (joined) {
		(void)state_join(&e->pool, latest->entry, st, JOIN_WIDEN_FAR, joined);
		state_copy(st, joined);
		st->trace = 0;
		engine_return(e, joined);
		e->merged = true;
		engine_note(at, VERDICT_CAUSE_MERGED, "calls that were judged together");
	}
	return NULL;
}

/** Keep an entry state, to be given its result. NULL: stopped at the limit of memory. */
static struct summary *new_summary(struct engine *e, const struct entry *entry,
                                   const struct state *st)
{
	struct summary *s = arena_alloc(&e->keep, sizeof(*s));

	if (s) {
		*s = (struct summary){
			.unit = entry->u->idx, .block = entry->block, .needs = NEEDS_NOTHING};
		s->entry = state_save(st, &e->keep);
	}
	if (!s || !s->entry) {
		engine_limit(e, "memory for results of functions");
		return NULL;
	}
	return s;
}

/* --- functions that lead back to themselves ----------------------------------------------------
 */

/** The result of a function is used as it is now. */
static struct summary *use(struct engine *e, struct summary *s)
{
	uint32_t needs = s->active ? s->nest : s->needs;

	s->used = s->used || s->active;
	e->needs = needs < e->needs ? needs : e->needs;
	return s;
}

/**
 * A function that comes back to itself in ever other states: join them, so that this ends.
 *
 * @param st becomes the join.
 * @return the one that runs and covers the state, or NULL.
 */
static struct summary *find_outer(const struct place *at, const struct entry *entry,
                                  struct state *st)
{
	struct engine *e = at->e;
	struct summary *latest = NULL;
	uint32_t n = 0;

	for (struct summary *s = e->running; s; s = s->outer) {
		if (s->unit == entry->u->idx && s->block == entry->block &&
		    s->entry->depth == st->depth) {
			latest = latest ? latest : s;
			n++;
		}
	}
	struct state *joined = n >= NEST_APART ? engine_borrow(e) : NULL;

	if (!joined) {
		return NULL;
	}
	bool covered = state_leq(&e->pool, st, latest->entry);

	if (!covered) {
		(void)state_join(&e->pool, latest->entry, st, JOIN_WIDEN_FAR, joined);
		state_copy(st, joined);
		st->trace = 0;
	}
	engine_return(e, joined);
	e->merged = true;
	engine_note(at, VERDICT_CAUSE_MERGED, leads_back);
	return covered ? latest : NULL;
}

/** All that a function can leave: any result, and nothing known of memory that it can reach. */
static void leave_anything(struct engine *e, const struct summary *s, struct state *st)
{
	state_copy(st, s->entry);
	for (uint32_t i = 0; i < INSN_REGS; i++) {
		if (i != INSN_FRAME) {
			state_set(st, i, e->pool.any, 0);
		}
	}
	state_drop_frames(st, st->depth);
	state_forget_stack(st);
	state_forget_ctx(st, true);
	state_forget_elems(st, SPACE_ELEMS);
	st->trace = s->n_exits > 0 ? s->exits[0]->trace : 0;
	state_clean(st, &e->pool, NULL);
}

/** Put all that a function leaves into one state, so wide that this cannot happen often. */
static void widen_exits(const struct place *at, struct summary *s, struct state *const *was,
                        uint32_t n_was)
{
	struct engine *e = at->e;
	struct state *sum = engine_borrow(e);
	struct state *next = engine_borrow(e);

	if (!sum || !next) {
		return;
	}
	if (s->runs > RUNS_FORGET) {
		leave_anything(e, s, sum);
	} else {
		state_copy(sum, n_was > 0 ? was[0] : s->exits[0]);
	}
	for (uint32_t i = 0; i < s->n_exits && s->runs <= RUNS_FORGET; i++) {
		if (!state_leq(&e->pool, s->exits[i], sum)) {
			(void)state_join(&e->pool, sum, s->exits[i], JOIN_WIDEN_FAR, next);
			next->trace = sum->trace;
			state_copy(sum, next);
		}
	}
	s->exits[0] = state_save(sum, &e->keep);
	s->n_exits = 1;
	engine_return(e, next);
	engine_return(e, sum);
	e->merged = true;
	engine_note(at, VERDICT_CAUSE_MERGED, leads_back);
	if (!s->exits[0]) {
		engine_limit(e, "memory for results of functions");
	}
}

static bool has_grown(struct engine *e, const struct summary *s, struct state *const *was,
                      uint32_t n_was)
{
	for (uint32_t i = 0; i < s->n_exits; i++) {
		uint32_t k = 0;

		while (k < n_was && !state_leq(&e->pool, s->exits[i], was[k])) {
			k++;
		}
		if (k == n_was) {
			return true;
		}
	}
	return false;
}

/** Run a function once more; say in engine.grew when others must be run again for that. */
static void run_once(const struct place *at, struct summary *s)
{
	struct engine *e = at->e;
	struct state *st = engine_borrow(e);
	struct state **was = s->exits;
	uint32_t n_was = s->n_exits;

	if (!st) {
		return;
	}
	state_copy(st, s->entry);
	s->runs++;
	engine_run(e, e->units[s->unit], s->block, st, &s->exits, &s->n_exits);
	engine_return(e, st);
	if (e->stop || !(s->used || s->runs > 1)) {
		return; /* nobody has seen what it was before */
	}
	if (has_grown(e, s, was, n_was)) {
		e->grew = true;
		if (s->runs > RUNS_MOST) {
			engine_stop(at, VERDICT_CAUSE_LIMIT, leads_back);
		} else if (s->runs > RUNS_WIDEN) {
			widen_exits(at, s, was, n_was);
		}
	}
}

/**
 * Nothing outside is needed: what was run in the last round has its final result. What was not is
 * needed no more, and what it has may be too little.
 *
 * @param first in engine.open: the first one that was run inside.
 * @param round the last one.
 */
static void settle(struct engine *e, struct summary *s, uint32_t first, uint32_t round)
{
	s->needs = NEEDS_NOTHING;
	for (uint32_t i = first; i < e->n_open; i++) {
		e->open[i]->needs = NEEDS_NOTHING;
		e->open[i]->stale = e->open[i]->round < round;
	}
	e->n_open = first;
}

/** All of it needs one further outside. */
static void leave_open(struct engine *e, struct summary *s, uint32_t first, uint32_t needs)
{
	bool fresh = s->needs == NEEDS_NOTHING;

	s->needs = needs;
	for (uint32_t i = first; i < e->n_open; i++) {
		e->open[i]->needs = needs < e->open[i]->needs ? needs : e->open[i]->needs;
	}
	if (fresh) {
		if (arena_reserve(&e->keep, (void **)&e->open, e->n_open, &e->cap_open,
		                  sizeof(struct summary *)) < 0) {
			engine_limit(e, "memory for results of functions");
			return;
		}
		e->open[e->n_open++] = s;
	}
}

/** Run a function until what it leaves does not grow, or leave that to one outside. */
static struct summary *run_summary(const struct place *at, struct summary *s)
{
	struct engine *e = at->e;
	uint32_t outside = e->needs;
	uint32_t needs = s->needs;
	uint32_t first = e->n_open;
	bool grew_before = e->grew;
	uint32_t round = 0;
	bool grew = false;

	s->active = true;
	s->stale = false;
	s->used = false;
	s->outer = e->running;
	s->nest = e->running ? e->running->nest + 1 : 0;
	e->running = s;
	do {
		e->needs = NEEDS_NOTHING;
		e->grew = false;
		round = e->round;
		run_once(at, s);
		needs = e->needs < needs ? e->needs : needs;
		grew = grew || e->grew;
		e->round += needs == s->nest && e->grew;
	} while (!e->stop && needs == s->nest && e->grew);
	s->active = false;
	s->round = e->round;
	e->running = s->outer;
	if (needs >= s->nest) { /* it needs nothing but itself */
		needs = NEEDS_NOTHING;
		grew = false;
		settle(e, s, first, round);
	} else {
		leave_open(e, s, first, needs);
	}
	e->needs = needs < outside ? needs : outside;
	e->grew = grew_before || grew;
	return e->stop ? NULL : s;
}

/** A result that is known is used as it is, unless it came from one that may have grown since. */
static struct summary *use_or_run(const struct place *at, struct summary *s)
{
	struct engine *e = at->e;

	if (s->active || (s->needs == NEEDS_NOTHING ? !s->stale : s->round == e->round)) {
		return use(e, s);
	}
	return run_summary(at, s) ? use(e, s) : NULL;
}

static struct summary *find_known(const struct place *at, const struct entry *entry,
                                  struct state *st)
{
	struct engine *e = at->e;
	struct summary *s = find_summary(e, entry, st);

	if (!s) {
		s = find_outer(at, entry, st);
		s = s ? s : find_summary(e, entry, st);
	}
	if (!s && engine_is_late(e)) {
		s = find_cover(at, entry, st);
		s = s ? s : find_summary(e, entry, st);
	}
	return s;
}

struct summary *summarize(const struct place *at, struct entry *entry, struct state *st)
{
	struct engine *e = at->e;
	const struct block *block = &entry->u->cfg.blocks[entry->block];

	st->trace = 0;
	state_clean(st, &e->pool, &block->in);
	if (!entry->stripped) {
		leave_saved(entry, st);
		state_clean(st, &e->pool, NULL);
	}
	struct summary *s = find_known(at, entry, st);

	if (s) {
		return use_or_run(at, s);
	}
	if (e->depth >= ENGINE_NEST || st->depth >= STATE_FRAMES) {
		engine_stop(at, VERDICT_CAUSE_LIMIT, "calls nested too deeply");
		return NULL;
	}
	s = e->stop ? NULL : new_summary(e, entry, st);
	if (!s) {
		return NULL;
	}
	struct summary **newest = newest_of(e, entry);
	uint32_t bucket = st->hash % SUMMARY_BUCKETS;

	s->next = e->summaries[bucket];
	e->summaries[bucket] = s;
	s->older = *newest;
	*newest = s;
	return run_summary(at, s);
}
