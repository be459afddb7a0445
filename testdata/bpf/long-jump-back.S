/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	r0 = 0
	if r2 != 0 goto skip
	goto out
back:
	r0 = 2
	exit
skip:
	RAW(0x06, 0x00, 0, -3)
out:
	exit
END
