/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shapes.h - makes programs of several shapes, of any size: for benchverdict, and for the test that
 * work grows with size.
 */
#ifndef TCAUDIT_TESTS_SHAPES_H
#define TCAUDIT_TESTS_SHAPES_H

#include "model/code.h"
#include "tests/unit/asm.h"

#include <stdint.h>
#include <stdlib.h>

/** Where struct __sk_buff of linux/bpf.h has these. */
#define CTX_PROTOCOL 16
#define CTX_CB(i)    (48 + 4 * (i))
#define CTX_DATA     76
#define CTX_DATA_END 80

/** Numbers of helpers; shape_symbols names them. */
#define HELPER_PULL   1
#define HELPER_LOOKUP 2

static const struct verdict_symbol shape_symbols[] = {
	{HELPER_PULL, "bpf_skb_pull_data"},
	{HELPER_LOOKUP, "bpf_map_lookup_elem"},
};
#define N_SHAPE_SYMBOLS 2u

/** Instructions of a program that grows. */
struct shape_code {
	struct slot8 *insns;
	uint32_t n, room;
	uint32_t array; /**< Id of the program array that tail calls go through. */
};

static inline void put(struct shape_code *c, struct slot8 in)
{
	if (c->n == c->room) {
		c->room = c->room ? c->room * 2 : 4096;
		struct slot8 *more = realloc(c->insns, c->room * sizeof(*c->insns));

		if (!more) {
			abort();
		}
		c->insns = more;
	}
	c->insns[c->n++] = in;
}

static inline void put_map(struct shape_code *c, uint32_t reg, uint32_t id)
{
	const struct slot8 both[] = {LD_MAP(reg, (int32_t)id)};

	put(c, both[0]);
	put(c, both[1]);
}

/** Make the jump or call at @p at lead to the next instruction. */
static inline void land(struct shape_code *c, uint32_t at)
{
	if (c->insns[at].op == CALL_OWN(0).op) {
		c->insns[at].imm = (int32_t)(c->n - at - 1);
	} else {
		c->insns[at].off = (int16_t)(c->n - at - 1);
	}
}

/** tail_call(ctx, array, index); the context is in r6. */
static inline void put_tail(struct shape_code *c, int32_t index)
{
	put(c, MOV64_REG(1, 6));
	put_map(c, 2, c->array);
	put(c, MOV64_IMM(3, index));
	put(c, TAIL_CALL());
}

/** Straight arithmetic. */
static inline void straight(struct shape_code *c, uint32_t size)
{
	put(c, LDX(W, 0, 1, 0));
	while (c->n < size) {
		put(c, ALU64_IMM(A_ADD, 0, c->n));
		put(c, ALU64_IMM(A_XOR, 0, 0x55));
		put(c, ALU64_IMM(A_AND, 0, 0xffff));
	}
	put(c, ALU64_IMM(A_AND, 0, 3));
	put(c, EXIT());
}

/** if (field) x = a; else x = b; over and over. */
static inline void merges(struct shape_code *c, uint32_t size)
{
	put(c, MOV64_REG(6, 1));
	put(c, MOV64_IMM(7, 0));
	while (c->n < size) {
		put(c, LDX(W, 2, 6, (c->n % 60) & ~3u));
		put(c, MOV64_IMM(8, c->n % 9));
		put(c, JMP_IMM(J_JEQ, 2, c->n % 7, 1));
		put(c, MOV64_IMM(7, c->n % 5));
	}
	put(c, MOV64_REG(0, 7));
	put(c, EXIT());
}

