/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executing one instruction on a state.
 */
#include "analyzer/engine.h"

static uint32_t origin_here(const struct place *at)
{
	return ORIGIN(at->u->idx, at->pc);
}

/** Second operand. */
static vref operand(struct engine *e, const struct insn *in, const struct state *st)
{
	return in->has_imm ? pool_const(&e->pool, (uint64_t)in->imm) : st->regs[in->src].v;
}

/** Where the unknown part of a result comes from. */
static uint32_t origin_of(const struct place *at, const struct slot *a, const struct slot *b)
{
	if (a->v->v.n == 0 && a->origin) {
		return a->origin;
	}
	if (b && b->v->v.n == 0 && b->origin) {
		return b->origin;
	}
	return a->origin ? a->origin : b && b->origin ? b->origin : origin_here(at);
}

/** Does sign extension from so many bits leave every number of it alone? */
static bool extends_to_itself(const struct value *v, unsigned int from)
{
	return v->kind == VAL_NUM && v->umax < UINT64_C(1) << (from - 1);
}

static void step_move(const struct place *at, const struct insn *in, struct state *st)
{
	struct pool *pool = &at->e->pool;

	if (in->has_imm) {
		vref v = pool_const(pool, in->bits == 32 ? (uint32_t)in->imm : (uint64_t)in->imm);

		if (in->op == OP_SEXT) {
			v = pool_unary(pool, OP_SEXT, in->bits, in->from, v);
		}
		state_set(st, in->dst, v, 0);
		return;
	}
	const struct slot *src = &st->regs[in->src];
	vref v = pool_unary(pool, in->op, in->bits, in->from, src->v);
	uint32_t origin = src->origin;

	if (pool->full) {
		return;
	}
	if (in->op == OP_MOV && in->bits == 64) {
		state_move(st, in->dst, in->src);
	} else if (in->op == OP_MOV || in->from == 32 || extends_to_itself(&src->v->v, in->from)) {
		state_move_low(st, in->dst, in->src, v, origin);
	} else {
		state_set(st, in->dst, v, origin | ORIGIN_COMPUTED);
	}
}

static void step_unary(const struct place *at, const struct insn *in, struct state *st)
{
	const struct slot *src = &st->regs[in->src];
	vref v = pool_unary(&at->e->pool, in->op, in->bits, in->from, src->v);

	if (in->op == OP_TRUNC && src->v->v.kind == VAL_NUM &&
	    (in->from == 64 || src->v->v.umax >> in->from == 0)) {
		return; /* nothing to cut: still the same number */
	}
	state_set(st, in->dst, v, origin_of(at, src, NULL) | ORIGIN_COMPUTED);
}

/** Operations whose result is known because both operands are the same number. */
static bool step_same(const struct place *at, const struct insn *in, struct state *st)
{
	struct pool *pool = &at->e->pool;
	const struct slot *a = &st->regs[in->dst];
	const struct slot *b = in->has_imm ? NULL : &st->regs[in->src];
	uint64_t diff = 0;

	if (!b || (in->op != OP_SUB && in->op != OP_XOR)) {
		return false;
	}
	bool same = in->dst == in->src ||
	            (a->sym != 0 && a->sym == b->sym && (in->op == OP_SUB || a->delta == b->delta));

	if (!same) {
		return false;
	}
	if (in->dst != in->src && in->op == OP_SUB) {
		diff = (uint64_t)((int64_t)a->delta - b->delta);
	}
	state_set(st, in->dst, pool_const(pool, in->bits == 32 ? (uint32_t)diff : diff), 0);
	return true;
}

static void step_binary(const struct place *at, const struct insn *in, struct state *st)
{
	struct slot *dst = &st->regs[in->dst];
	vref b = operand(at->e, in, st);

	if (step_same(at, in, st)) {
		return;
	}
	vref v = pool_binary(&at->e->pool, in->op, in->bits, dst->v, b);
	uint32_t origin = origin_of(at, dst, in->has_imm ? NULL : &st->regs[in->src]);

	if ((in->op == OP_ADD || in->op == OP_SUB) && val_is_const(&b->v)) {
		uint64_t number = in->op == OP_ADD ? b->v.set[0] : -b->v.set[0];

		state_add(st, in->dst, (int64_t)number, in->bits, v);
	} else {
		state_set(st, in->dst, v, 0);
		origin |= ORIGIN_COMPUTED;
	}
	dst->origin = origin;
}

static void step_wide(const struct place *at, const struct insn *in, struct state *st)
{
	struct pool *pool = &at->e->pool;
	struct value v = val_top();

	switch ((enum insn_op)in->op) {
	case OP_CONST:
		v = val_const((uint64_t)in->imm);
		break;
	case OP_MAP:
		v = val_ptr(VAL_MAP, (uint32_t)in->imm, 0);
		break;
	case OP_MAP_VALUE:
		v = val_ptr(VAL_MAP_VALUE, (uint32_t)in->imm, in->extra);
		break;
	case OP_FUNC:
		v = val_ptr(VAL_FUNC, in->target, 0);
		break;
	default:
		break;
	}
	state_set(st, in->dst, pool_put(pool, &v), origin_here(at));
}

static void step_load(const struct place *at, const struct insn *in, struct state *st)
{
	struct slot got = memory_load(at, st, in->src, in->off, in->bits / 8);

	if (in->op == OP_LOAD_SEXT) {
		vref v = pool_unary(&at->e->pool, OP_SEXT, 64, in->bits, got.v);

		if (!extends_to_itself(&got.v->v, in->bits)) {
			got.sym = 0;
			got.delta = 0;
			got.sym32 = in->bits == 32 ? got.sym32 : 0;
			got.delta32 = got.sym32 ? got.delta32 : 0;
		}
		got.v = v;
	}
	st->regs[in->dst] = got;
}

