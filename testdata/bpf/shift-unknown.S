/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r3 = *(u32 *)(r1 + 8)
	w0 = 1
	w0 <<= w3
	w0 &= 1
	exit
END
