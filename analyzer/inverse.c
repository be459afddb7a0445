/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a test of a computed number back to what it was computed from: a switch over few numbers is
 * compiled to "1 << x & mask", and a copy that was shifted or masked is tested in the place of its
 * original. When the original still stands in a register and has few numbers, each is tried.
 */
#include "analyzer/engine.h"
#include "analyzer/transfer.h"

/** Most instructions looked at before a test. */
#define MOST_BACK 16u

/** Most numbers tried. */
#define MOST_TRIED 64u

/** Registers with known numbers while a few instructions are executed for one. */
struct machine {
	uint64_t number[INSN_REGS];
	uint32_t known; /**< Bit for each register. */
};

/** Dst and, of two operands, a register or a number. */
static bool is_binary(const struct insn *in)
{
	return in->op >= OP_ADD && in->op <= OP_ARSH;
}

static bool is_unary(const struct insn *in)
{
	return in->op == OP_NEG || in->op == OP_TRUNC || in->op == OP_SWAP;
}

static bool is_move(const struct insn *in)
{
	return in->op == OP_MOV || in->op == OP_SEXT;
}

static bool writes_register(const struct insn *in)
{
	return is_binary(in) || is_unary(in) || is_move(in) || in->op == OP_LOAD ||
	       in->op == OP_LOAD_SEXT || (in->op >= OP_OPAQUE && in->op <= OP_FUNC);
}

/** Nothing but one register changes, or no register. */
static bool is_plain(const struct insn *in)
{
	return writes_register(in) || in->op == OP_NOP || in->op == OP_STORE || in->op == OP_SECOND;
}

/**
 * What must be known before an instruction so that @p need is known behind it.
 *
 * @return false when it cannot be computed from registers.
 */
static bool need_before(const struct insn *in, uint32_t *need)
{
	uint32_t dst = 1u << in->dst;

	if (!writes_register(in) || (*need & dst) == 0) {
		return true;
	}
	if (is_move(in) || in->op == OP_CONST) {
		*need &= ~dst;
		*need |= is_move(in) && !in->has_imm ? 1u << in->src : 0;
		return true;
	}
	if (is_binary(in)) {
		*need |= in->has_imm ? 0 : 1u << in->src;
		return true;
	}
	return is_unary(in);
}

static void execute(const struct insn *in, struct machine *m)
{
	uint32_t dst = 1u << in->dst;
	uint64_t b = in->has_imm ? (uint64_t)in->imm : m->number[in->src];
	bool know_b = in->has_imm || (m->known >> in->src & 1) != 0;

	if (!writes_register(in)) {
		return;
	}
	if (in->op == OP_CONST || (in->op == OP_MOV && know_b)) {
		b = in->op == OP_CONST ? (uint64_t)in->imm : b;
		m->number[in->dst] = in->op == OP_MOV && in->bits == 32 ? (uint32_t)b : b;
		m->known |= dst;
	} else if (is_binary(in) && know_b && (m->known & dst) != 0) {
		m->number[in->dst] =
			transfer_number((enum insn_op)in->op, in->bits, m->number[in->dst], b);
	} else if ((in->op == OP_SEXT && know_b) || (is_unary(in) && (m->known & dst) != 0)) {
		struct value v = val_const(in->op == OP_SEXT ? b : m->number[in->dst]);

		v = transfer_unary((enum insn_op)in->op, in->bits, in->from, &v);
		m->number[in->dst] = v.set[0];
		m->known |= dst;
	} else {
		m->known &= ~dst;
	}
}

/** A test, and the instructions from which the tested number follows. */
struct origin {
	const struct insn *insns;
	uint32_t from, to; /**< Instructions, the test not included. */
	uint32_t reg;      /**< Not changed between them, and all that must be known. */
	struct comparison c;
	uint64_t with; /**< The tested number is compared with. */
};

/** Can the test come out so when the original is @p number? */
static bool can_be(const struct origin *o, uint64_t number)
{
	struct machine m = {.known = 1u << o->reg};
	uint32_t tested = o->insns[o->to].dst;

	m.number[o->reg] = number;
	for (uint32_t i = o->from; i < o->to; i++) {
		execute(&o->insns[i], &m);
	}
	return (m.known >> tested & 1) == 0 || refine_holds(o->c, m.number[tested], o->with);
}

/** Keep the numbers of the original with which the test can come out so. */
static bool try_each(struct engine *e, const struct origin *o, struct state *st)
{
	struct slot *slot = &st->regs[o->reg];
	const struct value *v = &slot->v->v;
	uint64_t kept[MOST_TRIED];
	uint32_t n = 0;
	uint32_t n_tried = 0;

	if (v->kind != VAL_NUM || v->any || v->n == 1 ||
	    (v->n == 0 && v->umax - v->umin >= MOST_TRIED)) {
		return true;
	}
	for (uint64_t x = v->umin; n_tried <= v->umax - v->umin; x++) {
		uint64_t number = v->n > 0 ? v->set[n_tried] : x;

		if (val_has(v, number) && can_be(o, number)) {
			kept[n++] = number;
		}
		if (++n_tried == v->n) {
			break;
		}
	}
	if (n == 0) {
		return false;
	}
	struct value now = val_set(kept, n);

	now = val_meet(v, &now);
	return state_narrow(st, &e->pool, slot, pool_put(&e->pool, &now));
}

/** The number a branch compares with, if it is one. */
static bool compared_with(const struct insn *in, const struct state *st, uint64_t *ret)
{
	const struct value *b = in->has_imm ? NULL : &st->regs[in->src].v->v;

	if (b && !val_is_const(b)) {
		return false;
	}
	*ret = b ? b->set[0] : (uint64_t)in->imm;
	return true;
}

bool inverse_refine(const struct place *at, bool taken, struct state *st)
{
	const struct insn *insns = at->u->code.insns;
	const struct insn *branch = &insns[at->pc];
	struct origin o = {.insns = insns,
	                   .to = at->pc,
	                   .c = {.op = branch->op, .negated = !taken, .bits = branch->bits}};
	uint32_t need = 1u << branch->dst;
	uint32_t written = 0;
	uint32_t pc = at->pc;

	if (st->regs[branch->dst].v->v.kind != VAL_NUM || !compared_with(branch, st, &o.with)) {
		return true;
	}
	for (uint32_t back = 0; back < MOST_BACK && at->u->cfg.block_of[pc] == CFG_NONE; back++) {
		const struct insn *in = &insns[--pc];

		if (!is_plain(in) || !need_before(in, &need) || need == 0) {
			return true;
		}
		written |= writes_register(in) ? 1u << in->dst : 0;
		/* one register left, and it has not changed since */
		if ((need & (need - 1)) == 0 && (need & written) == 0 &&
		    (written >> branch->dst & 1)) {
			o.from = pc;
			o.reg = (uint32_t)__builtin_ctz(need);
			if (!try_each(at->e, &o, st)) {
				return false;
			}
		}
	}
	return true;
}
