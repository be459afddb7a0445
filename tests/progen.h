/* SPDX-License-Identifier: Apache-2.0 */
/**
 * progen.h - random programs of a shape that the kernel's verifier mostly accepts.
 *
 * Structured: statements, branches with joins, small loops, functions; registers are written
 * before they are read. The same generator feeds the kernel and the interpreter of the tests.
 */
#ifndef TCAUDIT_TESTS_PROGEN_H
#define TCAUDIT_TESTS_PROGEN_H

#include "tests/unit/asm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROGEN_MOST  400u
#define PROGEN_DEPTH 4

/* Numbers of helpers, linux/bpf.h. */
#define PROGEN_LOOKUP     1
#define PROGEN_UPDATE     2
#define PROGEN_RANDOM     7
#define PROGEN_REDIRECT   23
#define PROGEN_LOAD_BYTES 26
#define PROGEN_HASH       34

struct progen {
	uint64_t rng;
	bool dump;       /**< As in dumps: own calls carry off, maps their ids. */
	int32_t array;   /**< Program array: descriptor or id. */
	int32_t frozen;  /**< Frozen data of 64 bytes. */
	int32_t elems;   /**< Per-CPU array of two elements of 64 bytes. */
	bool func_tails; /**< Tail calls inside functions as well. */
	bool packets;    /**< Direct access to the packet. */
	struct slot8 code[PROGEN_MOST + 64];
	uint32_t n;
	uint32_t ready; /**< Registers that hold numbers. */
	bool in_func;
	bool has_frame_arg; /**< r6 of a function leads to 16 bytes of its caller or an element. */
	uint32_t calls[8];
	bool call_frame[8];
	uint32_t n_calls;
};

static uint64_t progen_next(struct progen *g)
{
	g->rng ^= g->rng << 13;
	g->rng ^= g->rng >> 7;
	g->rng ^= g->rng << 17;
	return g->rng * UINT64_C(0x2545F4914F6CDD1D);
}

static uint32_t progen_pick(struct progen *g, uint32_t n)
{
	return (uint32_t)((progen_next(g) >> 33) % n);
}

static void progen_emit(struct progen *g, struct slot8 in)
{
	if (g->n < PROGEN_MOST + 60) {
		g->code[g->n++] = in;
	}
}

static int32_t progen_number(struct progen *g)
{
	static const int32_t some[] = {0,      1,         2,         3,   7,    8,     -1,
	                               -2,     31,        32,        63,  255,  256,   0x7fff,
	                               0xffff, INT32_MAX, INT32_MIN, -14, -134, 65535, 0x10000};

	switch (progen_pick(g, 4)) {
	case 0:
		return (int32_t)progen_next(g);
	case 1:
		return (int32_t)progen_pick(g, 10);
	default:
		return some[progen_pick(g, sizeof(some) / sizeof(some[0]))];
	}
}

/** A register that holds a number. */
static uint8_t progen_src(struct progen *g)
{
	uint32_t mask = g->ready;

	for (;;) {
		uint8_t r = (uint8_t)progen_pick(g, 10);

		if (mask >> r & 1) {
			return r;
		}
	}
}

/** A register to write: r0 to r5, r7, r8. */
static uint8_t progen_dst(struct progen *g)
{
	static const uint8_t some[] = {0, 0, 1, 2, 3, 4, 5, 7, 8};

	return some[progen_pick(g, sizeof(some))];
}

static void progen_number_op(struct progen *g)
{
	static const uint8_t ops[] = {A_ADD, A_SUB, A_MUL, A_DIV, A_OR,   A_AND, A_LSH,
	                              A_RSH, A_MOD, A_XOR, A_MOV, A_ARSH, A_AND, A_ADD};
	uint8_t op = ops[progen_pick(g, sizeof(ops))];
	bool wide = progen_pick(g, 2);
	bool imm = progen_pick(g, 2);
	uint8_t src = progen_src(g);
	uint8_t dst = op == A_MOV ? progen_dst(g) : progen_src(g);
	int32_t number = progen_number(g);

	if (dst == 9) {
		dst = 0;
		progen_emit(g, MOV64_REG(0, 9));
		g->ready |= 1;
	}
	if (op == A_LSH || op == A_RSH || op == A_ARSH) {
		number &= wide ? 63 : 31;
	}
	if ((op == A_DIV || op == A_MOD) && number == 0) {
		number = 3;
	}
	if (imm) {
		progen_emit(g, wide ? ALU64_IMM(op, dst, number) : ALU32_IMM(op, dst, number));
	} else {
		progen_emit(g, wide ? ALU64_REG(op, dst, src) : ALU32_REG(op, dst, src));
	}
	if ((op == A_DIV || op == A_MOD) && progen_pick(g, 3) == 0) {
		g->code[g->n - 1].off = 1; /* signed */
	}
	g->ready |= 1u << dst;
}

