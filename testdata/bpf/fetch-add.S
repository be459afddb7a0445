/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* src gets what was there: 2 or 7. */
	r2 = *(u32 *)(r1 + 8)
	r3 = 2
	if r2 == 0 goto store
	r3 = 7
store:
	*(u64 *)(r10 - 8) = r3
	r0 = 1
	RAW(0xdb, 0x0a, -8, 0x01)
	exit
END
