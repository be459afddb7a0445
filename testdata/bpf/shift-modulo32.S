/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	w3 = 34
	w0 = 1
	w0 <<= w3
	exit
END
