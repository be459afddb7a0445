/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* A store to the stack at one of two places. */
	r2 = *(u32 *)(r1 + 8)
	r3 = 0
	*(u64 *)(r10 - 8) = r3
	*(u64 *)(r10 - 16) = r3
	r4 = r10
	r4 += -8
	if r2 == 0 goto store
	r4 += -8
store:
	r5 = 2
	*(u64 *)(r4 + 0) = r5
	r0 = *(u64 *)(r10 - 8)
	exit
END
