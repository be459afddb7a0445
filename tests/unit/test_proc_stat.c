/* SPDX-License-Identifier: Apache-2.0 */
/* layers: model */
#include "model/attrs.h"
#include "model/proc_stat.h"

#include <criterion/criterion.h>

#define KTHREADD_STAT "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0\n"

static const struct {
	const char *name, *stat;
	unsigned long want;
	bool kernel;
} stat_cases[] = {
	{"kernel thread", KTHREADD_STAT, 0x208040, true},
	{"process", "2 (sleep) S 1 2 2 0 -1 4194304 99 0", 4194304, false},
	{"name with spaces and brackets", "2 (a) 1 2 3 (b) R 1 2 2 0 -1 64 99 0", 64, false},
	{"ends early", "2 (a) S 1 2", 0, false},
	{"no name", "garbage", 0, false},
	{"nothing", "", 0, false},
};

Test(proc_stat, flags)
{
	for (size_t i = 0; i < COUNT_OF(stat_cases); i++) {
		unsigned long got = proc_stat_flags(stat_cases[i].stat);

		cr_expect_eq(got, stat_cases[i].want, "%s: %lx", stat_cases[i].name, got);
		cr_expect_eq(proc_stat_is_kernel(stat_cases[i].stat), stat_cases[i].kernel, "%s",
		             stat_cases[i].name);
	}
}
