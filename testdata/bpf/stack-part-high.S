/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r2 = 0x0102030405060708 ll
	*(u64 *)(r10 - 8) = r2
	r0 = *(u8 *)(r10 - 4)
	exit
END
