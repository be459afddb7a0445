/* SPDX-License-Identifier: Apache-2.0 */
/**
 * mutate_insns.h - a mutator for inputs that are a few bytes of choices and then instructions.
 *
 * Changes whole instructions: opcodes to ones that exist, registers, distances to ones that lead
 * somewhere, numbers to those at which comparisons and widths turn. Jumps keep their targets when
 * something is put in front of these or taken away. The bytes that libFuzzer alone would try are
 * a part of it, so nothing is out of reach. Include it in one file of a target, which defines
 * MUTATE_HEAD, the number of bytes in front of the instructions.
 */
#ifndef TCAUDIT_TESTS_FUZZ_MUTATE_INSNS_H
#define TCAUDIT_TESTS_FUZZ_MUTATE_INSNS_H

#include "model/attrs.h"
#include "tests/unit/asm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Longest program that is mutated by instructions; what is behind it is left away. */
#define MUTATE_MOST 8192u

/** Instructions of one change. */
#define MUTATE_BLOCK 8u

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
                                 size_t size2, uint8_t *out, size_t max_out_size,
                                 unsigned int seed);

/** A program being changed. */
struct mutate {
	uint64_t rng;
	uint8_t head[MUTATE_HEAD];
	uint32_t n;
	uint32_t most;
	struct slot8 code[MUTATE_MOST];
};

static uint32_t mutate_pick(struct mutate *m, uint32_t n)
{
	m->rng ^= m->rng << 13;
	m->rng ^= m->rng >> 7;
	m->rng ^= m->rng << 17;
	return (uint32_t)((m->rng * UINT64_C(0x2545F4914F6CDD1D) >> 33) % n);
}

#define MUTATE_ONE_OF(m, table) ((table)[mutate_pick((m), (uint32_t)COUNT_OF(table))])

static int32_t mutate_number(struct mutate *m)
{
	static const int32_t some[] = {
		0,  1,  2,      3,     7,    8,         11,        12,  15,   16,     17,
		31, 32, 33,     63,    64,   127,       128,       255, 256,  0x7fff, 0x8000,
		-1, -2, 0xffff, 65536, -128, INT32_MAX, INT32_MIN, -14, -134, -4095};

	switch (mutate_pick(m, 8)) {
	case 0:
		return (int32_t)(m->rng >> 8);
	case 1:
		return (int32_t)(UINT32_C(1) << mutate_pick(m, 32));
	case 2:
		return (int32_t)((UINT32_C(1) << mutate_pick(m, 32)) - 1);
	case 3:
	case 4:
		return (int32_t)mutate_pick(m, 12) - 1;
	default:
		return MUTATE_ONE_OF(m, some);
	}
}

static uint8_t mutate_reg(struct mutate *m)
{
	static const uint8_t some[] = {0, 0, 0, 1, 2, 2, 3, 4, 5, 6, 6, 7, 7, 8, 8, 9};

	return mutate_pick(m, 40) == 0 ? (uint8_t)mutate_pick(m, 16) : MUTATE_ONE_OF(m, some);
}

static uint8_t mutate_size(struct mutate *m)
{
	static const uint8_t sizes[] = {S_B, S_H, S_W, S_DW};

	return MUTATE_ONE_OF(m, sizes);
}

/** A distance from the frame's top: mostly a few slots that meet again and again. */
static int16_t mutate_stack_off(struct mutate *m)
{
	switch (mutate_pick(m, 8)) {
	case 0:
		return (int16_t)(-1 - (int32_t)mutate_pick(m, 64));
	case 1:
		return (int16_t)(-8 * (1 + (int32_t)mutate_pick(m, 66)));
	default:
		return (int16_t)(-32 + 2 * (int32_t)mutate_pick(m, 16));
	}
}

/** Distance of a jump at @p at to a place of the program, mostly ahead. */
static int16_t mutate_jump_off(struct mutate *m, uint32_t at)
{
	uint32_t to = mutate_pick(m, m->n + 1);

	if (to <= at && mutate_pick(m, 6) != 0 && m->n > at + 1) {
		to = at + 1 + mutate_pick(m, m->n - at);
	}
	return (int16_t)((int32_t)to - (int32_t)at - 1);
}

