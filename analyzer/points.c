/* SPDX-License-Identifier: Apache-2.0 */
/*
 * States at one point: which of them cover others, which are joined, and when bounds jump.
 */
#include "analyzer/run.h"

/** Arrivals at one point after which bounds jump instead of creeping. */
#define WIDEN_AFTER      400u
#define WIDEN_AFTER_LOOP 24u /* at the head of a loop */
#define WIDEN_AFTER_ONE  6u  /* with one state per point each arrival is a join */
#define WIDEN_IN_HASTE   3u  /* when loops have taken more than their share */

/** Sizes of saved states are rounded up, so that their memory serves others. */
static uint32_t size_class(const struct state *st)
{
	return (st->n_cells + 7u) / 8;
}

static struct state *save_state(struct engine *e, const struct state *st)
{
	uint32_t class = size_class(st);
	struct free_state *unused = e->unused[class];
	struct state *copy = NULL;

	if (unused) {
		e->unused[class] = unused->next;
		copy = (struct state *)(void *)unused;
	} else {
		copy = arena_alloc(&e->states, state_bytes(class * 8));
	}
	if (copy) {
		state_copy(copy, st);
	}
	return copy;
}

void node_release(struct engine *e, struct node *node)
{
	uint32_t class = size_class(node->st);
	struct free_state *unused = (struct free_state *)(void *)node->st;

	unused->next = e->unused[class];
	e->unused[class] = unused;
	node->st = NULL;
}

struct node *node_new(struct run *r, const struct state *st)
{
	struct engine *e = r->e;
	struct node *node = arena_alloc(&e->states, sizeof(*node));

	if (node) {
		node->st = save_state(e, st);
	}
	if (!node || !node->st) {
		engine_limit(e, "memory for states");
		return NULL;
	}
	e->n_saved++;
	return node;
}

/** Nothing looks at a dead node's state any more. */
static void unlink_node(struct engine *e, struct point *p, struct node *node)
{
	struct node **at = &p->first;

	while (*at != node) {
		at = &(*at)->next;
	}
	*at = node->next;
	node->dead = true;
	p->n--;
	node_release(e, node);
}

/** Does a join of these two lose nothing: the same but for one set of numbers? */
static bool one_apart(const struct state *a, const struct state *b)
{
	uint32_t n = 0;

	if (a->depth != b->depth || a->n_cells != b->n_cells || a->n_facts != b->n_facts) {
		return false;
	}
	for (uint32_t i = 0; i < INSN_REGS; i++) {
		if (a->regs[i].v != b->regs[i].v &&
		    (++n > 1 || a->regs[i].v->v.n == 0 || b->regs[i].v->v.n == 0)) {
			return false;
		}
	}
	for (uint32_t i = 0; i < a->n_cells; i++) {
		const struct cell *c = &a->cells[i];
		const struct cell *d = &b->cells[i];

		if (c->space != d->space || c->off != d->off || c->size != d->size ||
		    (c->slot.v != d->slot.v &&
		     (++n > 1 || c->slot.v->v.n == 0 || d->slot.v->v.n == 0))) {
			return false;
		}
	}
	return true;
}

static struct node *keep_node(struct point *p, struct node *node)
{
	node->kept = true;
	node->next = p->first;
	p->first = node;
	p->n++;
	return node;
}

/** Put a state into a point in the place of another one, with which it was joined. */
static struct node *replace(struct run *r, struct point *p, struct node *old,
                            const struct state *st)
{
	struct node *node = node_new(r, st);
	uint32_t trace = old->st->trace;

	unlink_node(r->e, p, old);
	if (node) {
		if (trace_length(r->e, trace) < trace_length(r->e, node->st->trace)) {
			node->st->trace = trace;
		}
		(void)keep_node(p, node);
	}
	return node;
}

