/* SPDX-License-Identifier: Apache-2.0 */
/*
 * States through blocks until nothing changes: several states per point, in reverse post-order.
 */
#include "analyzer/run.h"

#include <errno.h>
#include <string.h>

/* --- paths -------------------------------------------------------------------------------------
 */

void engine_trace(struct engine *e, struct state *st, uint8_t kind, const struct place *at,
                  uint32_t inner)
{
	uint64_t length = 0;

	if (arena_reserve(&e->keep, (void **)&e->traces, e->n_traces, &e->cap_traces,
	                  sizeof(*e->traces)) < 0) {
		engine_limit(e, "memory for paths");
		return;
	}
	length = (uint64_t)e->traces[st->trace].length + (kind != TRACE_SPLICE) +
	         (inner ? e->traces[inner].length : 0);
	e->traces[e->n_traces] = (struct trace){
		.parent = st->trace,
		.pc = at->pc,
		.unit = (uint16_t)at->u->idx,
		.kind = kind,
		.inner = inner,
		.length = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX,
	};
	st->trace = e->n_traces++;
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

/* --- arriving ----------------------------------------------------------------------------------
 */

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
		node = node_new(r, st);
	} else {
		struct point *p = point_of(r, u, block);

		state_clean(st, &e->pool, &b->in);
		node = p ? point_add(r, p, st, &at) : NULL;
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
	engine_trace(r->e, st, VERDICT_STEP_EXIT, at, 0);
	run_leave(r, at, st);
}

void run_leave(struct run *r, const struct place *at, struct state *st)
{
	struct engine *e = r->e;
	struct slot result = st->regs[0];

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
	(void)point_add(r, &r->exits, st, at);
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
		struct state *st = e->depth < ENGINE_NEST ? engine_borrow(e) : NULL;

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
	bool taken = step_branch(at, true, r->side);
	bool falls = step_branch(at, false, st);

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
		node_release(r->e, what->node);
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
	for (uint32_t i = 0; ret_exits && i < *ret_n; i++) {
		struct place at = {.e = e, .u = u, .pc = u->cfg.blocks[block].first};

		state_copy(r.work, (*ret_exits)[i]);
		(void)point_add(&r, &r.exits, r.work, &at);
	}
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