static struct slot8 mutate_alu(struct mutate *m)
{
	static const uint8_t ops[] = {A_ADD, A_SUB, A_MUL, A_DIV, A_OR,  A_AND, A_LSH,
	                              A_RSH, A_NEG, A_MOD, A_XOR, A_MOV, A_MOV, A_ARSH};
	static const int16_t moves[] = {0, 0, 0, 0, 8, 16, 32, -1};
	uint8_t op = MUTATE_ONE_OF(m, ops);
	bool wide = mutate_pick(m, 2);
	bool reg = mutate_pick(m, 2);
	int16_t off = 0;

	if (op == A_MOV && reg) {
		off = MUTATE_ONE_OF(m, moves);
	} else if (op == A_DIV || op == A_MOD) {
		off = (int16_t)mutate_pick(m, 2);
	}
	if (mutate_pick(m, 16) == 0) { /* byte order */
		static const uint8_t swaps[] = {0xd4, 0xdc, 0xd7};

		return RAW(MUTATE_ONE_OF(m, swaps), mutate_reg(m), 0, 0, 16 << mutate_pick(m, 3));
	}
	return RAW((wide ? 0x07 : 0x04) | (reg ? 8 : 0) | op, mutate_reg(m),
	           reg ? mutate_reg(m) : 0, off, reg ? 0 : mutate_number(m));
}

static struct slot8 mutate_memory(struct mutate *m)
{
	static const int32_t atomics[] = {0x00, 0x01, 0x40, 0x41, 0x50,  0x51,
	                                  0xa0, 0xa1, 0xe1, 0xf1, 0x100, 0x110};
	static const uint8_t bases[] = {10, 10, 10, 10, 1, 6, 6, 2};
	uint8_t base = MUTATE_ONE_OF(m, bases);
	uint8_t size = mutate_size(m);
	int16_t off = base == 10 ? mutate_stack_off(m) : (int16_t)mutate_pick(m, 68);

	if (base != 10 && mutate_pick(m, 4) != 0) {
		off = (int16_t)(off & ~3);
	}
	switch (mutate_pick(m, 8)) {
	case 0:
		return RAW(0x62 | size, base, 0, off, mutate_number(m));
	case 1:
	case 2:
		return RAW(0x63 | size, base, mutate_reg(m), off, 0);
	case 3:
		return RAW(0xc3 | (mutate_pick(m, 2) ? S_W : S_DW), base, mutate_reg(m), off,
		           MUTATE_ONE_OF(m, atomics));
	case 4:
		return RAW(0x81 | size, mutate_reg(m), base, off, 0);
	default:
		return RAW(0x61 | size, mutate_reg(m), base, off, 0);
	}
}

static const uint8_t mutate_tests[] = {J_JEQ,  J_JNE,  J_JGT,  J_JGE,  J_JLT, J_JLE,
                                       J_JSGT, J_JSGE, J_JSLT, J_JSLE, J_JSET};

static struct slot8 mutate_branch(struct mutate *m, uint32_t at)
{
	uint8_t op = (uint8_t)(MUTATE_ONE_OF(m, mutate_tests) | (mutate_pick(m, 2) ? 5 : 6));
	int16_t off = mutate_jump_off(m, at);

	if (mutate_pick(m, 3) == 0) {
		return RAW(op | 8, mutate_reg(m), mutate_reg(m), off, 0);
	}
	return RAW(op, mutate_reg(m), 0, off, mutate_number(m));
}

static struct slot8 mutate_flow(struct mutate *m, uint32_t at)
{
	static const int32_t helpers[] = {1, 2, 3, 4, 5, 6, 7, 12, 23, 26, 34};

	switch (mutate_pick(m, 6)) {
	case 0:
		return JA(mutate_jump_off(m, at));
	case 1:
		return JA_LONG(mutate_jump_off(m, at));
	case 2:
		return CALL_OWN(mutate_jump_off(m, at));
	case 3:
		return CALL(MUTATE_ONE_OF(m, helpers));
	case 4:
		return mutate_pick(m, 4) ? EXIT() : KFUNC(MUTATE_ONE_OF(m, helpers));
	default:
		return RAW(mutate_pick(m, 256), mutate_reg(m), mutate_reg(m), 0, mutate_number(m));
	}
}

