/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r6 = *(u32 *)(r1 + 8)
	r7 = 0
again:
	RAW(0xe5, 0x00, 3, 0)
	r7 = 2
	if r6 s> 5 goto out
	goto again
	r7 = 0
out:
	r0 = r7
	exit
END
