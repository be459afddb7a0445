/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* The least number by -1 is the least number again: its low half is 0. */
	r0 = 0x8000000000000000 ll
	r2 = -1
	RAW(0x3f, 0x20, 1, 0)
	exit
END
