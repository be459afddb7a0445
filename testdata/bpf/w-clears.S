/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = 0x500000000 ll
	w0 = w0
	r0 >>= 32
	exit
END