/** A join that loses nothing keeps the number of states down. */
static struct node *join_free(struct run *r, struct point *p, const struct state *st)
{
	for (struct node *node = p->first; node; node = node->next) {
		if (!one_apart(node->st, st)) {
			continue;
		}
		struct join_loss loss =
			state_join(&r->e->pool, node->st, st, JOIN_PLAIN, r->joined);

		if (!loss.lost) {
			r->joined->trace = st->trace;
			return replace(r, p, node, r->joined);
		}
	}
	return NULL;
}

static bool is_loop_head(const struct run *r, const struct point *p, const struct place *at)
{
	return p != &r->exits && at->u->cfg.blocks[at->u->cfg.block_of[at->pc]].loop_head;
}

/** Going through loops number by number is a luxury of programs that have few of them. */
static bool is_late(const struct run *r, const struct point *p, const struct place *at)
{
	return engine_is_late(r->e) && p->arrivals > WIDEN_IN_HASTE && is_loop_head(r, p, at);
}

static enum join_kind join_kind(const struct run *r, const struct point *p, const struct place *at)
{
	uint32_t most = WIDEN_AFTER;

	if (is_late(r, p, at)) {
		return JOIN_WIDEN_FAR;
	}
	if (is_loop_head(r, p, at)) {
		most = r->e->most_states == 1 ? WIDEN_AFTER_ONE : WIDEN_AFTER_LOOP;
	}
	return p->arrivals > most ? JOIN_WIDEN : JOIN_PLAIN;
}

/** The point is full: join with the state that is most alike. */
static struct node *join_nearest(struct run *r, struct point *p, const struct state *st,
                                 const struct place *at)
{
	static const struct live at_exit = {.regs = 1};
	struct engine *e = r->e;
	uint32_t block = at->u->cfg.block_of[at->pc];
	const struct live *result = p == &r->exits ? &at_exit : &at->u->cfg.blocks[block].result;
	struct node *best = p->first;
	uint32_t least = UINT32_MAX;
	enum join_kind kind = join_kind(r, p, at);

	for (struct node *node = p->first; node; node = node->next) {
		uint32_t distance = state_distance(node->st, st, result);

		if (distance < least) {
			least = distance;
			best = node;
		}
	}
	if (!best) {
		return NULL; /* cannot be: a full point has states */
	}
	struct join_loss loss = state_join(&e->pool, best->st, st, kind, r->joined);

	if (loss.lost || kind != JOIN_PLAIN) {
		e->merged = true;
		engine_note(at, VERDICT_CAUSE_MERGED,
		            kind != JOIN_PLAIN ? "loop whose values were widened"
		                               : "paths that were joined with loss");
	}
	r->joined->trace = st->trace;
	return replace(r, p, best, r->joined);
}

/** The state at a point that covers one; equal ones are found by their hashes. */
static struct node *find_covering(struct run *r, const struct point *p, const struct state *st)
{
	struct node *node = p->first;

	while (node && !state_same(st, node->st)) {
		node = node->next;
	}
	if (!node) {
		node = p->first;
		while (node && !state_leq(&r->e->pool, st, node->st)) {
			node = node->next;
		}
	}
	return node;
}

static void unlink_covered(struct run *r, struct point *p, const struct state *st)
{
	struct node *next = NULL;

	for (struct node *node = p->first; node; node = next) {
		next = node->next;
		if (state_leq(&r->e->pool, node->st, st)) {
			unlink_node(r->e, p, node);
		}
	}
}

struct node *point_add(struct run *r, struct point *p, struct state *st, const struct place *at)
{
	struct engine *e = r->e;
	struct node *node = find_covering(r, p, st);

	if (node) {
		if (!node->done && trace_length(e, st->trace) < trace_length(e, node->st->trace)) {
			node->st->trace = st->trace;
		}
		return NULL;
	}
	unlink_covered(r, p, st);
	p->arrivals++;
	bool late = p->n > 0 && is_late(r, p, at);

	node = late ? NULL : join_free(r, p, st);
	if (node || e->stop) {
		return node;
	}
	if (late || p->n >= e->most_states) {
		return join_nearest(r, p, st, at);
	}
	node = node_new(r, st);
	return node ? keep_node(p, node) : NULL;
}
