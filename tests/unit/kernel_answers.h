/* SPDX-License-Identifier: Apache-2.0 */
/**
 * kernel_answers.h - for tests that load programs: not on a kernel that never answers.
 */
#ifndef TCAUDIT_TESTS_UNIT_KERNEL_ANSWERS_H
#define TCAUDIT_TESTS_UNIT_KERNEL_ANSWERS_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/** Skip the test where tests/tools/bpfanswers.c, asked by the runner, got no answer. */
static inline void need_answers(void)
{
	const char *answer = getenv("TCAUDIT_BPF");

	if (answer != NULL && strcmp(answer, "hangs") == 0) {
		cr_skip_test("this kernel does not answer requests to load programs");
	}
}

#endif
