/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/refine.h"

/** Addresses lie so far from 0 that pointers with offsets up to this are never NULL. */
#define NEAR_OFFSET (INT64_C(1) << 29)

static bool holds64(enum insn_op op, uint64_t a, uint64_t b)
{
	int64_t s = (int64_t)a;
	int64_t t = (int64_t)b;

	switch (op) {
	case OP_JEQ:
		return a == b;
	case OP_JNE:
		return a != b;
	case OP_JGT:
		return a > b;
	case OP_JGE:
		return a >= b;
	case OP_JLT:
		return a < b;
	case OP_JLE:
		return a <= b;
	case OP_JSGT:
		return s > t;
	case OP_JSGE:
		return s >= t;
	case OP_JSLT:
		return s < t;
	case OP_JSLE:
		return s <= t;
	default:
		return (a & b) != 0;
	}
}

bool refine_holds(struct comparison c, uint64_t a, uint64_t b)
{
	if (c.bits == 32) { /* sign extension keeps all orders */
		a = (uint64_t)(int32_t)a;
		b = (uint64_t)(int32_t)b;
	}
	return holds64(c.op, a, b) != c.negated;
}

/** Operation that holds exactly when @p op does not; OP_JSET has none. */
static enum insn_op opposite(enum insn_op op)
{
	switch (op) {
	case OP_JEQ:
		return OP_JNE;
	case OP_JNE:
		return OP_JEQ;
	case OP_JGT:
		return OP_JLE;
	case OP_JGE:
		return OP_JLT;
	case OP_JLT:
		return OP_JGE;
	case OP_JLE:
		return OP_JGT;
	case OP_JSGT:
		return OP_JSLE;
	case OP_JSGE:
		return OP_JSLT;
	case OP_JSLT:
		return OP_JSGE;
	case OP_JSLE:
		return OP_JSGT;
	default:
		return op;
	}
}

/** Operation with its operands exchanged. */
static enum insn_op mirrored(enum insn_op op)
{
	switch (op) {
	case OP_JGT:
		return OP_JLT;
	case OP_JGE:
		return OP_JLE;
	case OP_JLT:
		return OP_JGT;
	case OP_JLE:
		return OP_JGE;
	case OP_JSGT:
		return OP_JSLT;
	case OP_JSGE:
		return OP_JSLE;
	case OP_JSLT:
		return OP_JSGT;
	case OP_JSLE:
		return OP_JSGE;
	default:
		return op;
	}
}

/** Bounds of @p a from a comparison of all 64 bits with something between those of @p b. */
static void bound64(enum insn_op op, struct value *a, const struct value *b, bool *ok)
{
	uint64_t u = op == OP_JGT ? 1 : 0;
	uint64_t d = op == OP_JLT ? 1 : 0;
	int64_t s = op == OP_JSGT ? 1 : 0;
	int64_t t = op == OP_JSLT ? 1 : 0;

	switch (op) {
	case OP_JGT:
	case OP_JGE:
		*ok &= b->umin <= UINT64_MAX - u;
		a->umin = *ok && b->umin + u > a->umin ? b->umin + u : a->umin;
		break;
	case OP_JLT:
	case OP_JLE:
		*ok &= b->umax >= d;
		a->umax = *ok && b->umax - d < a->umax ? b->umax - d : a->umax;
		break;
	case OP_JSGT:
	case OP_JSGE:
		*ok &= b->smin <= INT64_MAX - s;
		a->smin = *ok && b->smin + s > a->smin ? b->smin + s : a->smin;
		break;
	case OP_JSLT:
	case OP_JSLE:
		*ok &= b->smax >= INT64_MIN + t;
		a->smax = *ok && b->smax - t < a->smax ? b->smax - t : a->smax;
		break;
	default:
		break;
	}
}

