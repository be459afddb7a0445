/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	r2 <<= 20
	r0 = 0
	if r2 > 0x200000 goto out
	r2 >>= 20
	r0 = r2
	if r0 == 1 goto one
	exit
one:
	r0 = 2
out:
	exit
END
