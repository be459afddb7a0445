/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = *(u32 *)(r1 + 8)
	r7 = r0
	if r7 == 2 goto out
	r0 = 0
out:
	exit
END