static void bound32(enum insn_op op, struct value *a, const struct value *b, bool *ok)
{
	int64_t strict = op == OP_JGT || op == OP_JSGT ? 1 : op == OP_JLT || op == OP_JSLT ? -1 : 0;
	int64_t at = 0;

	switch (op) {
	case OP_JGT:
	case OP_JGE:
		at = (int64_t)b->u32min + strict;
		*ok &= at <= UINT32_MAX;
		a->u32min = *ok && at > a->u32min ? (uint32_t)at : a->u32min;
		break;
	case OP_JLT:
	case OP_JLE:
		at = (int64_t)b->u32max + strict;
		*ok &= at >= 0;
		a->u32max = *ok && at < a->u32max ? (uint32_t)at : a->u32max;
		break;
	case OP_JSGT:
	case OP_JSGE:
		at = (int64_t)b->s32min + strict;
		*ok &= at <= INT32_MAX;
		a->s32min = *ok && at > a->s32min ? (int32_t)at : a->s32min;
		break;
	case OP_JSLT:
	case OP_JSLE:
		at = (int64_t)b->s32max + strict;
		*ok &= at >= INT32_MIN;
		a->s32max = *ok && at < a->s32max ? (int32_t)at : a->s32max;
		break;
	default:
		break;
	}
}

/** Cut one number out of the low half: at the ends of its ranges, and from the words. */
static void exclude_low(struct value *a, uint32_t low)
{
	struct value one = val_const(low);

	if ((one.codes & CODE_BIT(CODE_OTHER)) == 0) {
		a->codes &= (uint16_t)~one.codes;
	}
	a->u32min += a->u32min == low && low != UINT32_MAX ? 1 : 0;
	a->u32max -= a->u32max == low && low != 0 ? 1 : 0;
	a->s32min += a->s32min == (int32_t)low && a->s32min != INT32_MAX ? 1 : 0;
	a->s32max -= a->s32max == (int32_t)low && a->s32max != INT32_MIN ? 1 : 0;
}

/** Cut one number of 64 bits out at the ends of ranges. */
static void exclude_whole(struct value *a, uint64_t x)
{
	bool high_known = (a->bits.mask >> 32) == 0;

	if (high_known && a->bits.value >> 32 == x >> 32) {
		exclude_low(a, (uint32_t)x);
	}
	a->umin += a->umin == x && x != UINT64_MAX ? 1 : 0;
	a->umax -= a->umax == x && x != 0 ? 1 : 0;
	a->smin += a->smin == (int64_t)x && a->smin != INT64_MAX ? 1 : 0;
	a->smax -= a->smax == (int64_t)x && a->smax != INT64_MIN ? 1 : 0;
}

/** The low half equals that of @p b. */
static void equal_low(struct value *a, const struct value *b)
{
	a->u32min = b->u32min > a->u32min ? b->u32min : a->u32min;
	a->u32max = b->u32max < a->u32max ? b->u32max : a->u32max;
	a->s32min = b->s32min > a->s32min ? b->s32min : a->s32min;
	a->s32max = b->s32max < a->s32max ? b->s32max : a->s32max;
	a->codes &= b->codes;
	/* bits that only b knows; a contradiction shows in the ranges or is left in a */
	uint64_t learned = a->bits.mask & ~b->bits.mask & UINT32_MAX;

	a->bits.value |= b->bits.value & learned;
	a->bits.mask &= ~learned;
}

/** Bits for OP_JSET and its opposite. */
static void refine_bits(struct comparison c, struct value *a, const struct value *b)
{
	if (b->n != 1) {
		return;
	}
	uint64_t mask = c.bits == 32 ? (uint32_t)b->set[0] : b->set[0];

	if (c.negated) {
		if (a->bits.value & mask) {
			*a = val_bottom();
			return;
		}
		a->bits.mask &= ~mask;
	} else if (((a->bits.value | a->bits.mask) & mask) == 0) {
		*a = val_bottom();
	} else if (__builtin_popcountll(mask) == 1) {
		a->bits.mask &= ~mask;
		a->bits.value |= mask;
	}
}

