/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = 0x1ffffffff ll
	*(u64 *)(r10 - 8) = r2
	RAW(0x81, 0xa0, -8, 0)
	r0 s>>= 1
	exit
END
