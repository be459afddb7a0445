/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* More numbers than a set may hold, all of them other, and two codes. */
	r2 = *(u32 *)(r1 + 8)
	r0 = 0
	if r2 == 0 goto out
	r0 = 2
	if r2 == 1 goto out
	r0 = r2
	r0 &= 0xff
	r0 += 100
out:
	exit
END
