/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/* The value domain: its algebra, and that no operation loses a number that can be. */
#include "analyzer/refine.h"
#include "analyzer/transfer.h"
#include "analyzer/value.h"
#include "model/attrs.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>

#define ROUNDS 60000u

static uint64_t rng = 20240607;

static uint64_t next(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng * UINT64_C(0x2545F4914F6CDD1D);
}

static uint64_t pick_number(void)
{
	static const uint64_t corners[] = {0,
	                                   1,
	                                   2,
	                                   7,
	                                   8,
	                                   31,
	                                   32,
	                                   33,
	                                   63,
	                                   64,
	                                   255,
	                                   256,
	                                   0x7fff,
	                                   0x8000,
	                                   0xffff,
	                                   0x7fffffff,
	                                   0x80000000,
	                                   0xffffffff,
	                                   0x100000000,
	                                   0x7fffffffffffffff,
	                                   0x8000000000000000,
	                                   UINT64_MAX,
	                                   UINT64_MAX - 1,
	                                   0xffffffff80000000,
	                                   0xffffffff7fffffff};

	switch (next() % 4) {
	case 0:
		return corners[next() % COUNT_OF(corners)];
	case 1:
		return corners[next() % COUNT_OF(corners)] + next() % 7 - 3;
	case 2:
		return next() >> next() % 64;
	default:
		return (uint64_t)((int64_t)next() >> next() % 64);
	}
}

/** A random value and a number in it. */
static struct value pick_value(uint64_t *ret)
{
	uint64_t numbers[40];
	uint32_t n = 0;
	struct value v = val_top();
	uint64_t x = pick_number();

	switch (next() % 7) {
	case 0:
		*ret = x;
		return val_const(x);
	case 1:
		n = (uint32_t)(1 + next() % COUNT_OF(numbers));
		for (uint32_t i = 0; i < n; i++) {
			numbers[i] = pick_number();
		}
		*ret = numbers[next() % n];
		return val_set(numbers, n);
	case 2:
		v.umin = x - (x < 40 ? x : next() % 40);
		v.umax = x + (UINT64_MAX - x < 90 ? 0 : next() % 90);
		break;
	case 3:
		v.smin = (int64_t)x < 0 ? INT64_MIN : (int64_t)(next() % ((x >> 1) + 1));
		v.smin = v.smin > (int64_t)x ? (int64_t)x : v.smin;
		v.s32min = (int32_t)x < -5 ? INT32_MIN : -5;
		v.u32max = (uint32_t)x | (uint32_t)(next() & 0xff);
		break;
	case 4:
		v.bits.mask = next();
		v.bits.mask &= next();
		v.bits.value = x & ~v.bits.mask;
		break;
	case 5:
		v.s32min = (int32_t)x - ((int32_t)x > INT32_MIN + 9 ? (int32_t)(next() % 9) : 0);
		v.s32max = (int32_t)x + ((int32_t)x < INT32_MAX - 9 ? (int32_t)(next() % 9) : 0);
		break;
	default:
		break;
	}
	*ret = x;
	return val_tighten(v);
}

static void show(const char *what, const struct value *v)
{
	cr_log_error("%s: kind %u n %u u [%" PRIx64 ",%" PRIx64 "] s [%" PRId64 ",%" PRId64
	             "] u32 [%x,%x] s32 [%d,%d] bits %" PRIx64 "/%" PRIx64 " codes %x",
	             what, v->kind, v->n, v->umin, v->umax, v->smin, v->smax, v->u32min, v->u32max,
	             v->s32min, v->s32max, v->bits.value, v->bits.mask, v->codes);
}

Test(value, picked_numbers_are_in_their_values)
{
	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint64_t x = 0;
		struct value v = pick_value(&x);

		if (!val_has(&v, x)) {
			show("value", &v);
		}
		cr_assert(val_has(&v, x), "round %u: %" PRIx64, i, x);
	}
}

Test(value, algebra)
{
	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint64_t x = 0;
		uint64_t y = 0;
		struct value a = pick_value(&x);
		struct value b = pick_value(&y);
		struct value ab = val_join(&a, &b);
		struct value ba = val_join(&b, &a);
		struct value m = val_meet(&a, &b);
		struct value w = val_widen(&a, &b);
		struct value far = val_widen_far(&a, &b);

		cr_assert(val_eq(&ab, &ba), "round %u: join commutes", i);
		cr_assert(val_leq(&a, &ab) && val_leq(&b, &ab), "round %u: below the join", i);
		cr_assert(val_leq(&a, &a), "round %u: below itself", i);
		cr_assert(val_has(&ab, x) && val_has(&ab, y), "round %u: join keeps numbers", i);
		cr_assert(val_has(&w, x) && val_has(&w, y), "round %u: widening keeps numbers", i);
		cr_assert(val_has(&far, x) && val_has(&far, y),
		          "round %u: widening far keeps numbers", i);
		cr_assert(val_has(&m, x) == val_has(&b, x) || val_has(&m, x),
		          "round %u: meet keeps common numbers", i);
		cr_assert(!val_leq(&a, &b) || val_has(&b, x), "round %u: order means inclusion", i);
	}
}

