/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/transfer.h"

#include "model/attrs.h"

#include <assert.h>

#define LOW UINT64_C(0xFFFFFFFF)

/** Most pairs of two sets that are computed one by one. */
#define MAX_PAIRS (VAL_SET * VAL_SET)

typedef struct value binary_fn(const struct value *a, const struct value *b);
typedef uint64_t number_fn(uint64_t a, uint64_t b);

/** How an operation of 32 bits is made from that of 64. */
enum widening {
	BY_LOW,  /**< Of zero-extended operands. */
	BY_SIGN, /**< Of sign-extended operands. */
};

struct operation {
	number_fn *number; /**< Of 64 bits. */
	binary_fn *ranges; /**< The same for values of kind VAL_NUM that are not both sets. */
	enum widening widening;
	bool shift; /**< The second operand counts modulo the width. */
};

/* --- numbers -----------------------------------------------------------------------------------
 */

static uint64_t n_add(uint64_t a, uint64_t b)
{
	return a + b;
}

static uint64_t n_sub(uint64_t a, uint64_t b)
{
	return a - b;
}

static uint64_t n_mul(uint64_t a, uint64_t b)
{
	return a * b;
}

static uint64_t n_div(uint64_t a, uint64_t b)
{
	return b ? a / b : 0;
}

static uint64_t n_mod(uint64_t a, uint64_t b)
{
	return b ? a % b : a;
}

static uint64_t n_sdiv(uint64_t a, uint64_t b)
{
	if (b == UINT64_MAX) {
		return -a; /* also for the smallest number, which has no opposite */
	}
	return b ? (uint64_t)((int64_t)a / (int64_t)b) : 0;
}

static uint64_t n_smod(uint64_t a, uint64_t b)
{
	if (b == UINT64_MAX) {
		return 0;
	}
	return b ? (uint64_t)((int64_t)a % (int64_t)b) : a;
}

static uint64_t n_or(uint64_t a, uint64_t b)
{
	return a | b;
}

static uint64_t n_and(uint64_t a, uint64_t b)
{
	return a & b;
}

static uint64_t n_xor(uint64_t a, uint64_t b)
{
	return a ^ b;
}

static uint64_t n_lsh(uint64_t a, uint64_t b)
{
	return a << (b & 63);
}

static uint64_t n_rsh(uint64_t a, uint64_t b)
{
	return a >> (b & 63);
}

static uint64_t n_arsh(uint64_t a, uint64_t b)
{
	return (uint64_t)((int64_t)a >> (b & 63));
}

/* --- ranges ------------------------------------------------------------------------------------
 */

static struct value r_add(const struct value *a, const struct value *b)
{
	struct value v = val_top();
	uint64_t u = 0;
	int64_t s = 0;
	int64_t t = 0;

	v.bits = tnum_add(a->bits, b->bits);
	if (!__builtin_add_overflow(a->umax, b->umax, &u)) {
		v.umin = a->umin + b->umin;
		v.umax = u;
	} else if (a->umin > UINT64_MAX - b->umin) { /* all sums wrap */
		v.umin = a->umin + b->umin;
		v.umax = a->umax + b->umax;
	}
	if (!__builtin_add_overflow(a->smin, b->smin, &s) &&
	    !__builtin_add_overflow(a->smax, b->smax, &t)) {
		v.smin = s;
		v.smax = t;
	}
	uint64_t low_min = (uint64_t)a->u32min + b->u32min;
	uint64_t low_max = (uint64_t)a->u32max + b->u32max;

	if (low_min >> 32 == low_max >> 32) {
		v.u32min = (uint32_t)low_min;
		v.u32max = (uint32_t)low_max;
	}
	s = (int64_t)a->s32min + b->s32min;
	t = (int64_t)a->s32max + b->s32max;
	if (s >= INT32_MIN && t <= INT32_MAX) {
		v.s32min = (int32_t)s;
		v.s32max = (int32_t)t;
	}
	return val_tighten(v);
}

static struct value r_sub(const struct value *a, const struct value *b)
{
	struct value v = val_top();
	int64_t s = 0;
	int64_t t = 0;

