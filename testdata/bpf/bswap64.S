/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = 0x0300000000000000 ll
	RAW(0xd7, 0x00, 0, 64)
	exit
END
