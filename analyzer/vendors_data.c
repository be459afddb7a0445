/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in vendor table: analyzer/vendors.json as it is, put here by the assembler, so that the
 * program needs no file beside it and no tool has to turn text into C. The makefile knows that this
 * object depends on that file; the path counts from the root of the tree, as those of includes do.
 */
#include "analyzer/vendors.h"

#if __SIZEOF_SIZE_T__ == 8
#define SIZE_DIRECTIVE ".quad"
#else
#define SIZE_DIRECTIVE ".long"
#endif

__asm__(".pushsection .rodata\n"
        ".global vendors_builtin\n"
        ".type vendors_builtin, %object\n"
        "vendors_builtin:\n"
        ".incbin \"analyzer/vendors.json\"\n"
        "0: .byte 0\n"
        ".size vendors_builtin, . - vendors_builtin\n"
        ".balign 8\n"
        ".global vendors_builtin_bytes\n"
        ".type vendors_builtin_bytes, %object\n"
        "vendors_builtin_bytes:\n" SIZE_DIRECTIVE " 0b - vendors_builtin\n"
        ".size vendors_builtin_bytes, . - vendors_builtin_bytes\n"
        ".popsection\n");
