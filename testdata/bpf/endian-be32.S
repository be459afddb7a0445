/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = 0x05000000
	r0 = be32 r0
	exit
END
