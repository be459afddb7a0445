/* SPDX-License-Identifier: Apache-2.0 */
/**
 * benchverdict [INSTRUCTIONS] - how long judging programs of several shapes takes.
 */
#include "analyzer/verdict.h"
#include "tests/unit/asm.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct slot8 *code;
static uint32_t n, room;

static void put(struct slot8 in)
{
	if (n == room) {
		room = room ? room * 2 : 4096;
		struct slot8 *more = realloc(code, room * sizeof(*code));

		if (!more) {
			abort();
		}
		code = more;
	}
	code[n++] = in;
}

/** Straight arithmetic. */
static void straight(uint32_t size)
{
	put(LDX(W, 0, 1, 0));
	while (n < size) {
		put(ALU64_IMM(A_ADD, 0, (int32_t)n));
		put(ALU64_IMM(A_XOR, 0, 0x55));
		put(ALU64_IMM(A_AND, 0, 0xffff));
	}
	put(ALU64_IMM(A_AND, 0, 3));
	put(EXIT());
}

/** if (field) x = a; else x = b; over and over. */
static void merges(uint32_t size)
{
	put(MOV64_REG(6, 1));
	put(MOV64_IMM(7, 0));
	while (n < size) {
		put(LDX(W, 2, 6, (n % 60) & ~3u));
		put(MOV64_IMM(8, (int32_t)(n % 9)));
		put(JMP_IMM(J_JEQ, 2, (int32_t)(n % 7), 1));
		put(MOV64_IMM(7, (int32_t)(n % 5)));
	}
	put(MOV64_REG(0, 7));
	put(EXIT());
}

/** Calls whose error leaves, with many live stack slots. */
static void errors(uint32_t size)
{
	put(MOV64_REG(6, 1));
	for (int16_t off = -128; off < 0; off = (int16_t)(off + 8)) {
		put(ST(DW, 10, off, 0));
	}
	while (n < size) {
		int16_t off = (int16_t)(-128 + (int32_t)(n % 16) * 8);

		put(MOV64_REG(1, 6));
		put(LDX(DW, 2, 10, off));
		put(CALL(1));
		put(MOV64_IMM(7, -(int32_t)(n % 140) - 1));
		put(JMP_IMM(J_JSLT, 0, 0, (int32_t)(size - n) < 32000 ? (int32_t)(size - n) : 1));
		put(LDX(W, 3, 6, 8));
		put(JMP_IMM(J_JEQ, 3, (int32_t)n, 1));
		put(STX(DW, 10, (int16_t)(-128 + (int32_t)((n + 5) % 16) * 8), 3));
	}
	while (n < size + 40) {
		put(MOV64_REG(7, 7));
	}
	for (int16_t off = -128; off < 0; off = (int16_t)(off + 8)) {
		put(LDX(DW, 8, 10, off));
		put(STX(W, 6, 8, 8));
	}
	put(MOV64_IMM(0, 2));
	put(JMP_IMM(J_JSLT, 7, 0, 1));
	put(MOV64_IMM(0, 0));
	put(EXIT());
}

/** Nested loops over a counter. */
static void loops(uint32_t size)
{
	put(MOV64_REG(6, 1));
	put(MOV64_IMM(7, 0));
	while (n < size) {
		put(MOV64_IMM(8, 0));
		put(LDX(B, 2, 6, 4));
		put(ALU64_REG(A_ADD, 7, 2));
		put(JMP_IMM(J_JNE, 2, 3, 1));
		put(MOV64_IMM(9, 1));
		put(ALU64_IMM(A_ADD, 8, 1));
		put(JMP_IMM(J_JLT, 8, 40, -6));
	}
	put(MOV64_IMM(0, 0));
	put(EXIT());
}

static const struct shape {
	const char *name;
	void (*make)(uint32_t size);
} shapes[] = {{"straight", straight}, {"merges", merges}, {"errors", errors}, {"loops", loops}};

static double now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	uint32_t size = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10000;
	static const struct verdict_symbol symbols[] = {{1, "bpf_skb_pull_data"}};

	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		double best = 1e9;
		struct verdict v = {0};

		n = 0;
		shapes[i].make(size);
		for (int round = 0; round < 5; round++) {
			struct verdict_prog prog = {
				.id = 1, .insns = code, .n_insns = n, .links_read = true};
			struct verdict_env env = {
				.progs = &prog, .n_progs = 1, .symbols = symbols, .n_symbols = 1};
			struct arena arena;
			double start = now_ms();

			arena_init(&arena, 64u << 20);
			if (verdict_run(&env, 1, NULL, &arena, &v) < 0) {
				return 1;
			}
			best = now_ms() - start < best ? now_ms() - start : best;
			arena_done(&arena);
		}
		printf("%-10s %6u insns %8.2f ms %9llu steps %8llu states %u passes, codes %03x %s "
		       "%zu KiB\n",
		       shapes[i].name, n, best, (unsigned long long)v.steps,
		       (unsigned long long)v.states, v.passes, v.codes, verdict_cause_word(v.cause),
		       v.bytes >> 10);
	}
	free(code);
	return 0;
}