/** Calls whose error leaves, with many live stack slots. */
static inline void errors(struct shape_code *c, uint32_t size)
{
	put(c, MOV64_REG(6, 1));
	for (int16_t off = -128; off < 0; off = (int16_t)(off + 8)) {
		put(c, ST(DW, 10, off, 0));
	}
	while (c->n < size) {
		int32_t off = -128 + (int32_t)(c->n % 16) * 8;

		put(c, MOV64_REG(1, 6));
		put(c, LDX(DW, 2, 10, off));
		put(c, CALL(HELPER_PULL));
		put(c, MOV64_IMM(7, -(int32_t)(c->n % 140) - 1));
		put(c, JMP_IMM(J_JSLT, 0, 0, size - c->n < 32000 ? size - c->n : 1));
		put(c, LDX(W, 3, 6, 8));
		put(c, JMP_IMM(J_JEQ, 3, c->n, 1));
		put(c, STX(DW, 10, -128 + (int32_t)((c->n + 5) % 16) * 8, 3));
	}
	while (c->n < size + 40) {
		put(c, MOV64_REG(7, 7));
	}
	for (int16_t off = -128; off < 0; off = (int16_t)(off + 8)) {
		put(c, LDX(DW, 8, 10, off));
		put(c, STX(W, 6, 8, 8));
	}
	put(c, MOV64_IMM(0, 2));
	put(c, JMP_IMM(J_JSLT, 7, 0, 1));
	put(c, MOV64_IMM(0, 0));
	put(c, EXIT());
}

/** Loops over a counter, one behind the other. */
static inline void loops(struct shape_code *c, uint32_t size)
{
	put(c, MOV64_REG(6, 1));
	put(c, MOV64_IMM(7, 0));
	while (c->n < size) {
		put(c, MOV64_IMM(8, 0));
		put(c, LDX(B, 2, 6, 4));
		put(c, ALU64_REG(A_ADD, 7, 2));
		put(c, JMP_IMM(J_JNE, 2, 3, 1));
		put(c, MOV64_IMM(9, 1));
		put(c, ALU64_IMM(A_ADD, 8, 1));
		put(c, JMP_IMM(J_JLT, 8, 40, -6));
	}
	put(c, MOV64_IMM(0, 0));
	put(c, EXIT());
}

/**
 * Loops whose bodies stand away from them, behind the end of the program: what follows a loop comes
 * before its body in the order of the instructions.
 */
static inline void outlying(struct shape_code *c, uint32_t size)
{
	uint32_t n = (size < 16 ? 16 : size) / 8;
	uint32_t body = 0;

	put(c, MOV64_REG(6, 1));
	put(c, MOV64_IMM(7, 0));
	body = c->n + 3 * n + 2;
	for (uint32_t i = 0; i < n; i++) {
		put(c, MOV64_IMM(8, 0));
		put(c, JMP_IMM(J_JLT, 8, 12, body + 5 * i - c->n - 1));
		put(c, ALU64_IMM(A_AND, 7, 0xffff));
	}
	put(c, MOV64_IMM(0, 0));
	put(c, EXIT());
	for (uint32_t i = 0; i < n; i++) {
		put(c, LDX(B, 2, 6, 4));
		put(c, JMP_IMM(J_JNE, 2, i % 50, 1));
		put(c, ALU64_IMM(A_ADD, 7, 1));
		put(c, ALU64_IMM(A_ADD, 8, 1));
		put(c, JA(3 * i + 3 - c->n - 1));
	}
}

/** Three loops inside each other, again and again; the innermost one leaves for an error. */
static inline void nested(struct shape_code *c, uint32_t size)
{
	put(c, MOV64_REG(6, 1));
	put(c, MOV64_IMM(0, 0));
	while (c->n < size) {
		put(c, MOV64_IMM(7, 0));
		put(c, MOV64_IMM(8, 0)); /* first loop */
		put(c, MOV64_IMM(9, 0)); /* second loop */
		put(c, LDX(B, 2, 6, 4)); /* third loop */
		put(c, MOV64_IMM(0, 2));
		put(c, JMP_IMM(J_JEQ, 2, 77, 7));
		put(c, MOV64_IMM(0, 0));
		put(c, ALU64_IMM(A_ADD, 9, 1));
		put(c, JMP_IMM(J_JLT, 9, 12, -6));
		put(c, ALU64_IMM(A_ADD, 8, 1));
		put(c, JMP_IMM(J_JLT, 8, 30, -9));
		put(c, ALU64_IMM(A_ADD, 7, 1));
		put(c, JMP_IMM(J_JLT, 7, 20, -12));
		put(c, JMP_IMM(J_JEQ, 0, 2, 1));
		put(c, STX(W, 6, CTX_CB(0), 7));
	}
	put(c, EXIT());
}

