/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r3 = 2
	*(u64 *)(r10 - 8) = r3
	r4 = 7
	RAW(0xdb, 0x4a, -8, 0xe1)
	r0 = *(u64 *)(r10 - 8)
	exit
END
