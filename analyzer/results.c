/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kernel functions give back, as values, for the arguments that a state holds.
 */
#include "analyzer/engine.h"

#define ERRNO_MOST  4095
#define EINVAL_IS   (-22)
#define E2BIG_IS    (-7)
#define FAULT_IS    (-14)
#define SMALL_MOST  15
#define LOOPS_MOST  (UINT32_C(1) << 23) /* BPF_MAX_LOOPS */
#define CPU_MOST    8191
#define ACTION_MASK 3u /* of the flags of bpf_redirect_map: what is returned without a target */

/** Result classes that are a range of numbers. */
static const struct {
	int64_t min, max;
} result_ranges[] = {
	[HELPER_ANYTHING] = {INT64_MIN, INT64_MAX},
	[HELPER_ZERO] = {0, 0},
	[HELPER_ERROR] = {-ERRNO_MOST, 0},
	[HELPER_REFUSAL] = {-ERRNO_MOST, 0},
	[HELPER_SIZE] = {-ERRNO_MOST, INT32_MAX},
	[HELPER_CODE] = {-ERRNO_MOST, ERRNO_MOST},
	[HELPER_BOOL] = {0, 1},
	[HELPER_BOOL_OR_ERROR] = {-ERRNO_MOST, 1},
	[HELPER_MTU] = {-ERRNO_MOST, 2},
	[HELPER_SMALL] = {-ERRNO_MOST, SMALL_MOST},
	[HELPER_BYTE] = {-ERRNO_MOST, UINT8_MAX},
	[HELPER_HALF] = {-ERRNO_MOST, UINT16_MAX},
	[HELPER_UNSIGNED] = {0, UINT32_MAX},
	[HELPER_WIDE] = {-ERRNO_MOST, UINT32_MAX},
	[HELPER_SIGNED] = {INT32_MIN, INT32_MAX},
	[HELPER_CPU] = {0, CPU_MOST},
	[HELPER_LOOPS] = {-ERRNO_MOST, INT32_MAX},
};

/** One of two numbers, or both when it is not known whether the condition holds. */
static struct value either(bool surely, bool surely_not, uint64_t yes, uint64_t no)
{
	uint64_t both[] = {yes, no};

	return surely ? val_const(yes) : surely_not ? val_const(no) : val_set(both, 2);
}

static bool is_zero(const struct value *v)
{
	return v->kind == VAL_NUM && v->umax == 0;
}

static bool is_above(const struct value *v, uint64_t number)
{
	return v->kind == VAL_NUM && v->umin > number;
}

/** Without the number that "unspec" is. */
static struct value no_eperm(struct value v)
{
	v.codes &= (uint16_t)~CODE_BIT(CODE_UNSPEC);
	return val_tighten(v);
}

/** An int: a function of the kernel leaves the upper half of the register to chance. */
static struct value low_error(void)
{
	struct value v = val_top();

	v.s32min = -ERRNO_MOST;
	v.s32max = 0;
	return val_tighten(v);
}

/** bpf_loop(count, ...): how often it ran, or an error. */
static struct value loop_count(const struct value *count)
{
	uint32_t most = count->kind == VAL_NUM ? count->u32max : UINT32_MAX;
	uint64_t errors[] = {(uint64_t)EINVAL_IS, (uint64_t)E2BIG_IS};
	struct value failed = val_set(errors, 2);
	struct value ran = val_range(0, most < LOOPS_MOST ? most : LOOPS_MOST);

	return val_join(&failed, &ran);
}

/**
 * bpf_redirect_map(map, key, flags): the target's code, or for a missing target what the flags
 * ask for, or the code for errors when the flags are none (before 5.13: above 3).
 */
static struct value redirect_map(const struct value *flags)
{
	uint64_t results[] = {4, 0, 1, 2, 3};

	if (!val_is_const(flags)) {
		return val_set(results, COUNT_OF(results));
	}
	results[1] = flags->set[0] & ACTION_MASK;
	results[2] = 0;
	return val_set(results, flags->set[0] <= ACTION_MASK ? 2 : 3);
}

struct value helper_result(const struct helper *h, const struct state *st)
{
	static const uint64_t fault[] = {0, (uint64_t)FAULT_IS};
	const struct value *first = &st->regs[1].v->v;
	const struct value *second = &st->regs[2].v->v;
	const struct value *third = &st->regs[3].v->v;
	const struct value *fourth = &st->regs[4].v->v;
	bool one = second->kind == VAL_NUM && second->umax <= 1;

	switch ((enum helper_result)h->result) {
	case HELPER_ZERO_OR_FAULT:
		return val_set(fault, 2);
	case HELPER_REFUSAL:
		return no_eperm(val_range(-ERRNO_MOST, 0));
	case HELPER_INT_ERROR:
		return low_error();
	case HELPER_POINTER:
		return val_any();
	case HELPER_LOOP_COUNT:
		return loop_count(first);
	case HELPER_REDIRECT:
		return either(one, is_above(second, 1), 7, 2);
	case HELPER_REDIRECT_PEER:
		return either(is_zero(second), is_above(second, 0), 7, 2);
	case HELPER_REDIRECT_NEIGH:
		return either(is_zero(fourth) && (is_zero(third) || is_above(third, 19)),
		              is_above(fourth, 0) || (is_above(third, 0) && third->umax < 20), 7,
		              2);
	case HELPER_XDP_REDIRECT:
		return either(is_zero(second), is_above(second, 0), 4, 0);
	case HELPER_XDP_MAP:
		return redirect_map(third);
	default:
		return val_range(result_ranges[h->result].min, result_ranges[h->result].max);
	}
}
