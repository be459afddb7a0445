/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	r3 = 2
	if r2 == 0 goto store
	r3 = 7
store:
	RAW(0xdb, 0x3a, -8, 0x110)
	r0 = 0
	RAW(0xdb, 0xa0, -8, 0x100)
	exit
END