static struct slot8 mutate_any(struct mutate *m, uint32_t at)
{
	switch (mutate_pick(m, 10)) {
	case 0:
		return mutate_flow(m, at);
	case 1:
	case 2:
		return mutate_branch(m, at);
	case 3:
	case 4:
	case 5:
		return mutate_memory(m);
	default:
		return mutate_alu(m);
	}
}

/** Does the distance of a jump or call stand in off? */
static bool mutate_jumps(const struct slot8 *in)
{
	uint8_t oper = in->op & 0xf0;

	if ((in->op & 7) != 5 && (in->op & 7) != 6) {
		return false;
	}
	if (in->op == 0x85) {
		return in->regs == REGS(0, 1);
	}
	return in->op != 0x06 && oper != 0x80 && oper != 0x90;
}

/** Where a place is once @p k slots are put in at @p p (or -k taken away). */
static int32_t mutate_moved(int32_t place, int32_t p, int32_t k)
{
	if (place < p) {
		return place;
	}
	return k >= 0 || place >= p - k ? place + k : p;
}

/** Put in or take away slots, keeping what jumps lead to. */
static void mutate_resize(struct mutate *m, uint32_t at, int32_t k)
{
	uint32_t from = k < 0 ? at - (uint32_t)k : at;

	for (uint32_t i = 0; i < m->n; i++) {
		struct slot8 *in = &m->code[i];
		int32_t place = mutate_moved((int32_t)i, (int32_t)at, k);

		if (mutate_jumps(in)) {
			int32_t to = (int32_t)i + 1 + in->off;

			in->off = (int16_t)(mutate_moved(to, (int32_t)at, k) - place - 1);
		}
	}
	memmove(&m->code[(int32_t)from + k], &m->code[from], (m->n - from) * sizeof(m->code[0]));
	m->n = (uint32_t)((int32_t)m->n + k);
}

static void mutate_insert(struct mutate *m, const struct slot8 *slots, uint32_t k)
{
	uint32_t at = mutate_pick(m, m->n + 1);

	if (m->n + k <= m->most) {
		mutate_resize(m, at, (int32_t)k);
		memcpy(&m->code[at], slots, k * sizeof(*slots));
	}
}

