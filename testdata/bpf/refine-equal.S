/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	r0 = 0
	if r2 != 2 goto out
	r0 = r2
out:
	exit
END
