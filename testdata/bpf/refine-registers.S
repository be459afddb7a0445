/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = *(u32 *)(r1 + 8)
	r3 = *(u32 *)(r1 + 32)
	r3 &= 1
	r3 += 1
	if r0 > r3 goto no
	exit
no:
	r0 = 0
	exit
END