static void progen_odd_op(struct progen *g)
{
	uint8_t src = progen_src(g);
	uint8_t dst = progen_dst(g);
	uint8_t own = (g->ready >> dst & 1) ? dst : 8;

	switch (progen_pick(g, 8)) {
	case 0:
		progen_emit(g, SX64_REG(dst, src, 8 << progen_pick(g, 3)));
		break;
	case 1:
		progen_emit(g, SX32_REG(dst, src, 8 << progen_pick(g, 2)));
		break;
	case 2:
		progen_emit(g, BSWAP(own, 16 << progen_pick(g, 3)));
		dst = own;
		break;
	case 3:
		progen_emit(g, progen_pick(g, 2) ? SWAP_BE(own, 16 << progen_pick(g, 3))
		                                 : SWAP_LE(own, 16 << progen_pick(g, 3)));
		dst = own;
		break;
	case 4:
		progen_emit(g, progen_pick(g, 2) ? NEG64(own) : NEG32(own));
		dst = own;
		break;
	case 5: {
		uint64_t number = progen_next(g) >> progen_pick(g, 64);
		struct slot8 two[] = {LD64(dst, number)};

		progen_emit(g, two[0]);
		progen_emit(g, two[1]);
		break;
	}
	case 6: { /* extension of old compilers */
		uint32_t by = 8u << progen_pick(g, 3);

		progen_emit(g, MOV64_REG(dst, src));
		progen_emit(g, ALU64_IMM(A_LSH, dst, 64 - by));
		progen_emit(g, ALU64_IMM(progen_pick(g, 2) ? A_RSH : A_ARSH, dst, 64 - by));
		break;
	}
	default:
		progen_emit(g, MOV64_REG(dst, src));
		progen_emit(g, ALU64_IMM(A_ADD, dst, progen_number(g)));
	}
	g->ready |= 1u << dst;
}

/** a % n as compilers write it, the divisor sometimes another one; or a bit of a small number. */
static void progen_derived(struct progen *g)
{
	uint8_t src = progen_src(g);
	int32_t n = 1 + (int32_t)progen_pick(g, 20);
	bool wide = progen_pick(g, 2);

	if (progen_pick(g, 2)) {
		progen_emit(g, progen_pick(g, 4) ? MOV64_REG(3, src) : MOV32_REG(3, src));
		progen_emit(g, progen_pick(g, 4) ? MOV64_REG(4, src) : MOV64_REG(4, 3));
		progen_emit(g, wide ? ALU64_IMM(A_DIV, 4, n) : ALU32_IMM(A_DIV, 4, n));
		n += progen_pick(g, 6) == 0;
		progen_emit(g, wide ? ALU64_IMM(A_MUL, 4, n) : ALU32_IMM(A_MUL, 4, n));
		wide = wide && progen_pick(g, 3);
		progen_emit(g, wide ? ALU64_REG(A_SUB, 3, 4) : ALU32_REG(A_SUB, 3, 4));
		if (progen_pick(g, 2)) {
			progen_emit(g, MOV64_REG(0, 3));
			g->ready |= 1;
		}
		g->ready |= 1u << 3 | 1u << 4;
		return;
	}
	progen_emit(g, MOV64_REG(3, src));
	progen_emit(g, ALU64_IMM(A_AND, 3, 15));
	progen_emit(g, MOV64_IMM(4, progen_pick(g, 4) ? 1 : progen_number(g)));
	progen_emit(g, wide ? ALU64_REG(A_LSH, 4, 3) : ALU32_REG(A_LSH, 4, 3));
	progen_emit(g, ALU64_IMM(A_AND, 4, (int32_t)(progen_next(g) & 0xffff)));
	progen_emit(g, MOV64_IMM(0, progen_number(g)));
	progen_emit(g, progen_pick(g, 2) ? JMP_IMM(J_JNE, 4, 0, 1) : JMP32_IMM(J_JEQ, 4, 0, 1));
	progen_emit(g, MOV64_REG(0, 3));
	g->ready |= 1u | 1u << 3 | 1u << 4;
}

static const uint8_t progen_sizes[] = {S_B, S_H, S_W, S_DW};

static int16_t progen_slot(struct progen *g, uint32_t size)
{
	uint32_t bytes = 1u << size;

	return (int16_t)(-64 + (int32_t)(progen_pick(g, 64 / bytes) * bytes));
}

