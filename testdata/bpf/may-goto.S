/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* A loop that only the kernel bounds. */
	r2 = *(u32 *)(r1 + 8)
	r0 = 0
again:
	RAW(0xe5, 0x00, 1, 0)
	goto again2
	exit
again2:
	if r2 == 0 goto out
	r0 = 2
out:
	exit
END
