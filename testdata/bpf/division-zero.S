/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r3 = *(u32 *)(r1 + 8)
	r3 &= 0
	r0 = 7
	r0 /= r3
	exit
END