static void progen_memory(struct progen *g)
{
	uint32_t size = progen_pick(g, 4);
	int16_t off = progen_slot(g, size);
	uint8_t src = progen_src(g);
	uint8_t dst = progen_dst(g);
	static const int32_t atomics[] = {0x00, 0x01, 0x40, 0x41, 0x50,
	                                  0x51, 0xa0, 0xa1, 0xe1, 0xf1};

	switch (progen_pick(g, 6)) {
	case 0:
		progen_emit(g, RAW(0x62 | progen_sizes[size], 10, 0, off, progen_number(g)));
		return;
	case 1:
		progen_emit(g, RAW(0x63 | progen_sizes[size], 10, src, off, 0));
		return;
	case 2:
		size = size < 2 ? 2 : size;
		off = progen_slot(g, size);
		src = src == 9 ? 7 : src;
		if (!(g->ready & 1)) {
			progen_emit(g, MOV64_IMM(0, progen_number(g)));
			g->ready |= 1;
		}
		progen_emit(g, RAW(0xc3 | progen_sizes[size], 10, src, off,
		                   atomics[progen_pick(g, sizeof(atomics) / sizeof(atomics[0]))]));
		return;
	case 3:
		size = size == 3 ? 2 : size;
		progen_emit(g, RAW(0x81 | progen_sizes[size], dst, 10, progen_slot(g, size), 0));
		break;
	default:
		progen_emit(g, RAW(0x61 | progen_sizes[size], dst, 10, off, 0));
		break;
	}
	g->ready |= 1u << dst;
}

static void progen_context(struct progen *g)
{
	static const int16_t loads[] = {0, 4, 8, 16, 32, 48, 52, 56, 60, 64, 44, 68};
	static const int16_t stores[] = {8, 32, 48, 52, 56, 60, 64};
	uint8_t dst = progen_dst(g);

	if (g->in_func) {
		if (g->has_frame_arg) { /* r6 leads to 16 bytes of the caller */
			uint32_t size = progen_pick(g, 4);
			int16_t off = (int16_t)(progen_pick(g, 16u >> size) << size);

			if (progen_pick(g, 2)) {
				progen_emit(g, RAW(0x63 | progen_sizes[size], 6, progen_src(g), off,
				                   0));
				return;
			}
			progen_emit(g, RAW(0x61 | progen_sizes[size], dst, 6, off, 0));
			g->ready |= 1u << dst;
		}
		return;
	}
	if (progen_pick(g, 3) == 0) {
		progen_emit(g, RAW(0x63, 6, progen_src(g), stores[progen_pick(g, 7)], 0));
		return;
	}
	progen_emit(g, RAW(0x61, dst, 6, loads[progen_pick(g, 12)], 0));
	g->ready |= 1u << dst;
}

static void progen_after_call(struct progen *g)
{
	g->ready = (g->ready & ~0x3eu) | 1u;
}

static void progen_call(struct progen *g)
{
	switch (progen_pick(g, g->in_func ? 2 : 5)) {
	case 0:
		progen_emit(g, CALL(PROGEN_RANDOM));
		break;
	case 1:
		progen_emit(g, MOV64_IMM(1, 1));
		if (progen_pick(g, 2)) {
			progen_emit(g, MOV64_IMM(2, (int32_t)progen_pick(g, 3)));
		} else {
			progen_emit(g, MOV64_REG(2, 8));
		}
		progen_emit(g, CALL(PROGEN_REDIRECT));
		break;
	case 2:
		progen_emit(g, MOV64_REG(1, 6));
		progen_emit(g, CALL(PROGEN_HASH));
		break;
	default: {
		uint32_t len = 1 + progen_pick(g, 16);
		uint32_t room = (64 - len) + 1;

		progen_emit(g, MOV64_REG(1, 6));
		progen_emit(g, MOV64_IMM(2, (int32_t)progen_pick(g, 90)));
		progen_emit(g, MOV64_REG(3, 10));
		progen_emit(g, ALU64_IMM(A_ADD, 3, -64 + (int32_t)progen_pick(g, room)));
		progen_emit(g, MOV64_IMM(4, (int32_t)len));
		progen_emit(g, CALL(PROGEN_LOAD_BYTES));
	}
	}
	progen_after_call(g);
}

