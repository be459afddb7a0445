/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	r3 = *(u32 *)(r1 + 32)
	r0 = 0
	if r2 < r3 goto out
	if r2 == r3 goto equal
	r0 = 2
	if r2 > r3 goto out
	r0 = 8
	exit
equal:
	r0 = 3
out:
	exit
END
