/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r3 = *(u32 *)(r1 + 8)
	r0 = -7
	if r3 == 0 goto go
	r0 = 8
go:
	r2 = 3
	RAW(0x9f, 0x20, 1, 0)
	exit
END