static void progen_tail(struct progen *g)
{
	struct slot8 map[] = {LD_MAP(2, g->array)};

	progen_emit(g, MOV64_REG(3, progen_src(g)));
	if (progen_pick(g, 2)) {
		progen_emit(g, MOV64_IMM(3, (int32_t)progen_pick(g, 5)));
	} else {
		progen_emit(g, ALU64_IMM(A_AND, 3, 7));
	}
	progen_emit(g, MOV64_REG(1, 6));
	progen_emit(g, map[0]);
	progen_emit(g, map[1]);
	progen_emit(g, TAIL_CALL());
	g->ready &= ~0x3fu;
	progen_emit(g, MOV64_IMM(0, progen_number(g)));
	g->ready |= 1;
}

static void progen_frozen(struct progen *g)
{
	uint8_t dst = progen_dst(g);
	struct slot8 map[] = {LD_VALUE(5, g->frozen, (int32_t)progen_pick(g, 32))};

	progen_emit(g, MOV64_REG(4, progen_src(g)));
	progen_emit(g, ALU64_IMM(A_AND, 4, (int32_t)progen_pick(g, 25)));
	progen_emit(g, map[0]);
	progen_emit(g, map[1]);
	progen_emit(g, ALU64_REG(A_ADD, 5, 4));
	progen_emit(g, RAW(0x61 | progen_sizes[progen_pick(g, 4)], dst, 5, 0, 0));
	g->ready = (g->ready & ~0x20u) | 1u << 4 | 1u << dst;
}

static void progen_packet(struct progen *g)
{
	uint32_t len = 1 + progen_pick(g, 40);
	uint8_t dst = progen_pick(g, 2) ? 7 : 8;

	progen_emit(g, LDX(W, 2, 6, 76));
	progen_emit(g, LDX(W, 3, 6, 80));
	progen_emit(g, MOV64_REG(4, 2));
	progen_emit(g, ALU64_IMM(A_ADD, 4, (int32_t)len));
	progen_emit(g, JMP_REG(J_JGT, 4, 3, 1));
	progen_emit(g, RAW(0x61 | S_B, dst, 2, progen_pick(g, len), 0));
	g->ready &= ~0x1cu;
}

#include "tests/progen_elems.h" /* statements of this kind, made of the functions above */

static void progen_own_call(struct progen *g)
{
	bool frame = !g->in_func && progen_pick(g, 2);

	if (g->in_func || g->n_calls == 8) {
		return;
	}
	progen_emit(g, MOV64_REG(1, 7));
	progen_emit(g, MOV64_REG(2, progen_pick(g, 2) ? 8 : 7));
	if (frame) {
		progen_emit(g, MOV64_REG(1, 10));
		progen_emit(g, ALU64_IMM(A_ADD, 1, -64 + 8 * (int32_t)progen_pick(g, 6)));
	}
	g->call_frame[g->n_calls] = frame;
	g->calls[g->n_calls++] = g->n;
	progen_emit(g, CALL_OWN(0));
	progen_after_call(g);
}

static void progen_block(struct progen *g, uint32_t count, int depth);

/** if (a op b) { ... } else { ... } */
static void progen_if(struct progen *g, int depth)
{
	static const uint8_t ops[] = {J_JEQ,  J_JNE,  J_JGT,  J_JGE,  J_JLT, J_JLE,
	                              J_JSGT, J_JSGE, J_JSLT, J_JSLE, J_JSET};
	uint8_t op = ops[progen_pick(g, sizeof(ops))];
	uint8_t a = progen_src(g);
	uint8_t b = progen_src(g);
	bool wide = progen_pick(g, 2);
	uint32_t branch = g->n;
	uint32_t before = g->ready;

	if (progen_pick(g, 3)) {
		progen_emit(g, wide ? JMP_IMM(op, a, progen_number(g), 0)
		                    : JMP32_IMM(op, a, progen_number(g), 0));
	} else {
		progen_emit(g, wide ? JMP_REG(op, a, b, 0) : JMP32_REG(op, a, b, 0));
	}
	progen_block(g, 1 + progen_pick(g, 4), depth - 1);
	uint32_t after_then = g->ready;

	g->ready = before;
	if (progen_pick(g, 2)) {
		uint32_t skip = g->n;

		progen_emit(g, JA(0));
		g->code[branch].off = (int16_t)(g->n - branch - 1);
		progen_block(g, 1 + progen_pick(g, 4), depth - 1);
		g->code[skip].off = (int16_t)(g->n - skip - 1);
	} else {
		g->code[branch].off = (int16_t)(g->n - branch - 1);
	}
	g->ready &= after_then;
}

