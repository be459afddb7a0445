/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* The edge to `other` is dead, what it leads to is not. */
	r2 = *(u32 *)(r1 + 8)
	r3 = *(u32 *)(r1 + 32)
	r2 &= 3
	r0 = 7
	if r2 > 5 goto out
	r0 = 0
	if r3 == 0 goto out
	r0 = 2
out:
	exit
END