	v.bits = tnum_sub(a->bits, b->bits);
	if (a->umin >= b->umax || a->umax < b->umin) { /* none wraps, or all */
		v.umin = a->umin - b->umax;
		v.umax = a->umax - b->umin;
	}
	if (!__builtin_sub_overflow(a->smin, b->smax, &s) &&
	    !__builtin_sub_overflow(a->smax, b->smin, &t)) {
		v.smin = s;
		v.smax = t;
	}
	if (a->u32min >= b->u32max || a->u32max < b->u32min) {
		v.u32min = a->u32min - b->u32max;
		v.u32max = a->u32max - b->u32min;
	}
	s = (int64_t)a->s32min - b->s32max;
	t = (int64_t)a->s32max - b->s32min;
	if (s >= INT32_MIN && t <= INT32_MAX) {
		v.s32min = (int32_t)s;
		v.s32max = (int32_t)t;
	}
	return val_tighten(v);
}

static struct value r_mul(const struct value *a, const struct value *b)
{
	struct value v = val_top();
	uint64_t u = 0;

	v.bits = tnum_mul(a->bits, b->bits);
	if (!__builtin_mul_overflow(a->umax, b->umax, &u)) {
		v.umin = a->umin * b->umin;
		v.umax = u;
	}
	if (a->smin >= INT32_MIN && a->smax <= INT32_MAX && b->smin >= INT32_MIN &&
	    b->smax <= INT32_MAX) {
		int64_t corner[] = {a->smin * b->smin, a->smin * b->smax, a->smax * b->smin,
		                    a->smax * b->smax};

		v.smin = INT64_MAX;
		v.smax = INT64_MIN;
		for (size_t i = 0; i < COUNT_OF(corner); i++) {
			v.smin = corner[i] < v.smin ? corner[i] : v.smin;
			v.smax = corner[i] > v.smax ? corner[i] : v.smax;
		}
	}
	return val_tighten(v);
}

static struct value r_div(const struct value *a, const struct value *b)
{
	struct value v = val_top();

	v.umax = a->umax;
	if (b->umin > 0) {
		v.umin = a->umin / b->umax;
		v.umax = a->umax / b->umin;
	}
	return val_tighten(v);
}

static struct value r_mod(const struct value *a, const struct value *b)
{
	struct value v = val_top();

	if (b->umin > a->umax) {
		return *a;
	}
	v.umax = a->umax;
	if (b->umin > 0 && b->umax - 1 < v.umax) {
		v.umax = b->umax - 1;
	}
	return val_tighten(v);
}

static struct value r_sdiv(const struct value *a, const struct value *b)
{
	struct value v = val_top();

	if (b->n == 1 && (int64_t)b->set[0] > 0) {
		v.smin = a->smin / (int64_t)b->set[0];
		v.smax = a->smax / (int64_t)b->set[0];
	} else if (a->smin >= 0) { /* towards zero: never larger than the dividend */
		v.smin = -a->smax;
		v.smax = a->smax;
	}
	return val_tighten(v);
}

static struct value r_smod(const struct value *a, const struct value *b)
{
	struct value v = val_top();

	/* the sign of the dividend, and never further from zero than it */
	v.smin = a->smin < 0 ? a->smin : 0;
	v.smax = a->smax > 0 ? a->smax : 0;
	if (b->n == 1 && (int64_t)b->set[0] > 0) {
		int64_t most = (int64_t)b->set[0] - 1;

		v.smin = v.smin < -most ? -most : v.smin;
		v.smax = v.smax > most ? most : v.smax;
	}
	return val_tighten(v);
}

static struct value r_and(const struct value *a, const struct value *b)
{
	struct value v = val_top();

	v.bits = tnum_and(a->bits, b->bits);
	v.umax = a->umax < b->umax ? a->umax : b->umax;
	v.u32max = a->u32max < b->u32max ? a->u32max : b->u32max;
	if (a->smin >= 0 || b->smin >= 0) {
		v.smin = 0;
	}
	return val_tighten(v);
}

static struct value r_or(const struct value *a, const struct value *b)
{
	struct value v = val_top();

	v.bits = tnum_or(a->bits, b->bits);
	v.umin = a->umin > b->umin ? a->umin : b->umin;
	v.u32min = a->u32min > b->u32min ? a->u32min : b->u32min;
	return val_tighten(v);
}