static void step_store(const struct place *at, const struct insn *in, struct state *st)
{
	struct slot slot = {.v = operand(at->e, in, st)};

	if (!in->has_imm) {
		state_name(st, &st->regs[in->src]);
		slot = st->regs[in->src];
	}
	memory_store(at, st, in->dst, in->off, in->bits / 8, slot);
}

/** Value after a compare-exchange: changed, kept, or either. */
static vref exchanged(struct pool *pool, vref was, vref expected, vref now, unsigned int bits)
{
	struct comparison equal = {.op = OP_JEQ, .bits = bits};
	vref a = was;
	vref b = expected;

	if (!pool_refine(pool, equal, &a, &b)) {
		return was;
	}
	equal.negated = true;
	a = was;
	b = expected;
	return pool_refine(pool, equal, &a, &b) ? pool_join(pool, was, now) : now;
}

static void step_atomic(const struct place *at, const struct insn *in, struct state *st)
{
	static const uint8_t plain[N_INSN_OPS] = {
		[OP_ATOMIC_ADD] = OP_ADD,
		[OP_ATOMIC_OR] = OP_OR,
		[OP_ATOMIC_AND] = OP_AND,
		[OP_ATOMIC_XOR] = OP_XOR,
	};
	struct pool *pool = &at->e->pool;
	struct slot was = memory_load(at, st, in->dst, in->off, in->bits / 8);
	vref src = st->regs[in->src].v;
	struct slot now = {.v = src, .origin = origin_here(at)};

	if (in->op == OP_ATOMIC_CMPXCHG) {
		vref low = in->bits == 32 ? pool_unary(pool, OP_MOV, 32, 32, src) : src;

		now.v = exchanged(pool, was.v, st->regs[0].v, low, in->bits);
	} else if (in->op != OP_ATOMIC_XCHG) {
		now.v = pool_binary(pool, plain[in->op], in->bits, was.v, src);
	}
	memory_store(at, st, in->dst, in->off, in->bits / 8, now);
	if (in->fetch) {
		was.sym = was.sym32 = 0;
		was.delta = was.delta32 = 0;
		st->regs[in->op == OP_ATOMIC_CMPXCHG ? 0 : in->src] = was;
	}
}

bool step(struct run *r, const struct place *at, struct state *st)
{
	const struct insn *in = &at->u->code.insns[at->pc];

	switch ((enum insn_op)in->op) {
	case OP_NOP:
		return true;
	case OP_MOV:
	case OP_SEXT:
		step_move(at, in, st);
		return true;
	case OP_NEG:
	case OP_TRUNC:
	case OP_SWAP:
		step_unary(at, in, st);
		return true;
	case OP_PERCPU:
		state_set(st, in->dst, scratch_percpu(at, st), origin_here(at));
		return true;
	case OP_OPAQUE:
	case OP_CONST:
	case OP_MAP:
	case OP_MAP_VALUE:
	case OP_FUNC:
		step_wide(at, in, st);
		return true;
	case OP_LOAD:
	case OP_LOAD_SEXT:
		step_load(at, in, st);
		return true;
	case OP_STORE:
		step_store(at, in, st);
		return true;
	case OP_CALL_HELPER:
	case OP_CALL_KFUNC:
		return call_kernel(r, at, st);
	case OP_TAIL_CALL:
		return call_tail(r, at, st);
	case OP_BAD:
		engine_stop(at, VERDICT_CAUSE_INSTRUCTION, in->why);
		return false;
	case OP_SECOND:
		engine_stop(at, VERDICT_CAUSE_INSTRUCTION, "second slot of a load executed");
		return false;
	default:
		if (in->op >= OP_ATOMIC_ADD && in->op <= OP_ATOMIC_CMPXCHG) {
			step_atomic(at, in, st);
		} else {
			step_binary(at, in, st);
		}
		return true;
	}
}

/** Equal by their link: then the outcome is known. @return -1 when it is not. */
static int linked_outcome(const struct insn *in, const struct state *st)
{
	const struct slot *a = &st->regs[in->dst];
	const struct slot *b = &st->regs[in->src];

	if (in->has_imm || in->op == OP_JSET) {
		return -1;
	}
	bool linked = in->dst == in->src || (a->sym != 0 && a->sym == b->sym);
	bool same = in->dst == in->src || a->delta == b->delta;

	if (!linked || (in->bits == 32 && in->dst != in->src && !same)) {
		return -1;
	}
	if (same) {
		return in->op == OP_JEQ || in->op == OP_JGE || in->op == OP_JLE ||
		       in->op == OP_JSGE || in->op == OP_JSLE;
	}
	return in->op == OP_JEQ ? 0 : in->op == OP_JNE ? 1 : -1;
}

bool step_branch(const struct place *at, bool taken, struct state *st)
{
	struct engine *e = at->e;
	const struct insn *in = &at->u->code.insns[at->pc];
	struct comparison c = {.op = in->op, .negated = !taken, .bits = in->bits};
	vref a = st->regs[in->dst].v;
	vref b = operand(e, in, st);
	int linked = linked_outcome(in, st);

	if (linked >= 0) {
		return (linked != 0) == taken;
	}
	if (!pool_refine(&e->pool, c, &a, &b) ||
	    !state_narrow(st, &e->pool, &st->regs[in->dst], a) || !inverse_refine(at, taken, st)) {
		return false;
	}
	if (in->has_imm) {
		return true;
	}
	return state_narrow(st, &e->pool, &st->regs[in->src], b) &&
	       state_fact(st, c, in->dst, in->src);
}