/** What compilers and the kernel write in several instructions. */
static void mutate_idiom(struct mutate *m)
{
	uint8_t a = mutate_reg(m);
	uint8_t b = mutate_reg(m);
	int32_t by = 8 << mutate_pick(m, 3);
	int16_t slot = mutate_stack_off(m);
	uint64_t wide = (uint64_t)(uint32_t)mutate_number(m) << 32 | (uint32_t)mutate_number(m);
	uint8_t test = MUTATE_ONE_OF(m, mutate_tests);
	const struct {
		uint32_t n;
		struct slot8 code[MUTATE_BLOCK];
	} idioms[] = {
		{2, {LD64(a, wide)}},
		{2, {LD64(a, wide >> mutate_pick(m, 64))}},
		{3, {LD_MAP(2, 2 + 7 * mutate_pick(m, 2)), TAIL_CALL()}},
		{5,
	         {MOV64_IMM(3, (int32_t)mutate_pick(m, 4)), LD_MAP(2, 9), TAIL_CALL(),
	          MOV64_IMM(0, mutate_number(m))}},
		{5,
	         {ALU64_IMM(A_AND, b, (int32_t)mutate_pick(m, 60)),
	          LD_VALUE(5, mutate_pick(m, 2) ? 8 : 1, mutate_pick(m, 4)), ALU64_REG(A_ADD, 5, b),
	          RAW(0x61 | mutate_size(m), a, 5, 0, 0)}},
		{2, {RAW(0x63 | S_DW, 10, a, slot, 0), RAW(0x61 | mutate_size(m), b, 10, slot, 0)}},
		{3,
	         {MOV64_REG(a, b), ALU64_IMM(A_LSH, a, by),
	          ALU64_IMM(mutate_pick(m, 2) ? A_RSH : A_ARSH, a, by)}},
		{2, {MOV64_REG(6, 1), RAW(0x61 | mutate_size(m), a, 6, 4 * mutate_pick(m, 16), 0)}},
		{2, {MOV64_REG(2, 10), ALU64_IMM(A_ADD, 2, slot)}},
		{3, {MOV64_REG(1, 10), ALU64_IMM(A_ADD, 1, slot), CALL_OWN(mutate_pick(m, 8))}},
		{5,
	         {MOV64_IMM(2, 0), MOV64_REG(3, 10), ALU64_IMM(A_ADD, 3, slot),
	          MOV64_IMM(4, 1 + (int32_t)mutate_pick(m, 16)), CALL(26)}},
		{7,
	         {ST(DW, 10, slot, mutate_number(m)), MOV64_IMM(2, 0), MOV64_REG(3, 10),
	          ALU64_IMM(A_ADD, 3, slot + (int32_t)mutate_pick(m, 12) - 4),
	          MOV64_IMM(4, 1 + (int32_t)mutate_pick(m, 8)), CALL(26),
	          RAW(0x61 | mutate_size(m), mutate_reg(m), 10, slot + (int32_t)mutate_pick(m, 8),
	              0)}},
		{5,
	         {ALU64_IMM(A_AND, b, 1 << mutate_pick(m, 4)), MOV64_REG(2, 10),
	          ALU64_REG(A_ADD, 2, b), RAW(0x63 | mutate_size(m), 2, a, slot, 0),
	          RAW(0x61 | mutate_size(m), mutate_reg(m), 10, slot + (int32_t)mutate_pick(m, 4),
	              0)}},
		{2, {ALU64_IMM(A_AND, a, mutate_number(m)), ALU32_IMM(A_ARSH, a, 31)}},
		{2,
	         {ALU64_IMM(A_ADD, 9, 1), JMP_IMM(J_JLT, 9, 1 + (int32_t)mutate_pick(m, 6), -4)}},
		{2, {JMP_IMM(J_JNE, a, mutate_number(m), 1), EXIT()}},
		{4,
	         {RAW(0x61 | mutate_size(m), a, 6, 4 * mutate_pick(m, 16), 0),
	          RAW(test | 5, a, 0, 2, mutate_number(m)), MOV64_REG(0, a), EXIT()}},
		{4,
	         {RAW(0x61 | mutate_size(m), a, 1, 4 * mutate_pick(m, 16), 0),
	          RAW(test | 6, a, 0, 2, mutate_number(m)), MOV64_REG(0, a), EXIT()}},
	};
	uint32_t which = mutate_pick(m, (uint32_t)COUNT_OF(idioms));

	mutate_insert(m, idioms[which].code, idioms[which].n);
}

/** Another one of the same class, or the other width, or the other second operand. */
static void mutate_opcode(struct mutate *m, struct slot8 *in)
{
	static const uint8_t flips[] = {0x01, 0x02, 0x03, 0x08, 0x08, 0x10, 0x18, 0x20, 0x40, 0x80};

	if (mutate_pick(m, 2)) {
		in->op ^= MUTATE_ONE_OF(m, flips);
	} else {
		in->op = (uint8_t)((in->op & 0x0f) | mutate_pick(m, 14) << 4);
	}
}

static void mutate_off(struct mutate *m, uint32_t at)
{
	struct slot8 *in = &m->code[at];

	if (mutate_jumps(in)) {
		in->off = mutate_jump_off(m, at);
	} else if (mutate_pick(m, 2)) {
		in->off = (int16_t)(in->off + (int32_t)mutate_pick(m, 17) - 8);
	} else {
		in->off = mutate_stack_off(m);
	}
}

static void mutate_imm(struct mutate *m, struct slot8 *in)
{
	switch (mutate_pick(m, 4)) {
	case 0:
		in->imm = (int32_t)((uint32_t)in->imm + mutate_pick(m, 3) - 1);
		break;
	case 1:
		in->imm = (int32_t)((uint32_t)in->imm ^ UINT32_C(1) << mutate_pick(m, 32));
		break;
	default:
		in->imm = mutate_number(m);
	}
}

static void mutate_byte(struct mutate *m, uint8_t *bytes, size_t n)
{
	uint8_t *at = &bytes[mutate_pick(m, (uint32_t)n)];

	*at = (uint8_t)(mutate_pick(m, 2) ? mutate_pick(m, 256) : *at ^ 1u << mutate_pick(m, 8));
}

