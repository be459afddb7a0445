/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls: of own functions, of the kernel's, of callbacks through the kernel's, and of programs.
 */
#include "analyzer/summary.h"

#include <string.h>

/** Calls of a callback until the caller's memory must be stable, and until bounds jump. */
#define CALLBACK_ROUNDS 64u
#define CALLBACK_WIDEN  6u

/**
 * Registers that a call leaves unusable. The kernel accepts no program that reads them, so they
 * are no pointers to the stack; unless one of the calls that the kernel put in itself, which keep
 * them, could not be told from others.
 */
static void forget_arguments(struct state *st, vref v)
{
	for (uint32_t i = 0; i <= 5; i++) {
		state_set(st, i, v, 0);
	}
	state_set(st, 11, v, 0);
}

/* --- own functions -----------------------------------------------------------------------------
 */

/** May the function reach memory of its callers? Only arguments that it reads count. */
static bool passes_frames(const struct entry *entry, const struct state *st)
{
	for (uint32_t i = 1; i <= 5; i++) {
		const struct value *v = &st->regs[i].v->v;

		if ((entry->u->cfg.blocks[entry->block].in.regs >> i & 1) &&
		    (v->kind == VAL_STACK || v->any)) {
			return true;
		}
	}
	return false;
}

/** Turn the caller's state into the one in which the function begins. */
static void enter(struct engine *e, struct entry *entry, struct state *st, uint16_t live_regs)
{
	uint32_t depth = st->depth;

	entry->stripped = !passes_frames(entry, st);
	for (uint32_t i = FIRST_SAVED; i <= LAST_SAVED; i++) {
		if (!entry->stripped && (live_regs >> i & 1)) {
			state_store(st, &e->pool, SPACE_FRAME(depth), SAVED_OFF(i), 8, st->regs[i]);
		}
		state_set(st, i, e->pool.top, 0);
	}
	state_set(st, 0, e->pool.top, 0);
	state_set(st, 11, e->pool.top, 0);
	if (entry->stripped) {
		state_drop_frames(st, 0);
		depth = 0;
	} else {
		depth++;
	}
	struct value frame = val_ptr(VAL_STACK, SPACE_FRAME(depth), 0);

	state_set(st, INSN_FRAME, pool_put(&e->pool, &frame), 0);
	st->depth = (uint16_t)depth;
}

/** A cell of the callee without links, which mean nothing to the caller. */
static void take_cell(struct state *st, struct pool *pool, const struct cell *c)
{
	struct slot slot = {.v = c->slot.v, .origin = c->slot.origin};

	state_store(st, pool, c->space, c->off, c->size, slot);
	for (uint32_t i = 0; i < st->n_cells; i++) {
		if (st->cells[i].space == c->space && st->cells[i].off == c->off) {
			st->cells[i].stored = c->stored;
		}
	}
}

/** The caller's state after the function has come back. @param st caller's, or a copy. */
static void leave(struct engine *e, const struct entry *entry, const struct state *caller,
                  const struct state *exit, struct state *st)
{
	struct slot result = exit->regs[0];

	if (entry->stripped) {
		state_copy(st, caller);
		result = (struct slot){.v = result.v, .origin = result.origin};
		state_forget_ctx(st, true);
		state_forget_elems(st, SPACE_ELEMS);
		for (uint32_t i = 0; i < exit->n_cells; i++) {
			if (exit->cells[i].space >= SPACE_CTX) {
				take_cell(st, &e->pool, &exit->cells[i]);
			}
		}
	} else {
		state_copy(st, exit);
		state_drop_frames(st, caller->depth + 1u);
		for (uint32_t i = FIRST_SAVED; i <= LAST_SAVED; i++) {
			if (entry->saved >> i & 1) {
				st->regs[i] = state_load(st, &e->pool, SPACE_FRAME(caller->depth),
				                         SAVED_OFF(i), 8, 0);
			} else {
				state_set(st, i, caller->regs[i].v, caller->regs[i].origin);
			}
		}
		state_forget(st, &e->pool, SPACE_FRAME(caller->depth), 0, INT32_MAX);
		/* its links are named otherwise here */
		state_set(st, INSN_FRAME, caller->regs[INSN_FRAME].v, 0);
		st->depth = caller->depth;
	}
	st->trace = caller->trace;
	forget_arguments(st, e->pool.top);
	st->regs[0] = result;
}

/** Find what a call to @p insn of this program runs. */
static bool find_entry(const struct place *at, uint32_t insn, struct entry *ret)
{
	uint32_t by = engine_replaced(at->u, insn);

	*ret = (struct entry){.u = at->u, .block = at->u->cfg.block_of[insn]};
	if (by != 0) {
		ret->u = engine_unit(at->e, by);
		ret->block = 0;
		if (!ret->u || !ret->u->usable) {
			engine_stop(at, VERDICT_CAUSE_REPLACED,
			            "function replaced by a program that is not readable");
			return false;
		}
	}
	return true;
}

