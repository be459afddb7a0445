/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_asm.h"

BEGIN
	r0 = 0
	r2 = -1
	if r2 == -1 goto out
	r0 = 2
out:
	exit
END
