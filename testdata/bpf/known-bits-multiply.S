/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = *(u32 *)(r1 + 8)
	r0 *= 256
	r0 &= 0xff
	exit
END