/** Compare r0 with @p n numbers, one after the other; each gives a code of its own in r7. */
static inline void put_switch(struct shape_code *c, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		put(c, JMP_IMM(J_JNE, 0, 3 * i + 1, 2));
		put(c, MOV64_IMM(7, i % 3 ? 0 : 2));
		put(c, JA(3 * (n - i - 1)));
	}
}

/** Jump chains of 2,000 compares. */
static inline void switches(struct shape_code *c, uint32_t size)
{
	put(c, MOV64_REG(6, 1));
	put(c, MOV64_IMM(7, 0));
	while (c->n + 4 < size) {
		uint32_t left = (size - c->n - 1) / 3;

		put(c, LDX(W, 0, 6, CTX_PROTOCOL));
		put_switch(c, left < 2000 ? left : 2000);
	}
	put(c, MOV64_REG(0, 7));
	put(c, EXIT());
}

/** Every read of the packet behind its own check, with few distinct distances. */
static inline void bounds(struct shape_code *c, uint32_t size)
{
	put(c, MOV64_REG(6, 1));
	put(c, LDX(W, 7, 6, CTX_DATA));
	put(c, LDX(W, 8, 6, CTX_DATA_END));
	put(c, MOV64_IMM(9, 0));
	while (c->n < size) {
		put(c, MOV64_REG(2, 7));
		put(c, ALU64_IMM(A_ADD, 2, 14 + 4 * (c->n / 9 % 10)));
		put(c, JMP_REG(J_JLE, 2, 8, 2));
		put(c, MOV64_IMM(0, 2));
		put(c, EXIT());
		put(c, LDX(W, 3, 2, -4));
		put(c, JMP_IMM(J_JNE, 3, c->n % 11, 1));
		put(c, ALU64_IMM(A_OR, 9, 1 << c->n % 4));
		put(c, STX(W, 6, CTX_CB(c->n % 5), 3));
	}
	put(c, MOV64_IMM(0, 0));
	put(c, JMP_IMM(J_JNE, 9, 3, 1));
	put(c, MOV64_IMM(0, 2));
	put(c, EXIT());
}

#define N_PARSERS 6u

/**
 * A function: r1 context, r2 cursor, r3 where the caller keeps what was found. Advances the cursor
 * and stores it, the protocol and some fields; 0, or an error.
 */
static inline void put_parser(struct shape_code *c, uint32_t number, uint32_t size)
{
	uint32_t end = c->n + size;

	put(c, MOV64_REG(6, 1));
	put(c, MOV64_REG(7, 2));
	put(c, MOV64_REG(8, 3));
	for (uint32_t i = 0; c->n + 14 < end; i++) {
		put(c, LDX(W, 1, 6, CTX_DATA));
		put(c, LDX(W, 2, 6, CTX_DATA_END));
		put(c, ALU64_REG(A_ADD, 1, 7));
		put(c, MOV64_REG(3, 1));
		put(c, ALU64_IMM(A_ADD, 3, 8 + 4 * i));
		put(c, MOV64_IMM(0, -134 - (int32_t)number));
		put(c, JMP_REG(J_JGT, 3, 2, end - c->n - 2));
		put(c, LDX(W, 4, 1, 4 * i));
		put(c, STX(W, 8, 16 + 4 * (i % 4), 4));
		put(c, JMP_IMM(J_JNE, 4, 6 + i, 1));
		put(c, ALU64_IMM(A_ADD, 7, 4));
	}
	while (c->n + 4 < end) {
		put(c, MOV64_REG(7, 7));
	}
	put(c, STX(DW, 8, 0, 7));
	put(c, ST(DW, 8, 8, number));
	put(c, MOV64_IMM(0, 0));
	put(c, EXIT());
}