bool call_own(struct run *r, const struct place *at, struct state *st)
{
	struct engine *e = at->e;
	const struct insn *in = &at->u->code.insns[at->pc];
	uint32_t b = at->u->cfg.block_of[at->pc + 1];
	uint16_t live = e->use_live ? at->u->cfg.blocks[b].in.regs : UINT16_MAX;
	struct entry entry;

	if (!find_entry(at, in->target, &entry)) {
		return false;
	}
	struct state *inner = engine_borrow(e);
	struct state *back = engine_borrow(e);

	if (!inner || !back) {
		return false;
	}
	engine_trace(e, st, VERDICT_STEP_CALL, at, 0);
	state_copy(inner, st);
	enter(e, &entry, inner, live);
	struct summary *s = summarize(at, &entry, inner);

	for (uint32_t i = 0; s && i < s->n_exits; i++) {
		leave(e, &entry, st, s->exits[i], back);
		engine_trace(e, back, VERDICT_STEP_RETURN, at, s->exits[i]->trace);
		run_arrive(r, at->u, b, back);
	}
	engine_return(e, back);
	engine_return(e, inner);
	return false;
}

/* --- callbacks ---------------------------------------------------------------------------------
 */

/** Arguments that the kernel gives to a callback. */
static void callback_arguments(const struct place *at, const struct helper *h,
                               const struct state *caller, struct state *st)
{
	struct pool *pool = &at->e->pool;

	for (uint32_t i = 1; i <= 5; i++) {
		bool known = h->calls == HELPER_CALLS_LOOP || h->calls == HELPER_CALLS_EACH;

		state_set(st, i, known ? pool->top : pool->any, 0);
	}
	if (h->calls == HELPER_CALLS_LOOP) {
		st->regs[1].v = pool_width(pool, 32);
		state_set(st, 2, caller->regs[3].v, caller->regs[3].origin);
	} else if (h->calls == HELPER_CALLS_EACH) {
		st->regs[3].v = scratch_each(at, caller);
		state_set(st, 4, caller->regs[3].v, caller->regs[3].origin);
	}
}

/** Call once from @p from; join what comes back into @p sum. @return false when stopped. */
static bool callback_once(const struct place *at, const struct helper *h, uint32_t func,
                          const struct state *caller, struct state *tmp[], struct state *sum)
{
	struct engine *e = at->e;
	struct entry entry;

	if (!find_entry(at, func, &entry)) {
		return false;
	}
	state_copy(tmp[0], sum);
	state_copy(tmp[1], sum);
	callback_arguments(at, h, caller, tmp[1]);
	enter(e, &entry, tmp[1], UINT16_MAX);
	struct summary *s = summarize(at, &entry, tmp[1]);

	for (uint32_t i = 0; s && i < s->n_exits; i++) {
		leave(e, &entry, tmp[0], s->exits[i], tmp[1]);
		state_set(tmp[1], 0, e->pool.top, 0);
		state_clean(tmp[1], &e->pool, NULL);
		state_clean(sum, &e->pool, NULL);
		if (state_leq(&e->pool, tmp[1], sum)) {
			continue;
		}
		struct join_loss loss = state_join(&e->pool, sum, tmp[1], JOIN_PLAIN, tmp[2]);

		if (loss.lost) {
			e->merged = true;
			engine_note(at, VERDICT_CAUSE_MERGED, "callback that changes memory");
		}
		state_copy(sum, tmp[2]);
	}
	return s != NULL && !e->stop;
}

/** A callback runs never, once or many times: repeat until that changes nothing. */
static bool call_back(const struct place *at, const struct helper *h, uint32_t func,
                      struct state *st)
{
	struct engine *e = at->e;
	struct state *tmp[5] = {engine_borrow(e), engine_borrow(e), engine_borrow(e),
	                        engine_borrow(e), engine_borrow(e)};
	bool settled = false;

