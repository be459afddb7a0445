/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/*
 * Work grows with the size of a program, not faster: counted in steps and bytes, which are the same
 * on every machine. benchverdict prints the times.
 */
#include "analyzer/verdict.h"
#include "tests/shapes.h"

#include <criterion/criterion.h>
#include <inttypes.h>

static const struct row {
	const char *name;
	void (*make)(struct shape_code *c, uint32_t size);
	uint32_t size;
	uint32_t most_steps; /* for each instruction, of all passes together */
	uint32_t codes;
} rows[] = {
	{"straight", straight, 10000, 2, 0x1e}, {"merges", merges, 10000, 6, 0x3e},
	{"errors", errors, 10000, 4, 0x8},      {"loops", loops, 10000, 16, 0x2},
	{"nested", nested, 10000, 17, 0xa},     {"switches", switches, 10000, 6, 0xa},
	{"bounds", bounds, 10000, 4, 0xa},      {"packets", packets, 2770, 35, 0xa},
};

static struct verdict judge(const struct row *row, uint32_t size)
{
	struct shape_code code = {0};
	struct verdict v = {0};
	struct arena arena;

	row->make(&code, size);

	const struct verdict_prog prog = shape_prog(&code);
	const struct verdict_env env = shape_env(&prog);

	arena_init(&arena, (size_t)64 << 20);
	cr_assert_eq(verdict_run(&env, 1, NULL, &arena, &v), 0, "%s", row->name);
	arena_done(&arena);
	free(code.insns);
	return v;
}

Test(growth, steps_and_bytes_follow_size, .timeout = 600)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct row *row = &rows[i];
		struct verdict small = judge(row, row->size);
		struct verdict large = judge(row, 3 * row->size);

		cr_expect_eq(small.codes, row->codes, "%s: codes %" PRIx32, row->name, small.codes);
		cr_expect_eq(large.codes, row->codes, "%s: codes %" PRIx32 " when large", row->name,
		             large.codes);
		cr_expect_leq(small.steps, (uint64_t)row->most_steps * row->size,
		              "%s: %" PRIu64 " steps", row->name, small.steps);
		cr_expect_leq(large.steps, small.steps * 5, "%s: %" PRIu64 " steps, then %" PRIu64,
		              row->name, small.steps, large.steps);
		cr_expect_leq(large.bytes, small.bytes * 4, "%s: %zu bytes, then %zu", row->name,
		              small.bytes, large.bytes);
	}
}
