/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	r3 = 0x207
	*(u64 *)(r10 - 8) = r3
	r3 = 0
	*(u8 *)(r10 - 7) = r3
	if r2 != 0 goto load
	*(u8 *)(r10 - 8) = r3
load:
	r0 = *(u64 *)(r10 - 8)
	exit
END
