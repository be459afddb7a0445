/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* r0 gets the old value, equal or not. */
	r3 = 2
	*(u64 *)(r10 - 8) = r3
	r0 = 2
	r4 = 7
	RAW(0xdb, 0x4a, -8, 0xf1)
	exit
END
