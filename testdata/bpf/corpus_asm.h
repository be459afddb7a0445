/* SPDX-License-Identifier: Apache-2.0 */
/* corpus_asm.h - around the programs that are written in assembly; they keep their numbers. */
#ifndef TCAUDIT_TESTDATA_BPF_CORPUS_ASM_H
#define TCAUDIT_TESTDATA_BPF_CORPUS_ASM_H

/* These are no statements of C. */
/* clang-format off */
/* One instruction by its bytes, for what the assembler does not know; regs: source, destination. */
#define RAW(code, regs, off, imm) .byte code, regs; .short off; .long imm

#define BEGIN                               \
	.section license, "aw", @progbits;  \
	.asciz "Apache-2.0";                \
	.section tc, "ax", @progbits;       \
	.globl entry;                        \
	.type entry, @function;              \
	entry:
#define END .size entry, .-entry

#endif
