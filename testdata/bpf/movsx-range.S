/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	RAW(0xbf, 0x23, 8, 0)
	r0 = 0
	if r3 s> 127 goto never
	if r3 s< -128 goto never
	if r3 s< 0 goto minus
	exit
minus:
	r0 = 2
	exit
never:
	r0 = 7
	exit
END
