/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* What old compilers make of -1: its low half in a full register. */
	r0 = 0xffffffff ll
	exit
END
