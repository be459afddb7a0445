/* SPDX-License-Identifier: Apache-2.0 */
/**
 * asm.h - programs for tests, written as the kernel hands them out: eight-byte slots.
 *
 * The names say operation, width and operands: MOV64_IMM(r, n) is r = n; LDX(B, dst, src, off) is a
 * byte loaded. Opcodes are written out here, independently of analyzer/insn.c.
 */
#ifndef TCAUDIT_TESTS_UNIT_ASM_H
#define TCAUDIT_TESTS_UNIT_ASM_H

#include <stdint.h>

/** Same layout as struct bpf_insn of linux/bpf.h. */
struct slot8 {
	uint8_t op;
	uint8_t regs; /**< Destination and source, half a byte each. */
	int16_t off;
	int32_t imm;
};

/* Bit fields: which half comes first follows the byte order of the host. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define REGS(d, s) ((uint8_t)(((d)&15) | ((s)&15) << 4))
#else
#define REGS(d, s) ((uint8_t)(((s)&15) | ((d)&15) << 4))
#endif

#define RAW(o, d, s, f, i)                                                                         \
	((struct slot8){                                                                           \
		.op = (uint8_t)(o), .regs = REGS(d, s), .off = (int16_t)(f), .imm = (int32_t)(i)})

#define A_ADD  0x00
#define A_SUB  0x10
#define A_MUL  0x20
#define A_DIV  0x30
#define A_OR   0x40
#define A_AND  0x50
#define A_LSH  0x60
#define A_RSH  0x70
#define A_NEG  0x80
#define A_MOD  0x90
#define A_XOR  0xa0
#define A_MOV  0xb0
#define A_ARSH 0xc0

#define J_JEQ  0x10
#define J_JGT  0x20
#define J_JGE  0x30
#define J_JSET 0x40
#define J_JNE  0x50
#define J_JSGT 0x60
#define J_JSGE 0x70
#define J_JLT  0xa0
#define J_JLE  0xb0
#define J_JSLT 0xc0
#define J_JSLE 0xd0

#define S_W  0x00
#define S_H  0x08
#define S_B  0x10
#define S_DW 0x18

#define ALU64_IMM(o, d, i)     RAW(0x07 | (o), d, 0, 0, i)
#define ALU64_REG(o, d, s)     RAW(0x0f | (o), d, s, 0, 0)
#define ALU32_IMM(o, d, i)     RAW(0x04 | (o), d, 0, 0, i)
#define ALU32_REG(o, d, s)     RAW(0x0c | (o), d, s, 0, 0)
#define MOV64_IMM(d, i)        ALU64_IMM(A_MOV, d, i)
#define MOV64_REG(d, s)        ALU64_REG(A_MOV, d, s)
#define MOV32_IMM(d, i)        ALU32_IMM(A_MOV, d, i)
#define MOV32_REG(d, s)        ALU32_REG(A_MOV, d, s)
#define SX64_REG(d, s, from)   RAW(0xbf, d, s, from, 0)
#define SX32_REG(d, s, from)   RAW(0xbc, d, s, from, 0)
#define PERCPU_REG(d, s)       RAW(0xbf, d, s, -1, 0)
#define CAST_REG(d, s)         RAW(0xbf, d, s, 1, 0)
#define NEG64(d)               RAW(0x87, d, 0, 0, 0)
#define NEG32(d)               RAW(0x84, d, 0, 0, 0)
#define SWAP_LE(d, bits)       RAW(0xd4, d, 0, 0, bits)
#define SWAP_BE(d, bits)       RAW(0xdc, d, 0, 0, bits)
#define BSWAP(d, bits)         RAW(0xd7, d, 0, 0, bits)
#define LDX(s, d, b, o)        RAW(0x61 | S_##s, d, b, o, 0)
#define LDSX(s, d, b, o)       RAW(0x81 | S_##s, d, b, o, 0)
#define STX(s, b, o, r)        RAW(0x63 | S_##s, b, r, o, 0)
#define ST(s, b, o, i)         RAW(0x62 | S_##s, b, 0, o, i)
#define ATOMIC(s, b, o, r, i)  RAW(0xc3 | S_##s, b, r, o, i)
#define JMP_IMM(o, d, i, to)   RAW(0x05 | (o), d, 0, to, i)
#define JMP_REG(o, d, s, to)   RAW(0x0d | (o), d, s, to, 0)
#define JMP32_IMM(o, d, i, to) RAW(0x06 | (o), d, 0, to, i)
#define JMP32_REG(o, d, s, to) RAW(0x0e | (o), d, s, to, 0)
#define JA(to)                 RAW(0x05, 0, 0, to, 0)
#define JA_LONG(to)            RAW(0x06, 0, 0, 0, to)
#define EXIT()                 RAW(0x95, 0, 0, 0, 0)
#define CALL(imm)              RAW(0x85, 0, 0, 0, imm)
#define CALL_OWN(to)           RAW(0x85, 0, 1, to, 0)
#define KFUNC(imm)             RAW(0x85, 0, 2, 0, imm)
#define TAIL_CALL()            RAW(0x85, 0, 0, 0, 12)
#define BARRIER()              RAW(0xc2, 0, 0, 0, 0)
/* two slots each */
#define LD64(d, n)         RAW(0x18, d, 0, 0, (uint64_t)(n)), RAW(0, 0, 0, 0, (uint64_t)(n) >> 32)
#define LD_MAP(d, id)      RAW(0x18, d, 1, 0, id), RAW(0, 0, 0, 0, 0)
#define LD_VALUE(d, id, o) RAW(0x18, d, 2, 0, id), RAW(0, 0, 0, 0, o)
#define LD_FUNC(d, to)     RAW(0x18, d, 4, 0, to), RAW(0, 0, 0, 0, 0)

#endif