static struct value r_xor(const struct value *a, const struct value *b)
{
	struct value v = val_top();

	v.bits = tnum_xor(a->bits, b->bits);
	return val_tighten(v);
}

static struct value lsh_by(const struct value *a, unsigned int by)
{
	struct value v = val_top();

	assert(by < 64);
	v.bits.value = a->bits.value << by;
	v.bits.mask = a->bits.mask << by;
	if (a->umax <= UINT64_MAX >> by) {
		v.umin = a->umin << by;
		v.umax = a->umax << by;
	}
	if (by >= 32) { /* only the low half, or less of it, is left */
		if (by == 32) {
			v.smin = (int64_t)((uint64_t)(int64_t)a->s32min << 32);
			v.smax = (int64_t)((uint64_t)(int64_t)a->s32max << 32);
		}
		if ((uint64_t)a->u32max <= UINT64_MAX >> by) {
			v.umin = (uint64_t)a->u32min << by;
			v.umax = (uint64_t)a->u32max << by;
		}
	} else if (a->smin >= INT64_MIN >> by && a->smax <= INT64_MAX >> by) {
		v.smin = (int64_t)((uint64_t)a->smin << by);
		v.smax = (int64_t)((uint64_t)a->smax << by);
	}
	return val_tighten(v);
}

static struct value rsh_by(const struct value *a, unsigned int by)
{
	struct value v = val_top();

	v.bits.value = a->bits.value >> by;
	v.bits.mask = a->bits.mask >> by;
	v.umin = a->umin >> by;
	v.umax = a->umax >> by;
	return val_tighten(v);
}

static struct value arsh_by(const struct value *a, unsigned int by)
{
	struct value v = val_top();

	v.bits.value = (uint64_t)((int64_t)a->bits.value >> by);
	v.bits.mask = (uint64_t)((int64_t)a->bits.mask >> by);
	v.smin = a->smin >> by;
	v.smax = a->smax >> by;
	return val_tighten(v);
}

/** Join over the amounts of a set. */
static struct value by_each(const struct value *a, const struct value *amounts,
                            struct value (*shift)(const struct value *a, unsigned int by))
{
	struct value v = val_bottom();

	for (uint32_t i = 0; i < amounts->n; i++) {
		struct value one = shift(a, (unsigned int)(amounts->set[i] & 63));

		v = val_join(&v, &one);
	}
	return v;
}

static struct value r_lsh(const struct value *a, const struct value *b)
{
	struct value v = val_top();

	if (b->n > 0) {
		return by_each(a, b, lsh_by);
	}
	uint64_t maybe = a->bits.value | a->bits.mask;

	v.bits.mask = maybe ? UINT64_MAX << __builtin_ctzll(maybe) : 0;
	return val_tighten(v);
}

static struct value r_rsh(const struct value *a, const struct value *b)
{
	struct value v = val_top();

	if (b->n > 0) {
		return by_each(a, b, rsh_by);
	}
	v.umax = a->umax >> (b->umax <= 63 ? b->umin : 0);
	return val_tighten(v);
}

static struct value r_arsh(const struct value *a, const struct value *b)
{
	struct value v = val_top();

	if (b->n > 0) {
		return by_each(a, b, arsh_by);
	}
	v.smin = a->smin < 0 ? a->smin : 0;
	v.smax = a->smax >= 0 ? a->smax : -1;
	return val_tighten(v);
}

static const struct operation operations[N_INSN_OPS] = {
	[OP_ADD] = {n_add, r_add, BY_LOW, false},     [OP_SUB] = {n_sub, r_sub, BY_LOW, false},
	[OP_MUL] = {n_mul, r_mul, BY_LOW, false},     [OP_DIV] = {n_div, r_div, BY_LOW, false},
	[OP_MOD] = {n_mod, r_mod, BY_LOW, false},     [OP_SDIV] = {n_sdiv, r_sdiv, BY_SIGN, false},
	[OP_SMOD] = {n_smod, r_smod, BY_SIGN, false}, [OP_OR] = {n_or, r_or, BY_LOW, false},
	[OP_AND] = {n_and, r_and, BY_LOW, false},     [OP_XOR] = {n_xor, r_xor, BY_LOW, false},
	[OP_LSH] = {n_lsh, r_lsh, BY_LOW, true},      [OP_RSH] = {n_rsh, r_rsh, BY_LOW, true},
	[OP_ARSH] = {n_arsh, r_arsh, BY_SIGN, true},
};

