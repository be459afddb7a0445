/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* The callee is more than 32,767 instructions away: the dump cuts the distance. */
	call far
	r7 = r0
	.rept 33000
	r7 ^= 0
	.endr
	r0 = r7
	exit
	.size entry, .-entry
	.section .text
	.type far, @function
far:
	r0 = 2
	exit
	.size far, .-far
