/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* Zero in the upper half even when the sign is negative. */
	r3 = 0x8000
	RAW(0xbc, 0x30, 16, 0)
	r0 >>= 32
	exit
END
