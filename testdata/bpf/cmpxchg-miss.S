/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r3 = 2
	*(u64 *)(r10 - 8) = r3
	r0 = 5
	r4 = 7
	RAW(0xdb, 0x4a, -8, 0xf1)
	exit
END
