/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	/* On a little machine it cuts and no more. */
	r0 = 0x50002
	r0 = le16 r0
	exit
END
