/* SPDX-License-Identifier: Apache-2.0 */
/*
 * States through blocks until nothing changes: several states per point, in reverse post-order.
 */
#include "analyzer/engine.h"

#include <errno.h>
#include <string.h>

/** Arrivals at one point after which bounds jump instead of creeping. */
#define WIDEN_AFTER      400u
#define WIDEN_AFTER_LOOP 24u /* at the head of a loop */
#define WIDEN_AFTER_ONE  6u  /* with one state per point each arrival is a join */
#define WIDEN_IN_HASTE   3u  /* when loops have taken more than their share */

/** A state at a point. */
struct node {
	struct node *next;
	struct state *st;
	bool done; /**< Its block has been executed with it. */
	bool dead; /**< Another one covers it. */
	bool kept; /**< It belongs to a point. */
};

/** Beginning of a block at which paths meet. */
struct point {
	struct node *first;
	uint32_t n;
	uint32_t arrivals;
};

struct pending {
	uint64_t key; /**< Order of program and block. */
	uint32_t block;
	struct unit *u;
	struct node *node;
};

/** One fixpoint: of the whole program, or of one call of a function. */
struct run {
	struct engine *e;
	bool whole;
	struct point **points; /**< By unit, then by block. */
	struct point exits;
	struct pending *heap;
	uint32_t n_heap, cap_heap;
	struct state *work, *side, *joined;
};

/* --- paths -------------------------------------------------------------------------------------
 */

void engine_trace(struct engine *e, struct state *st, enum verdict_step_kind kind,
                  const struct place *at, uint32_t inner)
{
	if (arena_reserve(&e->keep, (void **)&e->traces, e->n_traces, &e->cap_traces,
	                  sizeof(*e->traces)) < 0) {
		engine_limit(e, "memory for paths");
		return;
	}
	e->traces[e->n_traces] = (struct trace){
		.parent = st->trace,
		.pc = at->pc,
		.unit = (uint16_t)at->u->idx,
		.kind = (uint8_t)kind,
		.inner = inner,
		.length = e->traces[st->trace].length + 1 + (inner ? e->traces[inner].length : 0),
	};
	st->trace = e->n_traces++;
}

static uint32_t trace_length(const struct engine *e, uint32_t trace)
{
	return trace ? e->traces[trace].length : 0;
}

/* --- the heap of what is to do -----------------------------------------------------------------
 */

static void sift_up(struct run *r, uint32_t i)
{
	while (i > 0 && r->heap[(i - 1) / 2].key > r->heap[i].key) {
		struct pending swap = r->heap[i];

		r->heap[i] = r->heap[(i - 1) / 2];
		r->heap[(i - 1) / 2] = swap;
		i = (i - 1) / 2;
	}
}

static void sift_down(struct run *r)
{
	uint32_t i = 0;

	for (;;) {
		uint32_t least = i;

		for (uint32_t child = 2 * i + 1; child <= 2 * i + 2 && child < r->n_heap; child++) {
			least = r->heap[child].key < r->heap[least].key ? child : least;
		}
		if (least == i) {
			return;
		}
		struct pending swap = r->heap[i];

		r->heap[i] = r->heap[least];
		r->heap[least] = swap;
		i = least;
	}
}

static void push(struct run *r, struct unit *u, uint32_t block, struct node *node)
{
	struct engine *e = r->e;

	if (arena_reserve(&e->states, (void **)&r->heap, r->n_heap, &r->cap_heap,
	                  sizeof(*r->heap)) < 0) {
		engine_limit(e, "memory for states");
		return;
	}
	r->heap[r->n_heap] = (struct pending){
		.key = (uint64_t)u->order << 32 | u->cfg.blocks[block].order,
		.block = block,
		.u = u,
		.node = node,
	};
	sift_up(r, r->n_heap++);
}

static struct pending pop(struct run *r)
{
	struct pending top = r->heap[0];

	r->heap[0] = r->heap[--r->n_heap];
	sift_down(r);
	return top;
}

/* --- states at points --------------------------------------------------------------------------
 */

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

static void give_back(struct engine *e, struct state *st)
{
	uint32_t class = size_class(st);
	struct free_state *unused = (struct free_state *)(void *)st;

	unused->next = e->unused[class];
	e->unused[class] = unused;
}

static struct node *new_node(struct run *r, const struct state *st)
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
	give_back(e, node->st);
	node->st = NULL;
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
	struct node *node = new_node(r, st);
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
		struct join_loss loss = state_join(&r->e->pool, node->st, st, JOIN_PLAIN, r->joined);

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

/**
 * Add a state to a point.
 *
 * @return the node to execute; NULL when a known one covers the state, or at a limit.
 */
