/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/value_parts.h"

#include "model/attrs.h"

#include <assert.h>
#include <string.h>

#define CODES_SMALL (CODES_ALL & ~CODE_BIT(CODE_OTHER))
#define LOW         UINT64_C(0xFFFFFFFF)

/** The number of each word but CODE_OTHER is its place minus one: linux/pkt_cls.h. */
#define FIRST_CODE (-1)
#define LAST_CODE  8

static uint16_t code_bit(uint32_t low)
{
	int32_t number = (int32_t)low;

	if (number < FIRST_CODE || number > LAST_CODE) {
		return CODE_BIT(CODE_OTHER);
	}
	return (uint16_t)(1u << (number - FIRST_CODE));
}

struct value val_bottom(void)
{
	return (struct value){.kind = VAL_BOTTOM};
}

struct value val_top(void)
{
	return (struct value){
		.kind = VAL_NUM,
		.codes = CODES_ALL,
		.bits = {.mask = UINT64_MAX},
		.umax = UINT64_MAX,
		.smin = INT64_MIN,
		.smax = INT64_MAX,
		.u32max = UINT32_MAX,
		.s32min = INT32_MIN,
		.s32max = INT32_MAX,
	};
}

struct value val_any(void)
{
	struct value v = val_top();

	v.any = true;
	return v;
}

/** Ranges, known bits and words of @p n numbers. */
static struct value hull(const uint64_t *numbers, uint32_t n)
{
	struct value v = {.kind = VAL_NUM,
	                  .umin = UINT64_MAX,
	                  .smin = INT64_MAX,
	                  .smax = INT64_MIN,
	                  .u32min = UINT32_MAX,
	                  .s32min = INT32_MAX,
	                  .s32max = INT32_MIN};
	uint64_t differ = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t x = numbers[i];
		uint32_t low = (uint32_t)x;

		v.umin = umin64(v.umin, x);
		v.umax = umax64(v.umax, x);
		v.smin = smin64(v.smin, (int64_t)x);
		v.smax = smax64(v.smax, (int64_t)x);
		v.u32min = low < v.u32min ? low : v.u32min;
		v.u32max = low > v.u32max ? low : v.u32max;
		v.s32min = (int32_t)low < v.s32min ? (int32_t)low : v.s32min;
		v.s32max = (int32_t)low > v.s32max ? (int32_t)low : v.s32max;
		v.codes |= code_bit(low);
		differ |= x ^ numbers[0];
	}
	v.bits = (struct tnum){.value = numbers[0] & ~differ, .mask = differ};
	return v;
}

struct value val_set(const uint64_t *numbers, uint32_t n)
{
	if (n == 0) {
		return val_bottom();
	}

	struct value v = hull(numbers, n);

	for (uint32_t i = 0; i < n; i++) {
		if (!set_add(&v, numbers[i])) {
			memset(v.set, 0, sizeof(v.set));
			v.n = 0;
			break;
		}
	}
	return v;
}

struct value val_const(uint64_t number)
{
	return val_set(&number, 1);
}

struct value val_width(unsigned int bits)
{
	struct value v = val_top();

	if (bits < 64) {
		v.umax = (UINT64_C(1) << bits) - 1;
	}
	return val_tighten(v);
}

struct value val_range(int64_t min, int64_t max)
{
	struct value v = val_top();

	v.smin = min;
	v.smax = max;
	return val_tighten(v);
}

struct value val_ptr(enum val_kind kind, uint32_t ref, int64_t offset)
{
	struct value v = val_const((uint64_t)offset);

	v.kind = (uint8_t)kind;
	v.ref = ref;
	return v;
}

static void tighten_signs(struct value *v)
{
	/* On one side of the sign bit signed and unsigned order agree. */
	if ((int64_t)(v->umin ^ v->umax) >= 0) {
		v->smin = smax64(v->smin, (int64_t)v->umin);
		v->smax = smin64(v->smax, (int64_t)v->umax);
	}
	if ((v->smin ^ v->smax) >= 0 && v->smin <= v->smax) {
		v->umin = umax64(v->umin, (uint64_t)v->smin);
		v->umax = umin64(v->umax, (uint64_t)v->smax);
	}
	if ((int32_t)(v->u32min ^ v->u32max) >= 0) {
		v->s32min = (int32_t)smax64(v->s32min, (int32_t)v->u32min);
		v->s32max = (int32_t)smin64(v->s32max, (int32_t)v->u32max);
	}
	if ((v->s32min ^ v->s32max) >= 0 && v->s32min <= v->s32max) {
		v->u32min = (uint32_t)umax64(v->u32min, (uint32_t)v->s32min);
		v->u32max = (uint32_t)umin64(v->u32max, (uint32_t)v->s32max);
	}
}

