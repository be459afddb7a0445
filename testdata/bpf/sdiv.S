/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = -7
	r2 = 7
	RAW(0x3f, 0x20, 1, 0)
	exit
END
