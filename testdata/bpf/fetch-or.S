/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r3 = 0
	*(u64 *)(r10 - 8) = r3
	r0 = 7
	RAW(0xdb, 0x0a, -8, 0x41)
	exit
END