/** Between the whole and its low half. */
static void tighten_halves(struct value *v)
{
	if (v->umin >> 32 == v->umax >> 32) {
		uint64_t high = v->umin & ~LOW;

		v->u32min = (uint32_t)umax64(v->u32min, v->umin & LOW);
		v->u32max = (uint32_t)umin64(v->u32max, v->umax & LOW);
		v->umin = umax64(v->umin, high | v->u32min);
		v->umax = umin64(v->umax, high | v->u32max);
	}
	if (v->smin >= INT32_MIN && v->smax <= INT32_MAX) {
		v->s32min = (int32_t)smax64(v->s32min, v->smin);
		v->s32max = (int32_t)smin64(v->s32max, v->smax);
		v->smin = smax64(v->smin, v->s32min);
		v->smax = smin64(v->smax, v->s32max);
	}
}

/** Known bits of all numbers from @p min to @p max: their common beginning. */
static struct tnum tnum_between(uint64_t min, uint64_t max)
{
	uint64_t differ = min ^ max;
	uint64_t mask = differ ? UINT64_MAX >> __builtin_clzll(differ) : 0;

	return (struct tnum){.value = min & ~mask, .mask = mask};
}

/** Between ranges and known bits. @return false for a contradiction. */
static bool tighten_bits(struct value *v)
{
	bool ok = true;

	if (v->umin > v->umax || v->u32min > v->u32max) {
		return false;
	}
	v->bits = tnum_meet(v->bits, tnum_between(v->umin, v->umax), &ok);
	struct tnum low = tnum_between(v->u32min, v->u32max);

	low.mask |= ~LOW;
	v->bits = tnum_meet(v->bits, low, &ok);
	v->umin = umax64(v->umin, v->bits.value);
	v->umax = umin64(v->umax, v->bits.value | v->bits.mask);
	v->u32min = (uint32_t)umax64(v->u32min, v->bits.value & LOW);
	v->u32max = (uint32_t)umin64(v->u32max, (v->bits.value | v->bits.mask) & LOW);

	/* signed: the sign bit low, the others high, gives the bounds of the known bits */
	uint64_t sign = v->bits.mask & (UINT64_C(1) << 63);

	v->smin = smax64(v->smin, (int64_t)(v->bits.value | sign));
	v->smax = smin64(v->smax, (int64_t)(v->bits.value | (v->bits.mask & ~sign)));
	uint32_t sign32 = (uint32_t)v->bits.mask & (UINT32_C(1) << 31);

	v->s32min = (int32_t)smax64(v->s32min, (int32_t)((uint32_t)v->bits.value | sign32));
	v->s32max = (int32_t)smin64(
		v->s32max, (int32_t)((uint32_t)v->bits.value | ((uint32_t)v->bits.mask & ~sign32)));
	return ok && v->smin <= v->smax && v->s32min <= v->s32max && v->umin <= v->umax &&
	       v->u32min <= v->u32max;
}

static bool in_ranges(const struct value *v, uint64_t x)
{
	uint32_t low = (uint32_t)x;

	return x >= v->umin && x <= v->umax && (int64_t)x >= v->smin && (int64_t)x <= v->smax &&
	       low >= v->u32min && low <= v->u32max && (int32_t)low >= v->s32min &&
	       (int32_t)low <= v->s32max && ((x ^ v->bits.value) & ~v->bits.mask) == 0 &&
	       (v->codes & code_bit(low)) != 0;
}

/** Could the low half be this number? Only the low half is looked at. */
static bool low_in_ranges(const struct value *v, uint32_t low)
{
	return low >= v->u32min && low <= v->u32max && (int32_t)low >= v->s32min &&
	       (int32_t)low <= v->s32max &&
	       ((uint32_t)(low ^ v->bits.value) & ~(uint32_t)v->bits.mask) == 0;
}

/** Cut words that the ranges exclude. */
static void tighten_codes(struct value *v)
{
	uint16_t codes = 0;

	for (int32_t number = FIRST_CODE; number <= LAST_CODE; number++) {
		if (low_in_ranges(v, (uint32_t)number)) {
			codes |= code_bit((uint32_t)number);
		}
	}
	if (v->s32min < FIRST_CODE || v->s32max > LAST_CODE) {
		codes |= (uint16_t)CODE_BIT(CODE_OTHER);
	}
	v->codes &= codes;
}

/** Collect the candidates that fit into a set; @return false when there are too many. */
static bool set_from(struct value *v, const uint64_t *candidates, uint32_t n)
{
	uint64_t fit[2 * VAL_SET] = {0};
	uint32_t n_fit = 0;

	assert(n <= COUNT_OF(fit));
	for (uint32_t i = 0; i < n; i++) {
		if (in_ranges(v, candidates[i])) {
			fit[n_fit++] = candidates[i];
		}
	}
	if (n_fit > VAL_SET) {
		return false;
	}
	bool any = v->any;
	bool loose = v->loose;
	uint8_t kind = v->kind;
	uint32_t ref = v->ref;

	*v = val_set(fit, n_fit);
	if (n_fit > 0) {
		v->any = any;
		v->loose = loose;
		v->kind = kind;
		v->ref = ref;
	}
	return true;
}

