/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* The sign of a byte: 0xff is -1 and 0 is 0. */
	r2 = *(u32 *)(r1 + 8)
	r0 = 0x12ff
	if r2 != 0 goto sign
	r0 = 0x1200
sign:
	RAW(0xbf, 0x00, 8, 0)
	exit
END
