/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = 0x300000000 ll
	r0 = le32 r0
	r0 >>= 1
	exit
END