	if (!tmp[0] || !tmp[1] || !tmp[2] || !tmp[3] || !tmp[4]) {
		return false;
	}
	state_copy(tmp[4], st);
	forget_arguments(st, e->pool.top);
	state_clean(st, &e->pool, NULL);
	for (uint32_t i = 0; i < CALLBACK_ROUNDS && !settled; i++) {
		state_copy(tmp[3], st);
		if (!callback_once(at, h, func, tmp[4], tmp, st)) {
			break;
		}
		settled = state_same(tmp[3], st);
		if (!settled && i >= CALLBACK_WIDEN) {
			(void)state_join(&e->pool, tmp[3], st, JOIN_WIDEN, tmp[0]);
			state_copy(st, tmp[0]);
			e->merged = true;
			engine_note(at, VERDICT_CAUSE_MERGED, "callback that changes memory");
		}
	}
	for (uint32_t i = 1; i <= 5; i++) { /* names of before mean nothing any more */
		state_set(st, i, tmp[4]->regs[i].v, 0);
	}
	for (uint32_t i = COUNT_OF(tmp); i-- > 0;) {
		engine_return(e, tmp[i]);
	}
	if (!settled && !e->stop) {
		engine_stop(at, VERDICT_CAUSE_LIMIT, "callback that does not settle");
	}
	return settled;
}

/* --- the kernel's functions --------------------------------------------------------------------
 */

/** Memory that the call may write through its pointer arguments. */
static void clobber_arguments(const struct place *at, const struct helper *h, struct state *st)
{
	if (h->writes == HELPER_WRITES_NOTHING) {
		return;
	}
	if (h->writes == HELPER_WRITES_FIXED) {
		memory_clobber(at, st, &st->regs[h->to].v->v, h->size);
		return;
	}
	if (h->writes == HELPER_WRITES_RANGE) {
		const struct value *size = &st->regs[h->size].v->v;
		int64_t bytes =
			size->kind == VAL_NUM && size->umax < INT32_MAX ? (int64_t)size->umax : -1;

		memory_clobber(at, st, &st->regs[h->to].v->v, bytes);
		return;
	}
	for (uint32_t i = 1; i <= 5; i++) {
		memory_clobber(at, st, &st->regs[i].v->v, -1);
	}
	memory_clobber(at, st, &st->regs[11].v->v, -1);
}

static const char *name_of(const struct engine *e, int32_t imm, const struct helper **ret)
{
	uint32_t lo = 0;
	uint32_t hi = e->env->n_symbols;
	const char *name = NULL;

	*ret = NULL;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (e->env->symbols[mid].imm < imm) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	/* One address can have several names; any that says something will do. */
	for (; imm != 0 && lo < e->env->n_symbols && e->env->symbols[lo].imm == imm; lo++) {
		if (!*ret) {
			name = e->env->symbols[lo].name;
			*ret = helper_find(name);
		}
		if (strcmp(e->env->symbols[lo].name, HELPER_THROW) == 0) {
			return HELPER_THROW;
		}
	}
	return name;
}

/**
 * The argument can be any of the functions whose address the program takes: run each, none or many
 * times, one after the other.
 */
static bool call_any(const struct place *at, const struct helper *h, struct state *st)
{
	const struct decoded *code = &at->u->code;

	for (uint32_t i = 0; i < code->n; i++) {
		if (code->insns[i].op == OP_FUNC && !call_back(at, h, code->insns[i].target, st)) {
			return false;
		}
	}
	return true;
}

/** Run the callbacks among the arguments. @return false when the path or all ends. */
static bool call_backs(const struct place *at, const struct helper *h, struct state *st)
{
	bool found = false;

	if (h->calls == HELPER_CALLS_NOTHING) {
		return true;
	}
	for (uint32_t i = 1; i <= 5; i++) {
		const struct value *v = &st->regs[i].v->v;

		if (v->kind == VAL_FUNC) {
			found = true;
			if (!call_back(at, h, v->ref, st)) {
				return false;
			}
		}
	}
	if (!found && h->calls != HELPER_CALLS_ANY) {
		engine_stop(at, VERDICT_CAUSE_CALLBACK, "call with a callback that is not known");
		return false;
	}
	return found || !at->e->pool.func_lost || call_any(at, h, st);
}

/** The program ends with the first argument, or with what a handler makes of it. */
static bool throw_out(const struct place *at, struct state *st)
{
	engine_trace(at->e, st, VERDICT_STEP_THROW, at, 0);
	engine_handlers(at, st);
	return false;
}

/**
 * The kernel's own clock check in loops: takes the offset of its two counters in r11, writes them,
 * and gives back the new count in r11. All other registers stay.
 */
static void may_goto(const struct place *at, struct state *st)
{
	const struct value *off = &st->regs[11].v->v;

	if (val_is_const(off) && (int64_t)off->set[0] < 0 && (int64_t)off->set[0] > INT32_MIN) {
		int64_t from = (int64_t)off->set[0];

		state_forget(st, &at->e->pool, SPACE_FRAME(st->depth), from, from + 16);
	} else {
		state_forget_stack(st);
	}
	state_set(st, 11, at->e->pool.top, ORIGIN(at->u->idx, at->pc));
}