static void progen_loop(struct progen *g, int depth)
{
	uint32_t head = 0;
	uint32_t before = 0;

	progen_emit(g, MOV64_IMM(9, 0));
	g->ready |= 1u << 9;
	head = g->n;
	before = g->ready & ~0x3fu; /* temporaries may be gone the second time */
	g->ready = before;
	progen_emit(g, MOV64_IMM(0, progen_number(g)));
	g->ready |= 1;
	progen_block(g, 1 + progen_pick(g, 3), depth > 1 ? 1 : 0);
	progen_emit(g, ALU64_IMM(A_ADD, 9, 1));
	progen_emit(g, JMP_IMM(J_JLT, 9, 1 + (int32_t)progen_pick(g, 6), 0));
	g->code[g->n - 1].off = (int16_t)((int32_t)head - (int32_t)g->n);
}

static void progen_out(struct progen *g)
{
	uint8_t src = progen_src(g);

	progen_emit(g, progen_pick(g, 2) ? MOV64_REG(0, src) : MOV64_IMM(0, progen_number(g)));
	switch (progen_pick(g, 3)) {
	case 0:
		progen_emit(g, ALU64_IMM(A_AND, 0, 7));
		break;
	case 1:
		progen_emit(g, ALU32_IMM(A_ARSH, 0, 31));
		break;
	default:
		break;
	}
	progen_emit(g, EXIT());
}

static void progen_block(struct progen *g, uint32_t count, int depth)
{
	for (uint32_t i = 0; i < count && g->n < PROGEN_MOST - 60; i++) {
		uint32_t kind = progen_pick(g, g->elems ? 40 : 32);

		if (kind >= 32) {
			progen_element(g);
		} else if (kind < 9) {
			progen_number_op(g);
		} else if (kind < 11) {
			progen_odd_op(g);
		} else if (kind < 12) {
			progen_derived(g);
		} else if (kind < 17) {
			progen_memory(g);
		} else if (kind < 20) {
			progen_context(g);
		} else if (kind < 26 && depth > 0) {
			progen_if(g, depth);
		} else if (kind == 26 && depth == PROGEN_DEPTH && !g->in_func) {
			progen_loop(g, depth);
		} else if (kind == 27) {
			progen_call(g);
		} else if (kind == 28 && g->array && (!g->in_func || g->func_tails) &&
		           progen_pick(g, 2)) {
			progen_tail(g);
		} else if (kind == 29 && g->frozen) {
			progen_frozen(g);
		} else if (kind == 30 && g->packets && !g->in_func) {
			progen_packet(g);
		} else if (kind == 31) {
			progen_own_call(g);
		} else if (kind == 25) {
			uint32_t ready = g->ready;
			uint32_t at = g->n;

			progen_emit(g, JMP_IMM(J_JNE, progen_src(g), progen_number(g), 0));
			progen_out(g);
			g->code[at].off = (int16_t)(g->n - at - 1);
			g->ready = ready;
		}
	}
}

static void progen_frame(struct progen *g)
{
	for (int16_t off = -64; off < 0; off = (int16_t)(off + 8)) {
		progen_emit(g, progen_pick(g, 2) ? ST(DW, 10, off, progen_number(g))
		                                 : STX(DW, 10, off, 7));
	}
}

/** Make one program. @param seed anything but 0. */
static void progen_make(struct progen *g, uint64_t seed)
{
	g->rng = seed;
	g->n = 0;
	g->n_calls = 0;
	g->in_func = false;
	(void)progen_next(g);
	progen_emit(g, MOV64_REG(6, 1));
	progen_emit(g, LDX(W, 7, 6, 0));
	progen_emit(g, MOV64_IMM(8, progen_number(g)));
	g->ready = 1u << 7 | 1u << 8;
	progen_frame(g);
	progen_emit(g, MOV64_IMM(0, progen_number(g)));
	g->ready |= 1;
	progen_block(g, 2 + progen_pick(g, 14), PROGEN_DEPTH);
	progen_out(g);
	for (uint32_t i = 0; i < g->n_calls; i++) {
		int32_t distance = (int32_t)g->n - (int32_t)g->calls[i] - 1;

		g->code[g->calls[i]].off = (int16_t)(g->dump ? distance : 0);
		g->code[g->calls[i]].imm = g->dump ? 0 : distance;
		g->in_func = true;
		g->has_frame_arg = g->call_frame[i];
		progen_emit(g, MOV64_REG(6, 1));
		progen_emit(g, MOV64_REG(7, 2));
		progen_emit(g, MOV64_IMM(8, progen_number(g)));
		g->ready = 1u << 7 | 1u << 8;
		progen_frame(g);
		progen_emit(g, MOV64_IMM(0, progen_number(g)));
		g->ready |= 1;
		progen_block(g, 1 + progen_pick(g, 5), 2);
		progen_out(g);
	}
}

#endif
