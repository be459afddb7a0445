/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = 0x12ff
	*(u64 *)(r10 - 8) = r2
	RAW(0x91, 0xa0, -8, 0)
	exit
END
