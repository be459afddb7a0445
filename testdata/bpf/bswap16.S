/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = 0x100
	RAW(0xd7, 0x00, 0, 16)
	exit
END
