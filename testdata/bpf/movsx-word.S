/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* 32 bits sign-extended to 64: bit 63 tells. */
	r2 = 0x80000000 ll
	RAW(0xbf, 0x20, 32, 0)
	r0 >>= 63
	r0 ^= 1
	exit
END
