/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* What the atomic addition left on the stack: 2 + 1. */
	r3 = 2
	*(u64 *)(r10 - 8) = r3
	r4 = 1
	RAW(0xdb, 0x4a, -8, 0x01)
	r0 = *(u64 *)(r10 - 8)
	exit
END
