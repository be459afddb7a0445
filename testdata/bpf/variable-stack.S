/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* One of eight bytes is written; the third one is looked at. */
	r2 = *(u32 *)(r1 + 8)
	r2 &= 7
	r3 = 0
	*(u64 *)(r10 - 8) = r3
	r3 = r10
	r3 += -8
	r3 += r2
	r4 = 2
	*(u8 *)(r3 + 0) = r4
	r0 = *(u8 *)(r10 - 5)
	exit
END