static void mutate_copy(struct mutate *m)
{
	struct slot8 block[MUTATE_BLOCK];
	uint32_t from = mutate_pick(m, m->n);
	uint32_t k = 1 + mutate_pick(m, MUTATE_BLOCK);

	k = k < m->n - from ? k : m->n - from;
	memcpy(block, &m->code[from], k * sizeof(block[0]));
	mutate_insert(m, block, k);
}

static void mutate_delete(struct mutate *m)
{
	uint32_t at = mutate_pick(m, m->n);
	uint32_t k = mutate_pick(m, 4) ? 1 : 1 + mutate_pick(m, MUTATE_BLOCK);

	k = k < m->n - at ? k : m->n - at;
	if (k < m->n) {
		mutate_resize(m, at, -(int32_t)k);
	}
}

/** One change. */
static void mutate_once(struct mutate *m)
{
	uint32_t at = mutate_pick(m, m->n);
	struct slot8 *in = &m->code[at];
	struct slot8 other;

	switch (mutate_pick(m, 16)) {
	case 0:
	case 1:
		*in = mutate_any(m, at);
		break;
	case 2:
	case 3:
	case 4:
		other = mutate_any(m, at);
		mutate_insert(m, &other, 1);
		break;
	case 5:
	case 6:
		mutate_idiom(m);
		break;
	case 7:
		mutate_delete(m);
		break;
	case 8:
		mutate_copy(m);
		break;
	case 9:
		if (mutate_pick(m, 2)) {
			in->regs = REGS(in->regs & 15, mutate_reg(m));
		} else {
			in->regs = REGS(mutate_reg(m), in->regs >> 4);
		}
		break;
	case 10:
		mutate_off(m, at);
		break;
	case 11:
		mutate_opcode(m, in);
		break;
	case 12:
		other = m->code[mutate_pick(m, m->n)];
		*in = other;
		break;
	case 13:
		mutate_byte(m, m->head, sizeof(m->head));
		break;
	case 14:
		mutate_byte(m, (uint8_t *)in, sizeof(*in));
		break;
	default:
		mutate_imm(m, in);
	}
}

/** @return false when there is no room for an instruction. */
static bool mutate_begin(struct mutate *m, const uint8_t *data, size_t size, size_t max_size,
                         unsigned int seed)
{
	size_t head = size < MUTATE_HEAD ? size : MUTATE_HEAD;
	size_t most = max_size < MUTATE_HEAD ? 0 : (max_size - MUTATE_HEAD) / sizeof(m->code[0]);
	size_t n = (size - head) / sizeof(m->code[0]);

	most = most < MUTATE_MOST ? most : MUTATE_MOST;
	n = n < most ? n : most;
	m->rng = (uint64_t)seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	m->most = (uint32_t)most;
	m->n = (uint32_t)n;
	memset(m->head, 0, sizeof(m->head));
	memcpy(m->head, data, head);
	memcpy(m->code, data + head, n * sizeof(m->code[0]));
	if (n == 0 && most > 0) {
		m->code[m->n++] = EXIT();
	}
	return most > 0;
}

static size_t mutate_end(const struct mutate *m, uint8_t *data)
{
	memcpy(data, m->head, sizeof(m->head));
	memcpy(data + MUTATE_HEAD, m->code, m->n * sizeof(m->code[0]));
	return MUTATE_HEAD + m->n * sizeof(m->code[0]);
}

/** Called by libFuzzer for each new input. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	static struct mutate m;

	if (!mutate_begin(&m, data, size, max_size, seed)) {
		return size;
	}
	for (uint32_t k = 1 + mutate_pick(&m, 4); k > 0; k--) {
		mutate_once(&m);
	}
	return mutate_end(&m, data);
}

/** The beginning of one program and the end of another. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
                                 size_t size2, uint8_t *out, size_t max_out_size, unsigned int seed)
{
	static struct mutate m;
	static struct mutate other;

	if (!mutate_begin(&m, data1, size1, max_out_size, seed) ||
	    !mutate_begin(&other, data2, size2, max_out_size, seed)) {
		return 0;
	}
	uint32_t from = mutate_pick(&m, other.n);
	uint32_t k = other.n - from;

	m.n = mutate_pick(&m, m.n + 1);
	k = k < m.most - m.n ? k : m.most - m.n;
	memcpy(&m.code[m.n], &other.code[from], k * sizeof(m.code[0]));
	m.n += k;
	return mutate_end(&m, out);
}

#endif
