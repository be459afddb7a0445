/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* A store to the stack and a load back: a barrier stands between them for the unprivileged. */
	r2 = *(u32 *)(r1 + 8)
	r3 = 0
	if r2 == 0 goto store
	r3 = 2
store:
	*(u64 *)(r10 - 8) = r3
	r0 = *(u64 *)(r10 - 8)
	exit
END
