/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* A byte kept clear of all the others. */
	r2 = *(u32 *)(r1 + 8)
	r3 = *(u32 *)(r1 + 32)
	r3 <<= 8
	if r2 == 0 goto join
	r3 |= 7
join:
	r3 &= 0xff
	r0 = r3
	exit
END