/** Numbers of the few unknown bits. */
static bool enumerate_bits(struct value *v)
{
	uint64_t candidates[2 * VAL_SET];
	uint32_t n = 0;
	uint64_t part = 0;

	if (__builtin_popcountll(v->bits.mask) > 5) {
		return false;
	}
	do {
		candidates[n++] = v->bits.value | part;
		part = (part - v->bits.mask) & v->bits.mask; /* next subset of the mask */
	} while (part != 0);
	return set_from(v, candidates, n);
}

/** Small ranges and few words become sets. */
static void enumerate(struct value *v)
{
	uint64_t candidates[2 * VAL_SET];
	uint32_t n = 0;
	bool high_known = (v->bits.mask & ~LOW) == 0;
	uint64_t high = v->bits.value & ~LOW;

	if (v->umax - v->umin < COUNT_OF(candidates)) {
		for (uint64_t x = v->umin; n <= v->umax - v->umin; x++) {
			candidates[n++] = x;
		}
	} else if ((uint64_t)v->smax - (uint64_t)v->smin < COUNT_OF(candidates)) {
		for (int64_t x = v->smin; x < v->smax; x++) {
			candidates[n++] = (uint64_t)x;
		}
		candidates[n++] = (uint64_t)v->smax;
	} else if (high_known && (int64_t)v->s32max - v->s32min < (int64_t)COUNT_OF(candidates)) {
		for (int64_t x = v->s32min; x <= v->s32max; x++) {
			candidates[n++] = high | (uint32_t)x;
		}
	} else if (high_known && (v->codes & CODE_BIT(CODE_OTHER)) == 0) {
		for (int32_t x = FIRST_CODE; x <= LAST_CODE; x++) {
			candidates[n++] = high | (uint32_t)x;
		}
	} else {
		(void)enumerate_bits(v);
		return;
	}
	(void)set_from(v, candidates, n);
}

struct value val_tighten(struct value v)
{
	if (v.kind == VAL_BOTTOM) {
		return val_bottom();
	}
	memset(v.set, 0, sizeof(v.set));
	v.n = 0;
	for (int round = 0; round < 3; round++) {
		tighten_signs(&v);
		tighten_halves(&v);
		if (!tighten_bits(&v)) {
			return val_bottom();
		}
	}
	tighten_codes(&v);
	if (v.codes == 0) {
		return val_bottom();
	}
	enumerate(&v);
	return v;
}

bool val_has(const struct value *v, uint64_t number)
{
	if (v->kind == VAL_BOTTOM) {
		return false;
	}
	if (v->n == 0) {
		return in_ranges(v, number);
	}
	for (uint32_t i = 0; i < v->n; i++) {
		if (v->set[i] == number) {
			return true;
		}
	}
	return false;
}

struct value val_as_number(const struct value *v)
{
	struct value top = val_top();

	if (v->kind <= VAL_NUM) {
		return *v;
	}
	top.any = v->kind == VAL_STACK || v->kind == VAL_CTX || is_element(v);
	return top;
}

struct value val_low(const struct value *v)
{
	struct value low = *v;

	if (v->kind == VAL_BOTTOM) {
		return *v;
	}
	if (v->kind != VAL_NUM) {
		return val_width(32);
	}
	if (v->n > 0) {
		uint64_t numbers[VAL_SET];

		for (uint32_t i = 0; i < v->n; i++) {
			numbers[i] = v->set[i] & LOW;
		}
		low = val_set(numbers, v->n);
	} else {
		low.bits.value &= LOW;
		low.bits.mask &= LOW;
		low.umin = v->u32min;
		low.umax = v->u32max;
		low.smin = v->u32min;
		low.smax = v->u32max;
		low.any = false;
		low = val_tighten(low);
	}
	low.loose = v->loose;
	return low;
}

uint32_t val_codes(const struct value *v, bool xdp)
{
	uint32_t codes = 0;
	struct value number = val_as_number(v);

	if (!xdp) {
		return number.codes;
	}
	for (int32_t i = FIRST_CODE; i <= LAST_CODE; i++) {
		if (number.codes & code_bit((uint32_t)i)) {
			codes |= CODE_BIT(code_of_xdp_result(i));
		}
	}
	return number.codes & CODE_BIT(CODE_OTHER) ? codes | CODE_BIT(CODE_OTHER) : codes;
}