Test(value, widening_ends)
{
	for (uint32_t i = 0; i < 300; i++) {
		uint64_t x = 0;
		struct value v = pick_value(&x);
		uint32_t changes = 0;

		for (uint32_t k = 0; k < 3000; k++) {
			struct value more = pick_value(&x);
			struct value w = val_widen(&v, &more);

			changes += !val_eq(&w, &v);
			v = w;
		}
		cr_assert_lt(changes, 700, "start %u: %u changes", i, changes);
	}
}

/* Far widening is for loops that must end soon: by the ends of integers, not number by number. */
Test(value, far_widening_ends_soon)
{
	for (uint32_t i = 0; i < 300; i++) {
		uint64_t x = 0;
		struct value v = pick_value(&x);
		uint32_t changes = 0;

		for (uint32_t k = 0; k < 300; k++) {
			struct value more = pick_value(&x);
			struct value w = val_widen_far(&v, &more);

			changes += !val_eq(&w, &v);
			v = w;
		}
		cr_assert_lt(changes, 40, "start %u: %u changes", i, changes);
	}
}

Test(value, a_counter_is_widened_in_two_steps)
{
	struct value v = val_const(0);

	for (uint64_t k = 1; k < 3; k++) {
		struct value more = val_const(k);

		v = val_widen_far(&v, &more);
	}
	cr_expect_eq(v.umin, 0);
	cr_expect_eq(v.umax, UINT8_MAX);
}

Test(value, low_half_and_number)
{
	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint64_t x = 0;
		struct value v = pick_value(&x);
		struct value low = val_low(&v);
		uint32_t bit = CODE_BIT(code_of_result((int32_t)x));
		uint32_t xdp = CODE_BIT(code_of_xdp_result((int32_t)x));

		cr_assert(val_has(&low, (uint32_t)x), "round %u", i);
		cr_assert(val_codes(&v, false) & bit, "round %u: word", i);
		cr_assert(val_codes(&v, true) & xdp, "round %u: xdp word", i);
	}
}

/* Concrete meaning, written out again. */
static uint64_t run_binary(enum insn_op op, unsigned int bits, uint64_t a, uint64_t b)
{
	if (bits == 32) {
		uint32_t x = (uint32_t)a;
		uint32_t y = (uint32_t)b;

		switch (op) {
		case OP_ADD:
			return x + y;
		case OP_SUB:
			return x - y;
		case OP_MUL:
			return x * y;
		case OP_DIV:
			return y ? x / y : 0;
		case OP_MOD:
			return y ? x % y : x;
		case OP_SDIV:
			return y == UINT32_MAX ? (uint32_t)(0 - x)
			       : y             ? (uint32_t)((int32_t)x / (int32_t)y)
			                       : 0;
		case OP_SMOD:
			return y == UINT32_MAX ? 0 : y ? (uint32_t)((int32_t)x % (int32_t)y) : x;
		case OP_OR:
			return x | y;
		case OP_AND:
			return x & y;
		case OP_XOR:
			return x ^ y;
		case OP_LSH:
			return x << (y & 31);
		case OP_RSH:
			return x >> (y & 31);
		default:
			return (uint32_t)((int32_t)x >> (y & 31));
		}
	}
	switch (op) {
	case OP_ADD:
		return a + b;
	case OP_SUB:
		return a - b;
	case OP_MUL:
		return a * b;
	case OP_DIV:
		return b ? a / b : 0;
	case OP_MOD:
		return b ? a % b : a;
	case OP_SDIV:
		return b == UINT64_MAX ? -a : b ? (uint64_t)((int64_t)a / (int64_t)b) : 0;
	case OP_SMOD:
		return b == UINT64_MAX ? 0 : b ? (uint64_t)((int64_t)a % (int64_t)b) : a;
	case OP_OR:
		return a | b;
	case OP_AND:
		return a & b;
	case OP_XOR:
		return a ^ b;
	case OP_LSH:
		return a << (b & 63);
	case OP_RSH:
		return a >> (b & 63);
	default:
		return (uint64_t)((int64_t)a >> (b & 63));
	}
}

Test(value, binary_operations_are_sound)
{
	for (uint32_t i = 0; i < 5 * ROUNDS; i++) {
		enum insn_op op = (enum insn_op)(OP_ADD + next() % (OP_ARSH - OP_ADD + 1));
		unsigned int bits = next() % 2 ? 32 : 64;
		uint64_t x = 0;
		uint64_t y = 0;
		struct value a = pick_value(&x);
		struct value b = pick_value(&y);
		struct value v = transfer_binary(op, bits, &a, &b);
		uint64_t want = run_binary(op, bits, x, y);

		if (!val_has(&v, want)) {
			show("a", &a);
			show("b", &b);
			show("result", &v);
		}
		cr_assert(val_has(&v, want), "round %u: op %d of %u bits, %" PRIx64 " and %" PRIx64,
		          i, op, bits, x, y);
	}
}