static struct node *add_state(struct run *r, struct point *p, struct state *st,
                              const struct place *at)
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
	node = new_node(r, st);
	return node ? keep_node(p, node) : NULL;
}

static struct point *point_of(struct run *r, const struct unit *u, uint32_t block)
{
	struct engine *e = r->e;

	if (!r->points[u->idx]) {
		r->points[u->idx] =
			arena_alloc(&e->states, (size_t)u->cfg.n * sizeof(struct point));
	}
	if (!r->points[u->idx]) {
		engine_limit(e, "memory for states");
		return NULL;
	}
	return &r->points[u->idx][block];
}

static bool paths_meet(const struct block *block, uint32_t at)
{
	return block->n_preds > 1 || at == 0;
}

void run_arrive(struct run *r, struct unit *u, uint32_t block, struct state *st)
{
	struct engine *e = r->e;
	const struct block *b = &u->cfg.blocks[block];
	struct place at = {.e = e, .u = u, .pc = b->first};
	struct node *node = NULL;

	if (e->stop) {
		return;
	}
	if (!paths_meet(b, block)) {
		node = new_node(r, st);
	} else {
		struct point *p = point_of(r, u, block);

		state_clean(st, &e->pool, &b->in);
		node = p ? add_state(r, p, st, &at) : NULL;
	}
	if (node && !e->stop) {
		push(r, u, block, node);
	}
}

/* --- ways out ----------------------------------------------------------------------------------
 */

void engine_exit(const struct place *at, const struct slot *result, uint32_t trace)
{
	struct engine *e = at->e;
	uint32_t first = e->n_exits > 64 ? e->n_exits - 64 : 0;

	for (uint32_t i = first; i < e->n_exits; i++) {
		struct exit_point *x = &e->exits[i];

		if (x->v == result->v && x->unit == at->u->idx && x->pc == at->pc) {
			if (trace_length(e, trace) < trace_length(e, x->trace)) {
				x->trace = trace;
			}
			return;
		}
	}
	if (arena_reserve(&e->keep, (void **)&e->exits, e->n_exits, &e->cap_exits,
	                  sizeof(*e->exits)) < 0) {
		engine_limit(e, "memory for results");
		return;
	}
	e->exits[e->n_exits++] = (struct exit_point){.v = result->v,
	                                             .origin = result->origin,
	                                             .unit = at->u->idx,
	                                             .pc = at->pc,
	                                             .trace = trace};
}

void run_exit(struct run *r, const struct place *at, struct state *st)
{
	struct engine *e = r->e;
	struct slot result = st->regs[0];

	engine_trace(e, st, VERDICT_STEP_EXIT, at, 0);
	if (e->stop) {
		return;
	}
	if (r->whole) {
		doubt_result(at, &result);
		engine_exit(at, &result, st->trace);
		return;
	}
	/* what a function leaves: its result, and the memory that is not its own */
	for (uint32_t i = 1; i < INSN_REGS; i++) {
		if (i != INSN_FRAME) {
			state_set(st, i, e->pool.any, 0);
		}
	}
	state_drop_frames(st, st->depth);
	state_clean(st, &e->pool, NULL);
	(void)add_state(r, &r->exits, st, at);
}

void engine_handlers(const struct place *at, const struct state *thrown)
{
	struct engine *e = at->e;
	const struct cfg *cfg = &at->u->cfg;
	uint32_t n = 0;

	for (uint32_t b = 0; b < cfg->n; b++) {
		if (!cfg->blocks[b].orphan) {
			continue;
		}
		struct state *st = e->depth < STATE_FRAMES ? engine_borrow(e) : NULL;

		if (!st) {
			engine_limit(e, "exceptions nested too deeply");
			return;
		}
		state_clear(st, &e->pool, 0);
		st->regs[1] =
			(struct slot){.v = thrown->regs[1].v, .origin = thrown->regs[1].origin};
		st->trace = thrown->trace;
		engine_run(e, at->u, b, st, NULL, NULL);
		engine_return(e, st);
		n++;
	}
	if (n == 0) {
		engine_exit(at, &thrown->regs[1], thrown->trace);
	} else if (n > 1) {
		e->merged = true;
		engine_note(at, VERDICT_CAUSE_MERGED,
		            "exception with more than one possible handler");
	}
}

/* --- running -----------------------------------------------------------------------------------
 */

/** Both sides of a conditional jump. @return the block to go on with, or CFG_NONE. */
static uint32_t fork_paths(struct run *r, const struct place *at, const struct block *b,
                           struct state *st)
{
	struct engine *e = r->e;
	const struct insn *in = &at->u->code.insns[at->pc];

	if (b->jump == b->fall) {
		return b->fall; /* a branch to where it goes anyway */
	}
	const struct slot tested[] = {st->regs[in->dst], st->regs[in->has_imm ? in->dst : in->src]};

