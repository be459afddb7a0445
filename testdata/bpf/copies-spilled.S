/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	*(u64 *)(r10 - 8) = r2
	r3 = *(u64 *)(r10 - 8)
	r0 = 0
	if r3 != 2 goto out
	r0 = r2
out:
	exit
END
