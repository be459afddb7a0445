/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = 0x1ffff
	RAW(0xbf, 0x00, 16, 0)
	exit
END