uint64_t transfer_number(enum insn_op op, unsigned int bits, uint64_t a, uint64_t b)
{
	const struct operation *o = &operations[op];

	if (bits == 64) {
		return o->number(a, b);
	}
	if (o->shift) {
		b &= 31;
	}
	if (o->widening == BY_SIGN) {
		return o->number((uint64_t)(int32_t)a, (uint64_t)(int32_t)b) & LOW;
	}
	return o->number(a & LOW, b & LOW) & LOW;
}

/** All pairs of two sets. */
static struct value pairs(enum insn_op op, unsigned int bits, const struct value *a,
                          const struct value *b)
{
	uint64_t results[MAX_PAIRS];
	uint32_t n = 0;

	for (uint32_t i = 0; i < a->n; i++) {
		for (uint32_t j = 0; j < b->n; j++) {
			results[n++] = transfer_number(op, bits, a->set[i], b->set[j]);
		}
	}
	return val_set(results, n);
}

/** Sign extension of the low @p from bits to 64. */
static struct value sign_extend(const struct value *a, unsigned int from)
{
	struct value v = val_top();
	unsigned int up = 64 - from;

	if (a->n > 0) {
		uint64_t numbers[VAL_SET];

		for (uint32_t i = 0; i < a->n; i++) {
			numbers[i] = (uint64_t)((int64_t)(a->set[i] << up) >> up);
		}
		return val_set(numbers, a->n);
	}
	v.bits.value = (uint64_t)((int64_t)(a->bits.value << up) >> up);
	v.bits.mask = (uint64_t)((int64_t)(a->bits.mask << up) >> up);
	if (from == 32) {
		v.smin = a->s32min;
		v.smax = a->s32max;
		v.s32min = a->s32min;
		v.s32max = a->s32max;
		v.u32min = a->u32min;
		v.u32max = a->u32max;
		v.codes = a->codes;
	} else if (a->smin >= 0 && a->smax < INT64_C(1) << (from - 1)) {
		v = *a;
		v.any = false;
	} else {
		v.smin = -(INT64_C(1) << (from - 1));
		v.smax = (INT64_C(1) << (from - 1)) - 1;
	}
	return val_tighten(v);
}

static struct value keep_low(const struct value *a, unsigned int from)
{
	struct value mask = val_const(from == 64 ? UINT64_MAX : (UINT64_C(1) << from) - 1);

	if (from == 32) {
		return val_low(a);
	}
	return a->n > 0 ? pairs(OP_AND, 64, a, &mask) : r_and(a, &mask);
}

static uint64_t swap_number(uint64_t x, unsigned int from)
{
	if (from == 64) {
		return __builtin_bswap64(x);
	}
	return from == 32 ? __builtin_bswap32((uint32_t)x) : __builtin_bswap16((uint16_t)x);
}

static struct value swap(const struct value *a, unsigned int from)
{
	struct value v = val_width(from);

	if (a->n > 0) {
		uint64_t numbers[VAL_SET];

		for (uint32_t i = 0; i < a->n; i++) {
			numbers[i] = swap_number(a->set[i], from);
		}
		return val_set(numbers, a->n);
	}
	v.bits.value = swap_number(a->bits.value, from);
	v.bits.mask = swap_number(a->bits.mask, from);
	return val_tighten(v);
}

/** Are the ranges more than what the known bits say? Then operations may lose something. */
static bool has_shape(const struct value *v)
{
	return v->n == 0 && (v->umin != v->bits.value || v->umax != (v->bits.value | v->bits.mask));
}

static struct value number_of(const struct value *v)
{
	struct value number = val_as_number(v);

	number.any = false;
	return number;
}

/** Operands of an operation on numbers, brought to 64 bits. */
static void widen_operands(const struct operation *o, unsigned int bits, struct value *x,
                           struct value *y)
{
	struct value most = val_const(bits - 1);