/** A loop over the headers of a packet that calls one function or another. */
static inline void put_parse_loop(struct shape_code *c, const uint32_t *parsers)
{
	uint32_t out[2 * N_PARSERS];
	uint32_t n_out = 0;
	uint32_t head = 0;

	put(c, ST(DW, 10, -48, 14)); /* cursor */
	put(c, ST(DW, 10, -40, 0));  /* header */
	put(c, MOV64_IMM(7, 0));
	head = c->n;
	for (uint32_t i = 0; i < N_PARSERS; i++) {
		put(c, LDX(DW, 1, 10, -40));
		put(c, JMP_IMM(J_JEQ, 1, i + 1, 7));
		put(c, MOV64_REG(1, 6));
		put(c, LDX(DW, 2, 10, -48));
		put(c, MOV64_REG(3, 10));
		put(c, ALU64_IMM(A_ADD, 3, -48));
		put(c, CALL_OWN((int32_t)(parsers[i] - c->n - 1)));
		out[n_out++] = c->n;
		put(c, JMP_IMM(J_JSLT, 0, 0, 0));
		put(c, ALU64_IMM(A_ADD, 7, 0));
	}
	put(c, ALU64_IMM(A_ADD, 7, 1));
	put(c, JMP_IMM(J_JLT, 7, 8, (int32_t)(head - c->n - 1)));
	put(c, MOV64_IMM(0, 0));
	for (uint32_t i = 0; i < n_out; i++) {
		land(c, out[i]);
	}
	put(c, MOV64_REG(9, 0));
	put(c, JMP_IMM(J_JSGE, 9, 0, 2));
	put(c, MOV64_IMM(0, 2));
	put(c, EXIT());
}

/**
 * Loops over packets that call own functions, four of them for 2,770 instructions: functions take
 * most of the room and stand before what calls them.
 */
static inline void packets(struct shape_code *c, uint32_t size)
{
	uint32_t start = 0;

	put(c, MOV64_REG(6, 1));
	while (c->n < size || start == 0) {
		uint32_t parsers[N_PARSERS];
		uint32_t each = size < 2770 ? size / N_PARSERS : 2770 / N_PARSERS - 40;
		uint32_t over = c->n;

		start = c->n;
		put(c, JA(0));
		for (uint32_t i = 0; i < N_PARSERS; i++) {
			parsers[i] = c->n;
			put_parser(c, i, each < 40 ? 40 : each);
		}
		land(c, over);
		for (uint32_t i = 0; i < 4; i++) {
			put_parse_loop(c, parsers);
		}
	}
	put(c, MOV64_IMM(0, 0));
	put(c, EXIT());
}

/** Programs of a chain: each leads to all others. */
#define CHAIN_PROGS 20u

/** One program of a chain: what it stores in the control block is what the next one tests. */
static inline void chained(struct shape_code *c, uint32_t size, uint32_t number)
{
	put(c, MOV64_REG(6, 1));
	put(c, LDX(W, 7, 6, CTX_CB(0)));
	put(c, LDX(W, 8, 6, CTX_CB(1)));
	put(c, JMP_IMM(J_JNE, 7, 134 + number, 2));
	put(c, MOV64_IMM(0, 2));
	put(c, EXIT());
	while (c->n + 18 < size) {
		put(c, LDX(W, 2, 6, 4 * (c->n % 12)));
		put(c, JMP_IMM(J_JNE, 2, c->n, 2));
		put(c, ST(W, 6, CTX_CB(2), c->n % 3));
		put(c, MOV64_IMM(8, number));
		put(c, JMP_IMM(J_JGT, 2, 500, 2));
		put(c, ST(W, 6, CTX_CB(0), -1 - (int32_t)(c->n % 4)));
		put(c, STX(W, 6, CTX_CB(1), 8));
	}
	put_tail(c, (int32_t)((number + 1) % CHAIN_PROGS));
	put(c, MOV64_REG(1, 6));
	put_map(c, 2, c->array);
	put(c, LDX(W, 3, 6, 8)); /* any slot */
	put(c, TAIL_CALL());
	put(c, MOV64_IMM(0, 2));
	put(c, JMP_IMM(J_JEQ, 8, 7, 1));
	put(c, MOV64_IMM(0, 0));
	put(c, EXIT());
}

