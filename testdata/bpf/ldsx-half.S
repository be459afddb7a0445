/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	r3 = 0xffff
	if r2 == 0 goto store
	r3 = 0x10000
store:
	*(u32 *)(r10 - 4) = r3
	RAW(0x89, 0xa0, -4, 0)
	exit
END
