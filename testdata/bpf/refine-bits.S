/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = *(u32 *)(r1 + 8)
	r0 &= 9
	RAW(0x45, 0x00, 1, 1)
	exit
	/* odd */
	r0 = 0
	exit
END