/** One program with a bit of everything, as in a datapath; ends in tail calls and drops. */
static inline void mixed(struct shape_code *c, uint32_t size, uint32_t number)
{
	uint32_t out[4];

	put(c, MOV64_REG(6, 1));
	put(c, MOV64_IMM(9, number));
	for (uint32_t i = 0; c->n + 12 < size; i++) {
		put(c, LDX(W, 7, 6, CTX_DATA));
		put(c, LDX(W, 8, 6, CTX_DATA_END));
		put(c, MOV64_REG(2, 7));
		put(c, ALU64_IMM(A_ADD, 2, 34 + 4 * (i % 3)));
		put(c, MOV64_IMM(0, -134));
		out[0] = c->n;
		put(c, JMP_REG(J_JGT, 2, 8, 0));
		put(c, LDX(W, 3, 7, 26));
		put(c, STX(W, 10, -8 - 4 * (int32_t)(i % 16), 3));
		put(c, MOV64_REG(2, 10));
		put(c, ALU64_IMM(A_ADD, 2, -64));
		put_map(c, 1, c->array + 1 + i % 4);
		put(c, CALL(HELPER_LOOKUP));
		out[1] = c->n;
		put(c, JMP_IMM(J_JEQ, 0, 0, 0));
		put(c, LDX(W, 9, 0, 4));
		put(c, ALU64_IMM(A_AND, 9, 7));
		put(c, MOV64_REG(1, 6));
		put(c, CALL(HELPER_PULL));
		put(c, LDX(W, 4, 10, -8 - 4 * (int32_t)(i % 16)));
		out[2] = c->n;
		put(c, JMP_IMM(J_JNE, 4, i, 0));
		put(c, ST(W, 6, CTX_CB(i % 3), i % 5));
		out[3] = c->n;
		put(c, JMP_IMM(J_JSGE, 0, 0, 2));
		put(c, MOV64_IMM(0, 2));
		put(c, EXIT());
		for (uint32_t k = 0; k < 4; k++) {
			land(c, out[k]);
		}
	}
	put_tail(c, (int32_t)(number * 7 % CHAIN_PROGS));
	put(c, MOV64_IMM(0, 0));
	put(c, JMP_IMM(J_JNE, 9, 2, 1));
	put(c, MOV64_IMM(0, 2));
	put(c, EXIT());
}

/** Bytes of an endpoint's frozen data; those behind the half are the same for all. */
#define ENDPOINT_DATA 64u

/** The same, but it can lead to any program of its array, and reads data that is frozen. */
static inline void endpoint(struct shape_code *c, uint32_t size, uint32_t number, uint32_t data)
{
	const struct slot8 both[] = {LD_VALUE(2, (int32_t)data, ENDPOINT_DATA / 2)};

	put(c, MOV64_REG(6, 1));
	put(c, both[0]);
	put(c, both[1]);
	put(c, LDX(W, 2, 2, 0));
	put(c, STX(W, 6, CTX_CB(2), 2));
	put_map(c, 2, c->array);
	put(c, LDX(W, 3, 6, 8)); /* any slot */
	put(c, TAIL_CALL());
	put(c, MOV64_REG(1, 6));
	mixed(c, size, number);
}

/** Two to eight instructions. */
static inline void tiny(struct shape_code *c, uint32_t number)
{
	for (uint32_t i = 0; i < number % 7; i += 3) {
		put(c, LDX(W, 2, 1, 4 * i));
		put(c, MOV64_IMM(0, i));
		put(c, JMP_IMM(J_JNE, 2, number, 0));
	}
	put(c, MOV64_IMM(0, number % 3));
	put(c, EXIT());
}

/** The program made of @p c, and all that is known of it. */
static inline struct verdict_prog shape_prog(const struct shape_code *c)
{
	return (struct verdict_prog){
		.id = 1, .insns = c->insns, .n_insns = c->n, .links_read = true};
}

static inline struct verdict_env shape_env(const struct verdict_prog *prog)
{
	return (struct verdict_env){.progs = prog,
	                            .n_progs = 1,
	                            .symbols = shape_symbols,
	                            .n_symbols = N_SHAPE_SYMBOLS};
}

#endif
