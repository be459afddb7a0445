/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = *(u32 *)(r1 + 8)
	r0 <<= 32
	r0 s>>= 32
	if r0 s> 1 goto big
	if r0 s< -1 goto big
	exit
big:
	r0 = 0
	exit
END
