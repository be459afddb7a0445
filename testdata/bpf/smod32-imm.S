/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	w0 = -9
	RAW(0x94, 0x00, 1, 4)
	exit
END