static uint64_t run_unary(enum insn_op op, unsigned int bits, unsigned int from, uint64_t a)
{
	uint64_t low = from == 64 ? a : a & ((UINT64_C(1) << from) - 1);

	switch (op) {
	case OP_MOV:
		break;
	case OP_NEG:
		a = 0 - a;
		break;
	case OP_SEXT:
		a = low;
		if (from < 64 && (low >> (from - 1) & 1)) {
			a |= UINT64_MAX << from;
		}
		break;
	case OP_TRUNC:
		return low;
	default:
		a = 0;
		for (unsigned int i = 0; i < from; i += 8) {
			a |= (low >> i & 0xff) << (from - 8 - i);
		}
		return a;
	}
	return bits == 32 ? (uint32_t)a : a;
}

Test(value, unary_operations_are_sound)
{
	static const enum insn_op ops[] = {OP_MOV, OP_NEG, OP_SEXT, OP_TRUNC, OP_SWAP};

	for (uint32_t i = 0; i < 3 * ROUNDS; i++) {
		enum insn_op op = ops[next() % COUNT_OF(ops)];
		unsigned int bits = next() % 2 ? 32 : 64;
		unsigned int from = 8u << next() % 3;
		uint64_t x = 0;
		struct value a = pick_value(&x);

		from = op == OP_SWAP ? from * 2 : from;
		struct value v = transfer_unary(op, bits, from, &a);

		if (!val_has(&v, run_unary(op, bits, from, x))) {
			show("a", &a);
			show("result", &v);
		}
		cr_assert(val_has(&v, run_unary(op, bits, from, x)),
		          "round %u: op %d to %u from %u, %" PRIx64, i, op, bits, from, x);
	}
}

static bool run_jump(enum insn_op op, unsigned int bits, uint64_t a, uint64_t b)
{
	int64_t s = bits == 32 ? (int32_t)a : (int64_t)a;
	int64_t t = bits == 32 ? (int32_t)b : (int64_t)b;

	a = bits == 32 ? (uint32_t)a : a;
	b = bits == 32 ? (uint32_t)b : b;
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

Test(value, refinement_is_sound)
{
	for (uint32_t i = 0; i < 5 * ROUNDS; i++) {
		struct comparison c = {
			.op = (enum insn_op)(OP_JEQ + next() % (OP_JSET - OP_JEQ + 1)),
			.bits = next() % 2 ? 32 : 64};
		uint64_t x = 0;
		uint64_t y = 0;
		struct value a = pick_value(&x);
		struct value b = pick_value(&y);

		if (next() % 8 == 0) {
			b = a;
			y = x;
		}
		c.negated = !run_jump(c.op, c.bits, x, y);
		struct value p = a;
		struct value q = b;

		refine(c, &p, &q);
		if (!val_has(&p, x) || !val_has(&q, y)) {
			show("a", &a);
			show("b", &b);
			show("a then", &p);
			show("b then", &q);
		}
		cr_assert(val_has(&p, x) && val_has(&q, y),
		          "round %u: op %d negated %d of %u bits, %" PRIx64 " and %" PRIx64, i,
		          c.op, c.negated, c.bits, x, y);
		cr_assert(val_leq(&p, &a) || p.n > 0 || val_is_bottom(&p) || a.n == 0,
		          "round %u: cut", i);
		cr_assert(refine_holds(c, x, y), "round %u: holds", i);
	}
}

struct shape {
	const char *name;
	struct value (*make)(void);
	uint32_t n;
	uint32_t codes;
};

static struct value shifted(void)
{
	struct value v = val_width(32);
	struct value by = val_const(31);

	return transfer_binary(OP_ARSH, 32, &v, &by);
}

static struct value masked(void)
{
	struct value v = shifted();
	struct value error = val_const((uint32_t)-134);

	return transfer_binary(OP_AND, 32, &v, &error);
}

static struct value without_two_and_seven(void)
{
	struct value v = val_width(32);
	struct comparison c = {.op = OP_JNE, .bits = 32};
	struct value two = val_const(2);
	struct value seven = val_const(7);

	refine(c, &v, &two);
	refine(c, &v, &seven);
	return v;
}

static struct value byte(void)
{
	return val_width(8);
}

static const struct shape shapes[] = {
	{"an arithmetic shift by 31 leaves 0 and -1", shifted, 2,
         CODE_BIT(CODE_OK) | CODE_BIT(CODE_UNSPEC)},
	{"masking it leaves 0 and the mask", masked, 2, CODE_BIT(CODE_OK) | CODE_BIT(CODE_OTHER)},
	{"excluded words stay excluded", without_two_and_seven, 0,
         CODES_ALL & ~CODE_BIT(CODE_SHOT) & ~CODE_BIT(CODE_REDIRECT)},
	{"a byte is never -1", byte, 0, CODES_ALL & ~CODE_BIT(CODE_UNSPEC)},
};

Test(value, shapes)
{
	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		struct value v = shapes[i].make();

		cr_expect_eq(v.n, shapes[i].n, "%s: %u numbers", shapes[i].name, v.n);
		cr_expect_eq(val_codes(&v, false), shapes[i].codes, "%s: %x", shapes[i].name,
		             val_codes(&v, false));
	}
}
