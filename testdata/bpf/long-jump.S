/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	r0 = 0
	if r2 == 0 goto out
	if r2 == 1 goto seven
	RAW(0x06, 0x00, 0, 2)
seven:
	r0 = 7
	exit
	r0 = 2
out:
	exit
END
