/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* The amount counts modulo 64. */
	r2 = *(u32 *)(r1 + 8)
	r3 = 65
	if r2 == 0 goto go
	r3 = 64
go:
	r0 = 1
	r0 <<= r3
	exit
END
