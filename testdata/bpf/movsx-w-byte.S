/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = *(u32 *)(r1 + 8)
	w0 = 2
	if r2 == 0 goto out
	w3 = 0xff
	RAW(0xbc, 0x30, 8, 0)
out:
	exit
END
