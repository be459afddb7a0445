/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = 2
	*(u8 *)(r10 - 8) = r2
	r2 = 0
	*(u8 *)(r10 - 7) = r2
	*(u16 *)(r10 - 6) = r2
	r0 = *(u32 *)(r10 - 8)
	exit
END
