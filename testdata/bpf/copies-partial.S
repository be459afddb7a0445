/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* r7 was a copy of r0 until its half was written anew. */
	r0 = *(u32 *)(r1 + 8)
	w7 = w0
	w7 += 1
	if w7 == 3 goto three
	r0 = 0
three:
	exit
END
