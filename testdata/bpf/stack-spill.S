/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r6 = r1
	r2 = *(u32 *)(r1 + 8)
	*(u64 *)(r10 - 8) = r2
	r0 = 0
	if r2 != 2 goto out
	r0 = *(u64 *)(r10 - 8)
out:
	exit
END
