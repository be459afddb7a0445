/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	r6 = 0
	r0 = 100
	if r2 == 0 goto join
	r6 = 1
	r0 = 2
join:
	r3 = *(u32 *)(r1 + 32)
	if r3 == 7 goto more
	r4 = 1
	goto both
more:
	r4 = 2
both:
	if r6 == 1 goto out
	r0 = 0
out:
	exit
END
