/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r6 = *(u32 *)(r1 + 8)
	r0 = 0
again:
	RAW(0xe5, 0x00, 2, 0)
	r0 ^= 2
	goto again
	if r6 == 0 goto out
	r0 = 2
out:
	exit
END