	if (bits == 32) {
		*x = o->widening == BY_SIGN ? sign_extend(x, 32) : val_low(x);
		*y = o->widening == BY_SIGN ? sign_extend(y, 32) : val_low(y);
	}
	if (o->shift) {
		*y = y->n > 0 ? pairs(OP_AND, 64, y, &most) : r_and(y, &most);
	}
}

/** The operation on two numbers, whatever they point to. */
static struct value number_binary(enum insn_op op, unsigned int bits, const struct value *a,
                                  const struct value *b)
{
	const struct operation *o = &operations[op];
	struct value x = *a;
	struct value y = *b;
	struct value v;

	if (x.n > 0 && y.n > 0) {
		v = pairs(op, bits, &x, &y);
	} else {
		widen_operands(o, bits, &x, &y);
		v = o->ranges(&x, &y);
		v = bits == 32 ? val_low(&v) : v;
	}
	v.loose = a->loose || b->loose || (x.n != 1 && y.n != 1) ||
	          (op != OP_ADD && op != OP_SUB && (has_shape(&x) || has_shape(&y)));
	return v;
}

/** The offset of a pointer, as a number. */
static struct value offset_of(const struct value *ptr)
{
	struct value offset = *ptr;

	offset.kind = VAL_NUM;
	offset.ref = 0;
	return offset;
}

/** The difference of two pointers into one object is a number. */
static bool pointer_difference(const struct value *a, const struct value *b, struct value *ret)
{
	if (a->kind != b->kind || a->ref != b->ref || a->kind == VAL_FUNC) {
		return false;
	}
	struct value x = offset_of(a);
	struct value y = offset_of(b);

	*ret = number_binary(OP_SUB, 64, &x, &y);
	return true;
}

/** Offsets move with the pointer. */
static bool pointer_sum(enum insn_op op, const struct value *a, const struct value *b,
                        struct value *ret)
{
	const struct value *ptr = val_is_pointer(a) ? a : b;
	const struct value *num = val_is_pointer(a) ? b : a;

	if ((op != OP_ADD && op != OP_SUB) || !val_is_pointer(ptr) || a->kind == VAL_ELEM_OR_NULL ||
	    b->kind == VAL_ELEM_OR_NULL) {
		return false;
	}
	if (op == OP_SUB && val_is_pointer(b)) {
		return pointer_difference(a, b, ret);
	}
	if (num->kind != VAL_NUM || num->any || ptr->kind == VAL_FUNC) {
		return false;
	}
	struct value offset = offset_of(ptr);

	*ret = number_binary(op, 64, &offset, num);
	if (!val_is_bottom(ret)) {
		ret->kind = ptr->kind;
		ret->ref = ptr->ref;
	}
	return true;
}

struct value transfer_binary(enum insn_op op, unsigned int bits, const struct value *a,
                             const struct value *b)
{
	struct value v;

	if (val_is_bottom(a) || val_is_bottom(b)) {
		return val_bottom();
	}
	if (bits == 64 && pointer_sum(op, a, b, &v)) {
		return v;
	}
	struct value x = number_of(a);
	struct value y = number_of(b);

	v = number_binary(op, bits, &x, &y);
	v.any = bits == 64 && v.kind == VAL_NUM && (val_as_number(a).any || val_as_number(b).any);
	return v;
}

struct value transfer_unary(enum insn_op op, unsigned int bits, unsigned int from,
                            const struct value *a)
{
	struct value x = number_of(a);
	struct value v;

	if (val_is_bottom(a)) {
		return *a;
	}
	switch (op) {
	case OP_MOV:
		return bits == 64 ? *a : val_low(a);
	case OP_NEG:
		v = val_const(0);
		v = transfer_binary(OP_SUB, bits, &v, &x);
		break;
	case OP_SEXT:
		x = from == 32 ? x : keep_low(&x, from);
		v = sign_extend(&x, from);
		v = bits == 32 ? val_low(&v) : v;
		break;
	case OP_TRUNC:
		v = keep_low(&x, from);
		break;
	default:
		v = swap(&x, from);
		break;
	}
	v.loose = a->loose || (op != OP_NEG && has_shape(a));
	return v;
}