/** Can the comparison of number @p x with something in @p b hold? */
static bool can_hold(struct comparison c, uint64_t x, const struct value *b)
{
	struct value one = val_const(x);
	bool ok = true;

	if (b->n > 0) {
		for (uint32_t i = 0; i < b->n; i++) {
			if (refine_holds(c, x, b->set[i])) {
				return true;
			}
		}
		return false;
	}
	if (c.op == OP_JSET) {
		return c.negated || (x & (b->bits.value | b->bits.mask)) != 0;
	}
	enum insn_op op = c.negated ? opposite(c.op) : c.op;

	if (op == OP_JEQ && c.bits == 64) {
		return val_has(b, x);
	}
	if (op == OP_JEQ) {
		struct value low = val_low(b);

		return val_has(&low, (uint32_t)x);
	}
	if (c.bits == 32) {
		bound32(op, &one, b, &ok);
		return ok && one.u32min <= one.u32max && one.s32min <= one.s32max;
	}
	bound64(op, &one, b, &ok);
	return ok && one.umin <= one.umax && one.smin <= one.smax;
}

/** Numbers of a set for which it can hold. */
static struct value refine_set(struct comparison c, const struct value *a, const struct value *b)
{
	uint64_t kept[VAL_SET] = {0};
	uint32_t n = 0;

	for (uint32_t i = 0; i < a->n; i++) {
		if (can_hold(c, a->set[i], b)) {
			kept[n++] = a->set[i];
		}
	}
	return val_set(kept, n);
}

static struct value refine_ranges(struct comparison c, const struct value *a, const struct value *b)
{
	enum insn_op op = c.negated ? opposite(c.op) : c.op;
	struct value v = *a;
	bool ok = true;

	if (op == OP_JEQ && c.bits == 64) {
		return val_meet(a, b);
	}
	if (c.op == OP_JSET) {
		refine_bits(c, &v, b);
	} else if (op == OP_JEQ) {
		equal_low(&v, b);
	} else if (op == OP_JNE && b->n == 1 && c.bits == 32) {
		exclude_low(&v, (uint32_t)b->set[0]);
	} else if (op == OP_JNE && b->n == 1) {
		exclude_whole(&v, b->set[0]);
	} else if (c.bits == 32) {
		bound32(op, &v, b, &ok);
	} else {
		bound64(op, &v, b, &ok);
	}
	return ok ? val_tighten(v) : val_bottom();
}

/** One side; @p b is left alone. */
static struct value refine_one(struct comparison c, const struct value *a, const struct value *b)
{
	struct value v = a->n > 0 ? refine_set(c, a, b) : refine_ranges(c, a, b);

	if (v.kind != VAL_BOTTOM) {
		v.any = a->any;
		v.loose = a->loose;
	}
	return v;
}

/** Pointers to objects are not NULL. */
static bool never_zero(const struct value *v)
{
	return val_is_pointer(v) && v->kind != VAL_ELEM_OR_NULL && v->smin > -NEAR_OFFSET &&
	       v->smax < NEAR_OFFSET;
}

/** A pointer compared with 0 of 64 bits. */
static void refine_null(bool equal, struct value *ptr)
{
	if (ptr->kind == VAL_ELEM_OR_NULL && equal) {
		*ptr = val_const(0);
	} else if (ptr->kind == VAL_ELEM_OR_NULL) {
		ptr->kind = VAL_ELEM;
	} else if (equal && never_zero(ptr)) {
		*ptr = val_bottom();
	}
}

void refine(struct comparison c, struct value *a, struct value *b)
{
	if (val_is_bottom(a) || val_is_bottom(b)) {
		return;
	}
	if (val_is_pointer(a) || val_is_pointer(b)) {
		const struct value *other = val_is_pointer(a) ? b : a;

		if ((c.op == OP_JEQ || c.op == OP_JNE) && c.bits == 64 && val_is_const(other) &&
		    other->set[0] == 0) {
			refine_null((c.op == OP_JEQ) != c.negated, val_is_pointer(a) ? a : b);
		}
		return;
	}
	struct comparison back = {.op = mirrored(c.op), .negated = c.negated, .bits = c.bits};
	struct value cut = refine_one(c, a, b);
	struct value cut_b = refine_one(back, b, a);

	*a = cut;
	*b = cut_b;
}