	state_copy(r->side, st);
	bool taken = step_branch(e, in, true, r->side);
	bool falls = step_branch(e, in, false, st);

	if (taken && falls) {
		doubt_test(at, &tested[0], !r->whole);
		doubt_test(at, &tested[1], !r->whole);
		engine_trace(e, r->side, VERDICT_STEP_TAKEN, at, 0);
		engine_trace(e, st, VERDICT_STEP_NOT_TAKEN, at, 0);
	}
	if (taken && !falls) {
		state_copy(st, r->side);
		return b->jump;
	}
	if (taken) {
		run_arrive(r, at->u, b->jump, r->side);
	}
	return falls ? b->fall : CFG_NONE;
}

/** Execute a block. @return the block to go on with, or CFG_NONE. */
static uint32_t run_block(struct run *r, struct unit *u, uint32_t block, struct state *st)
{
	struct engine *e = r->e;
	const struct block *b = &u->cfg.blocks[block];
	struct place at = {.e = e, .u = u, .pc = b->first};

	for (; at.pc <= b->last; at.pc += u->code.insns[at.pc].slots) {
		const struct insn *in = &u->code.insns[at.pc];

		if (++e->steps > (e->merged ? e->most_merged : e->most_steps)) {
			engine_limit(e, "steps of one analysis");
		}
		if (e->stop || e->pool.full) {
			return CFG_NONE;
		}
		if (insn_is_branch(in)) {
			return fork_paths(r, &at, b, st);
		}
		if (in->op == OP_JA) {
			return b->jump;
		}
		if (in->op == OP_EXIT) {
			run_exit(r, &at, st);
			return CFG_NONE;
		}
		if (in->op == OP_CALL_OWN) {
			(void)call_own(r, &at, st);
			return CFG_NONE;
		}
		if (!step(r, &at, st)) {
			return CFG_NONE;
		}
	}
	return b->fall;
}

static void run_from(struct run *r, const struct pending *what)
{
	uint32_t block = what->block;

	state_copy(r->work, what->node->st);
	if (!what->node->kept) {
		give_back(r->e, what->node->st);
		what->node->st = NULL;
	}
	for (;;) {
		block = run_block(r, what->u, block, r->work);
		if (block == CFG_NONE || r->e->stop) {
			return;
		}
		if (paths_meet(&what->u->cfg.blocks[block], block)) {
			run_arrive(r, what->u, block, r->work);
			return;
		}
	}
}

/** Save what a function leaves where it outlives the run. */
static void keep_exits(struct run *r, struct state ***ret_exits, uint32_t *ret_n)
{
	struct engine *e = r->e;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers */
	struct state **exits = arena_alloc(&e->keep, (r->exits.n + 1u) * sizeof(*exits));
	uint32_t n = 0;

	for (struct node *node = r->exits.first; node && exits; node = node->next) {
		exits[n] = state_save(node->st, &e->keep);
		if (!exits[n++]) {
			exits = NULL;
		}
	}
	if (!exits) {
		engine_limit(e, "memory for results of functions");
		return;
	}
	*ret_exits = exits;
	*ret_n = n;
}

void engine_run(struct engine *e, struct unit *u, uint32_t block, struct state *entry,
                struct state ***ret_exits, uint32_t *ret_n)
{
	struct arena_mark mark = arena_mark(&e->states);
	struct run r = {.e = e, .whole = ret_exits == NULL};
	struct free_state *unused[COUNT_OF(e->unused)];

	/* what is given back in here is gone at the end */
	memcpy(unused, e->unused, sizeof(unused));
	memset(e->unused, 0, sizeof(e->unused));
	r.work = engine_borrow(e);
	r.side = engine_borrow(e);
	r.joined = engine_borrow(e);
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers */
	r.points = arena_alloc(&e->states, (e->n_units + 1u) * sizeof(*r.points));
	if (!r.work || !r.side || !r.joined || !r.points) {
		engine_limit(e, "memory for states");
		return;
	}
	e->depth++;
	run_arrive(&r, u, block, entry);
	while (r.n_heap > 0 && !e->stop) {
		struct pending next = pop(&r);

		if (!next.node->dead) {
			next.node->done = true;
			run_from(&r, &next);
		}
		if (e->pool.full) {
			engine_limit(e, "memory for values");
		}
	}
	e->depth--;
	if (ret_exits && !e->stop) {
		keep_exits(&r, ret_exits, ret_n);
	}
	engine_return(e, r.joined);
	engine_return(e, r.side);
	engine_return(e, r.work);
	arena_release(&e->states, (void **)&r.heap, &r.cap_heap, sizeof(*r.heap));
	memcpy(e->unused, unused, sizeof(unused));
	arena_rewind(&e->states, mark);
}
