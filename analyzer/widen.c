/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joins that end: bounds that move jump, so that a loop moves them a few times only.
 */
#include "analyzer/value.h"

/** Next number of the form 2^k - 1. */
static uint64_t mask_above(uint64_t x)
{
	return x ? UINT64_MAX >> __builtin_clzll(x) : 0;
}

/** Next power of two downwards, or 0. */
static uint64_t power_below(uint64_t x)
{
	return x ? UINT64_C(1) << (63 - __builtin_clzll(x)) : 0;
}

/** Largest number of the narrowest integer that holds it. */
static uint64_t width_above(uint64_t x)
{
	return x <= UINT8_MAX    ? UINT8_MAX
	       : x <= UINT16_MAX ? UINT16_MAX
	       : x <= INT32_MAX  ? INT32_MAX
	       : x <= UINT32_MAX ? UINT32_MAX
	       : x <= INT64_MAX  ? INT64_MAX
	                         : UINT64_MAX;
}

static uint64_t zero_below(uint64_t x)
{
	(void)x;
	return 0;
}

/** Where bounds go that move. */
struct jumps {
	bool far;
	uint64_t (*up)(uint64_t x);
	uint64_t (*down)(uint64_t x);
};

static int64_t jump_up(const struct jumps *jumps, int64_t x)
{
	return x >= 0 ? (int64_t)jumps->up((uint64_t)x) : -1;
}

static int64_t jump_down(const struct jumps *jumps, int64_t x)
{
	return x >= 0 ? 0 : (int64_t)~jumps->up(~(uint64_t)x);
}

static int32_t clamp32(int64_t x)
{
	return (int32_t)(x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : x);
}

/** Bits and words hold bounds back, so they go as well; trailing known bits (a stride) may stay. */
static void let_go(struct value *now, const struct value *was)
{
	uint64_t low = now->bits.mask & -now->bits.mask;

	if (now->bits.mask != was->bits.mask || now->bits.value != was->bits.value) {
		now->bits.mask |= width_above(now->bits.mask) & ~(low - 1);
		now->bits.value &= ~now->bits.mask;
	}
	if (now->codes != was->codes) {
		now->codes = CODES_ALL;
	}
}

static struct value widen(const struct value *was, const struct value *now,
                          const struct jumps *jumps)
{
	struct value v = val_join(was, now);

	if (v.kind == VAL_BOTTOM || was->kind != v.kind || was->ref != v.ref ||
	    (v.n > 0 && v.n == was->n)) {
		return v;
	}
	if (jumps->far) {
		let_go(&v, was);
	}
	v.umax = v.umax > was->umax ? jumps->up(v.umax) : v.umax;
	v.umin = v.umin < was->umin ? jumps->down(v.umin) : v.umin;
	v.smax = v.smax > was->smax ? jump_up(jumps, v.smax) : v.smax;
	v.smin = v.smin < was->smin ? jump_down(jumps, v.smin) : v.smin;
	v.u32max = v.u32max > was->u32max ? (uint32_t)jumps->up(v.u32max) : v.u32max;
	v.u32min = v.u32min < was->u32min ? (uint32_t)jumps->down(v.u32min) : v.u32min;
	v.s32max = v.s32max > was->s32max ? clamp32(jump_up(jumps, v.s32max)) : v.s32max;
	v.s32min = v.s32min < was->s32min ? clamp32(jump_down(jumps, v.s32min)) : v.s32min;
	return val_tighten(v);
}

struct value val_widen(const struct value *was, const struct value *now)
{
	static const struct jumps near = {.up = mask_above, .down = power_below};

	return widen(was, now, &near);
}

struct value val_widen_far(const struct value *was, const struct value *now)
{
	static const struct jumps far = {.far = true, .up = width_above, .down = zero_below};

	return widen(was, now, &far);
}
