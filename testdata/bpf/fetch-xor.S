/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	r3 = 6
	*(u32 *)(r10 - 8) = r3
	r4 = 4
	if r2 == 0 goto go
	r4 = 2
go:
	RAW(0xc3, 0x4a, -8, 0xa1)
	r0 = *(u32 *)(r10 - 8)
	exit
END
