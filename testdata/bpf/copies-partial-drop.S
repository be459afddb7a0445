/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r6 = *(u32 *)(r1 + 8)
	r6 &= 3
	r7 = r6
	w7 >>= 1
	r0 = 0
	if r7 == 0 goto out
	if r6 s< 2 goto never
	r0 = 2
out:
	exit
never:
	r0 = 7
	exit
END
