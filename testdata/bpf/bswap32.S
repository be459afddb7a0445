/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	r0 = 0x02000000
	if r2 == 0 goto swap
	r0 = 0x07000000
swap:
	RAW(0xd7, 0x00, 0, 32)
	exit
END
