/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	RAW(0x7a, 0x0a, -8, -1)
	r0 = *(u32 *)(r10 - 4)
	exit
END
