/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = *(u32 *)(r1 + 8)
	r2 = 3
	RAW(0x9f, 0x20, 0, 0)
	exit
END
