/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* Only the low half of r0 counts. */
	r0 = 0x700000002 ll
	exit
END
