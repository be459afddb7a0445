/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	w0 = 8
	w2 = -8
	RAW(0x3c, 0x20, 1, 0)
	exit
END
