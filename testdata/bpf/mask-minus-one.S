/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* A mask of -1 keeps the upper half of a 64-bit register. */
	r0 = 0x100000000 ll
	r0 &= -1
	r0 >>= 32
	exit
END
