/* SPDX-License-Identifier: Apache-2.0 */
/**
 * fuzz.h - what a fuzz target offers to libFuzzer and to replay_main.c.
 */
#ifndef TCAUDIT_TESTS_FUZZ_H
#define TCAUDIT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** One input. @return 0; a broken promise ends the process by abort(). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** A promise to be kept for every input, in every build: assert() could be compiled out. */
#define FUZZ_PROMISE(condition)                                                                    \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			(void)fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__,           \
			              #condition);                                                 \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
