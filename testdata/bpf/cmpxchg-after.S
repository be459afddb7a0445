/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	r3 = 2
	*(u32 *)(r10 - 8) = r3
	r0 = 2
	if r2 == 0 goto go
	r0 = 1
go:
	r4 = 7
	RAW(0xc3, 0x4a, -8, 0xf1)
	r0 = *(u32 *)(r10 - 8)
	exit
END