bool call_kernel(struct run *r, const struct place *at, struct state *st)
{
	struct engine *e = at->e;
	const struct insn *in = &at->u->code.insns[at->pc];
	const struct helper *h = NULL;
	const char *name = name_of(e, (int32_t)in->imm, &h);
	bool kfunc = in->op == OP_CALL_KFUNC;

	(void)r;
	if (!name && kfunc) {
		engine_stop(at, VERDICT_CAUSE_KFUNC,
		            "kernel function without a name: it may end "
		            "the program with any result");
		return false;
	}
	if (name && strcmp(name, HELPER_THROW) == 0) {
		return throw_out(at, st);
	}
	if (!name) {
		engine_note(at, VERDICT_CAUSE_ANONYMOUS,
		            "call without a name: symbol table not readable");
	}
	bool listed = h != NULL;

	if (name && strcmp(name, HELPER_MAY_GOTO) == 0) {
		may_goto(at, st);
		return true;
	}
	if (!h) {
		h = &helper_unlisted;
		state_forget_elems(st, SPACE_ELEMS); /* a callback may see what it wrote */
	}
	if (!call_backs(at, h, st)) {
		return false;
	}
	vref result = NULL;

	if (h->role == HELPER_LOOKS_UP || h->role == HELPER_LOOKS_UP_CPU) {
		result = scratch_lookup(at, h, st);
	} else {
		struct value given = helper_result(h, st);

		result = pool_put(&e->pool, &given);
	}
	result = scratch_call(at, h, name, result, st);

	clobber_arguments(at, h, st);
	if (!listed && (kfunc || !name)) {
		state_forget_ctx(st, true);
	} else if (h->ctx != HELPER_CTX_PURE) {
		state_forget_ctx(st, h->ctx == HELPER_CTX_WRITES);
	}
	forget_arguments(st, name ? e->pool.top : e->pool.any);
	if (!listed && (kfunc || !name)) {
		result = e->pool.any;
	}
	state_set(st, 0, result, ORIGIN(at->u->idx, at->pc));
	return true;
}

/* --- programs ----------------------------------------------------------------------------------
 */

struct tail {
	struct run *r;
	const struct place *at;
	const struct state *st;
	struct state *target;
};

/** The state in which a program begins: of the registers it is given only the context. */
static void enter_fresh(const struct tail *t, struct state *st, uint32_t depth)
{
	struct pool *pool = &t->at->e->pool;
	struct value ctx = val_ptr(VAL_CTX, 0, 0);
	struct value frame = val_ptr(VAL_STACK, SPACE_FRAME(depth), 0);

	state_copy(st, t->st);
	for (uint32_t i = 0; i < INSN_REGS; i++) {
		state_set(st, i, pool->top, 0);
	}
	state_set(st, 1, pool_put(pool, &ctx), 0);
	state_set(st, INSN_FRAME, pool_put(pool, &frame), 0);
	/* the target begins with a frame of its own in the place of this one */
	state_drop_frames(st, depth);
	st->depth = (uint16_t)depth;
}

static void enter_program(struct unit *u, void *arg)
{
	struct tail *t = arg;
	struct state *st = t->target;

	enter_fresh(t, st, t->st->depth);
	engine_trace(t->at->e, st, VERDICT_STEP_TAIL, t->at, 0);
	run_arrive(t->r, u, 0, st);
}

/**
 * Inside a function that can reach frames of its callers the program is a function that cannot: it
 * is given the context alone. What it leaves is what the function leaves.
 */
static void call_program(struct unit *u, void *arg)
{
	struct tail *t = arg;
	struct engine *e = t->at->e;
	struct entry entry = {.u = u, .stripped = true};
	struct state *st = t->target;

	enter_fresh(t, st, 0);
	struct summary *s = summarize(t->at, &entry, st);

	for (uint32_t i = 0; s && i < s->n_exits; i++) {
		leave(e, &entry, t->st, s->exits[i], st);
		engine_trace(e, st, VERDICT_STEP_TAIL, t->at, 0);
		engine_trace(e, st, TRACE_SPLICE, t->at, s->exits[i]->trace);
		run_leave(t->r, t->at, st);
	}
}

bool call_tail(struct run *r, const struct place *at, struct state *st)
{
	struct engine *e = at->e;
	struct tail tail = {.r = r, .at = at, .st = st, .target = engine_borrow(e)};

	if (!tail.target) {
		return false;
	}
	bool known = engine_targets(at, st, st->depth > 0 ? call_program : enter_program, &tail);

	engine_return(e, tail.target);
	if (!known) {
		return false;
	}
	engine_trace(e, st, VERDICT_STEP_TAIL_FAIL, at, 0);
	forget_arguments(st, e->pool.top);
	state_set(st, 0, e->pool.top, ORIGIN(at->u->idx, at->pc));
	return true;
}
