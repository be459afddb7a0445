/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* The pointer itself lies on the stack for a while. */
	r2 = *(u32 *)(r1 + 8)
	r3 = 0
	*(u64 *)(r10 - 8) = r3
	r4 = r10
	r4 += -8
	*(u64 *)(r10 - 16) = r4
	r4 = 0
	if r2 == 0 goto out
	r4 = *(u64 *)(r10 - 16)
	r5 = 2
	*(u64 *)(r4 + 0) = r5
out:
	r0 = *(u64 *)(r10 - 8)
	exit
END
