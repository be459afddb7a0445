/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	r2 <<= 32
	r3 = 0x200000000 ll
	r0 = 0
	if r2 != r3 goto out
	r2 >>= 32
	r0 = r2
out:
	exit
END
