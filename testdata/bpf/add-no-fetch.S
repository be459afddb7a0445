/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r3 = 2
	*(u32 *)(r10 - 8) = r3
	r4 = 1
	lock *(u32 *)(r10 - 8) += w4
	r0 = *(u32 *)(r10 - 8)
	exit
END
