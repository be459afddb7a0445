/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r3 = 6
	*(u32 *)(r10 - 8) = r3
	r0 = 3
	RAW(0xc3, 0x0a, -8, 0x51)
	exit
END
