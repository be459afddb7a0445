/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = 0x0600000000000000 ll
	r0 = be64 r0
	exit
END
