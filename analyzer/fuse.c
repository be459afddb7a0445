/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/fuse.h"

/** Most instructions from the copy of the dividend to the subtraction. */
#define MOST_APART 24u

static bool is_shift_up(const struct insn *in)
{
	return in->op == OP_LSH && in->has_imm && in->imm > 0 && in->imm < in->bits;
}

/**
 * Old code generation extends by shifting up and down. The pair becomes one extension, so that
 * its result stays linked to what was extended.
 */
static void fuse_shifts(struct decoded *code, uint32_t i, const bool *is_target)
{
	struct insn *up = &code->insns[i];
	struct insn *down = &code->insns[i + 1];
	int64_t left = is_shift_up(up) ? up->bits - up->imm : 0;

	if (left == 0 || is_target[i + 1] || (down->op != OP_RSH && down->op != OP_ARSH) ||
	    !down->has_imm || down->imm != up->imm || down->dst != up->dst ||
	    down->bits != up->bits || (left != 8 && left != 16 && left != 32)) {
		return;
	}
	up->op = OP_NOP;
	down->has_imm = false;
	down->src = down->dst;
	down->from = (uint8_t)left;
	if (down->op == OP_ARSH) {
		down->op = OP_SEXT;
	} else if (left == 32) {
		down->op = OP_MOV;
		down->bits = 32;
	} else {
		down->op = OP_TRUNC;
		down->bits = 64;
	}
}

/* --- remainders --------------------------------------------------------------------------------
 */

/** The parts of q = a; q /= n; q *= n; a -= q, by instruction. */
struct remainder {
	uint32_t sub, mul, div;
	int64_t n;
};

/** @return whether the instruction may change a register; calls change several. */
static bool writes(const struct insn *in, uint32_t reg)
{
	switch ((enum insn_op)in->op) {
	case OP_NOP:
	case OP_SECOND:
	case OP_STORE:
		return false;
	case OP_CALL_HELPER:
	case OP_CALL_KFUNC:
	case OP_CALL_OWN:
	case OP_TAIL_CALL:
	case OP_BAD:
		return true;
	case OP_ATOMIC_ADD:
	case OP_ATOMIC_OR:
	case OP_ATOMIC_AND:
	case OP_ATOMIC_XOR:
	case OP_ATOMIC_XCHG:
		return in->fetch && in->src == reg;
	case OP_ATOMIC_CMPXCHG:
		return reg == 0;
	default:
		return !insn_is_branch(in) && !insn_ends(in) && in->dst == reg;
	}
}

/** @return the last instruction before @p i that writes @p reg on the only way to @p i. */
static bool find_write(const struct decoded *code, const bool *is_target, uint32_t i, uint32_t reg,
                       uint32_t *ret)
{
	for (uint32_t n = 0; n < MOST_APART && i > 0 && !is_target[i]; n++) {
		const struct insn *in = &code->insns[--i];

		if (insn_is_branch(in) || (insn_ends(in) && in->op != OP_SECOND)) {
			return false;
		}
		if (writes(in, reg)) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static bool written_between(const struct decoded *code, uint32_t from, uint32_t to, uint32_t reg)
{
	for (uint32_t i = from + 1; i < to; i++) {
		if (writes(&code->insns[i], reg)) {
			return true;
		}
	}
	return false;
}

static bool by_number(const struct insn *in, enum insn_op op, uint32_t reg)
{
	return in->op == op && in->has_imm && in->imm > 0 && in->dst == reg;
}

static bool is_copy(const struct insn *in, unsigned int bits)
{
	return in->op == OP_MOV && !in->has_imm && in->bits >= bits;
}

/** Does register @p a hold at @p r->sub what register @p q held before the division? */
static bool same_dividend(const struct decoded *code, const bool *is_target,
                          const struct remainder *r, uint32_t a, uint32_t q)
{
	unsigned int bits = code->insns[r->div].bits;
	uint32_t copy = 0;

	/* q was copied from a, which has not changed since */
	if (find_write(code, is_target, r->div, q, &copy) && is_copy(&code->insns[copy], bits) &&
	    code->insns[copy].src == a && !written_between(code, copy, r->sub, a)) {
		return true;
	}
	/* a was copied from q, or from where q was copied from */
	uint32_t other = 0;

	if (!find_write(code, is_target, r->sub, a, &other) || other > r->div ||
	    !is_copy(&code->insns[other], bits)) {
		return false;
	}
	uint32_t from = code->insns[other].src;

	if (from == q) {
		return !written_between(code, other, r->div, q);
	}
	return find_write(code, is_target, r->div, q, &copy) && is_copy(&code->insns[copy], bits) &&
	       code->insns[copy].src == from &&
	       !written_between(code, copy < other ? copy : other, copy < other ? other : copy,
	                        from);
}

/**
 * a -= (a / n) * n is a %= n. The subtraction may be of 32 bits and the others of 64: a remainder
 * fits into the low half.
 */
static void fuse_remainder(struct decoded *code, uint32_t i, const bool *is_target)
{
	struct insn *sub = &code->insns[i];
	struct remainder r = {.sub = i};
	uint32_t q = sub->src;

	if (sub->op != OP_SUB || sub->has_imm || sub->dst == q ||
	    !find_write(code, is_target, i, q, &r.mul) ||
	    !by_number(&code->insns[r.mul], OP_MUL, q) ||
	    !find_write(code, is_target, r.mul, q, &r.div) ||
	    !by_number(&code->insns[r.div], OP_DIV, q)) {
		return;
	}
	const struct insn *div = &code->insns[r.div];
	const struct insn *mul = &code->insns[r.mul];

	if (mul->imm != div->imm || sub->bits > div->bits || sub->bits > mul->bits ||
	    !same_dividend(code, is_target, &r, sub->dst, q)) {
		return;
	}
	sub->op = OP_MOD;
	sub->bits = div->bits;
	sub->has_imm = true;
	sub->src = 0;
	sub->imm = div->imm;
}

void fuse_insns(struct decoded *code, const bool *is_target)
{
	for (uint32_t i = 0; i + 1 < code->n; i++) {
		fuse_shifts(code, i, is_target);
	}
	for (uint32_t i = 0; i < code->n; i++) {
		fuse_remainder(code, i, is_target);
	}
}
