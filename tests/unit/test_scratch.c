/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/*
 * Elements of per-CPU arrays: what is known there, what ends that, and what the verdict says of it.
 */
#include "analyzer/verdict.h"
#include "tests/unit/asm.h"

#include <criterion/criterion.h>
#include <string.h>

#define MAX_SLOTS 48u

#define OK     CODE_BIT(CODE_OK)
#define SHOT   CODE_BIT(CODE_SHOT)
#define TRAP   CODE_BIT(CODE_TRAP)
#define STOLEN CODE_BIT(CODE_STOLEN)

/* Ids of maps. */
#define ELEMS  1
#define OTHERS 2
#define PLAIN  3

/* Numbers of kernel functions; any will do. */
#define F_LOOKUP   1001
#define F_UPDATE   1002
#define F_CLONE    1003
#define F_REDIRECT 1004
#define F_UNLISTED 1005
#define F_DYNPTR   1006
#define F_EACH     1007
#define F_KFUNC    1008
#define F_OF_CPU   1009
#define F_UNNAMED  1010
#define F_XCHG     1011

static const struct verdict_symbol symbols[] = {
	{F_LOOKUP, "bpf_map_lookup_elem"},        {F_UPDATE, "bpf_map_update_elem"},
	{F_CLONE, "bpf_clone_redirect"},          {F_REDIRECT, "bpf_redirect"},
	{F_UNLISTED, "bpf_some_new_helper"},      {F_DYNPTR, "bpf_dynptr_data"},
	{F_EACH, "bpf_for_each_map_elem"},        {F_KFUNC, "bpf_some_kfunc"},
	{F_OF_CPU, "bpf_map_lookup_percpu_elem"}, {F_XCHG, "bpf_kptr_xchg"},
};

static const struct verdict_map maps[] = {
	{.id = ELEMS, .type = 6, .value_size = 12, .max_entries = 2},
	{.id = OTHERS, .type = 6, .value_size = 8, .max_entries = 1},
	{.id = PLAIN, .type = 2, .value_size = 8, .max_entries = 4},
};

/* r0 = element of a map, by an index that is stored below the frame's other slots. */
#define AT(map, index)                                                                             \
	ST(W, 10, -4, index), MOV64_REG(2, 10), ALU64_IMM(A_ADD, 2, -4), LD_MAP(1, map),           \
		CALL(F_LOOKUP)
/* r6 = element 0, in which 0 has been stored at offset 4. */
#define BEGIN AT(ELEMS, 0), MOV64_REG(6, 0), ST(W, 6, 4, 0)
/* Return what lies there. */
#define END LDX(W, 0, 6, 4), EXIT()

#define KNOWN   VERDICT_CAUSE_SCRATCH
#define UNKNOWN VERDICT_CAUSE_VALUE

static const struct row {
	const char *name;
	uint32_t codes;
	enum verdict_cause cause;
	struct slot8 code[MAX_SLOTS];
} rows[] = {
	{"what was stored", OK, KNOWN, {BEGIN, END}},
	{"nothing was stored", CODES_ALL, UNKNOWN, {AT(ELEMS, 0), LDX(W, 0, 0, 4), EXIT()}},
	{"looked up again", OK, KNOWN, {BEGIN, AT(ELEMS, 0), LDX(W, 0, 0, 4), EXIT()}},
	{"the next element", CODES_ALL, UNKNOWN, {BEGIN, AT(ELEMS, 1), LDX(W, 0, 0, 4), EXIT()}},
	{"elements are eight bytes apart",
         TRAP,
         KNOWN,
         {AT(ELEMS, 1), MOV64_REG(6, 0), ST(W, 6, 4, 8), AT(ELEMS, 0), ST(DW, 0, 8, 0), END}},
	{"no element",
         SHOT,
         VERDICT_CAUSE_NONE,
         {AT(ELEMS, 2), MOV64_REG(1, 0), MOV64_IMM(0, 2), JMP_IMM(J_JEQ, 1, 0, 1), MOV64_IMM(0, 0),
          EXIT()}},
	{"null is told apart",
         OK | SHOT,
         KNOWN,
         {LDX(W, 3, 1, 0), ALU64_IMM(A_AND, 3, 2), STX(W, 10, -4, 3), MOV64_REG(2, 10),
          ALU64_IMM(A_ADD, 2, -4), LD_MAP(1, ELEMS), CALL(F_LOOKUP), JMP_IMM(J_JNE, 0, 0, 2),
          MOV64_IMM(0, 2), EXIT(), ST(W, 0, 0, 0), LDX(W, 0, 0, 0), EXIT()}},
	{"another array", OK, KNOWN, {BEGIN, AT(OTHERS, 0), ST(DW, 0, 0, 8), END}},
	{"a shared array",
         CODES_ALL,
         UNKNOWN,
         {AT(PLAIN, 0), ST(W, 0, 0, 0), LDX(W, 0, 0, 0), EXIT()}},
	{"a packet is elsewhere",
         OK,
         KNOWN,
         {MOV64_REG(7, 1), BEGIN, LDX(W, 1, 7, 80), ST(W, 1, 0, 2), END}},
	{"some place in it",
         CODES_ALL,
         UNKNOWN,
         {MOV64_REG(7, 1), BEGIN, LDX(W, 1, 7, 0), ALU64_IMM(A_AND, 1, 31), ALU64_REG(A_ADD, 1, 6),
          STX(B, 1, 0, 1), END}},
	{"one of two places",
         OK | SHOT,
         KNOWN,
         {MOV64_REG(7, 1), BEGIN, LDX(W, 1, 7, 0), ALU64_IMM(A_AND, 1, 4), ALU64_REG(A_ADD, 1, 6),
          ST(W, 1, 0, 2), END}},
	{"a pointer that was lost sight of",
         CODES_ALL,
         UNKNOWN,
         {MOV64_REG(7, 1), BEGIN, MOV64_REG(3, 6), LDX(W, 1, 7, 0), JMP_IMM(J_JEQ, 1, 7, 1),
          ALU64_REG(A_XOR, 3, 1), ALU64_REG(A_XOR, 3, 1), ST(W, 3, 0, 2), END}},
	{"some element",
         OK | SHOT,
         KNOWN,
         {MOV64_REG(7, 1), BEGIN, LDX(W, 3, 7, 0), ALU64_IMM(A_AND, 3, 1), STX(W, 10, -4, 3),
          MOV64_REG(2, 10), ALU64_IMM(A_ADD, 2, -4), LD_MAP(1, ELEMS), CALL(F_LOOKUP),
          ST(W, 0, 4, 2), END}},
	{"an element of some CPU",
         CODES_ALL,
         UNKNOWN,
         {BEGIN, MOV64_REG(2, 10), ALU64_IMM(A_ADD, 2, -4), LD_MAP(1, ELEMS), CALL(F_OF_CPU),
          ST(W, 0, 0, 2), END}},
	{"an element of a map that is not known",
         CODES_ALL,
         UNKNOWN,
         {MOV64_REG(7, 1), BEGIN, LDX(DW, 1, 7, 0), MOV64_REG(2, 10), ALU64_IMM(A_ADD, 2, -4),
          CALL(F_LOOKUP), ST(W, 0, 0, 2), END}},
	{"updated", CODES_ALL, UNKNOWN, {BEGIN, LD_MAP(1, ELEMS), CALL(F_UPDATE), END}},
	{"another one updated", OK, KNOWN, {BEGIN, LD_MAP(1, OTHERS), CALL(F_UPDATE), END}},
	{"something updated",
         CODES_ALL,
         UNKNOWN,
         {MOV64_REG(7, 1), BEGIN, LDX(DW, 1, 7, 0), CALL(F_UPDATE), END}},
	{"another program in between", CODES_ALL, UNKNOWN, {BEGIN, CALL(F_CLONE), END}},
	{"a redirect later", OK, KNOWN, {BEGIN, CALL(F_REDIRECT), END}},
	{"a helper without a row",
         CODES_ALL,
         UNKNOWN,
         {BEGIN, MOV64_IMM(1, 0), CALL(F_UNLISTED), END}},
	{"a dynamic pointer",
         CODES_ALL,
         UNKNOWN,
         {AT(ELEMS, 0), MOV64_REG(6, 0), CALL(F_DYNPTR), ST(W, 6, 4, 0), ST(W, 0, 0, 2), END}},
	{"a pointer exchanged in it",
         CODES_ALL,
         UNKNOWN,
         {BEGIN, MOV64_REG(1, 6), CALL(F_XCHG), END}},
	{"a kernel function", CODES_ALL, UNKNOWN, {BEGIN, KFUNC(F_KFUNC), END}},
	{"a call without a name",
         CODES_ALL,
         VERDICT_CAUSE_ANONYMOUS,
         {BEGIN, CALL(F_UNNAMED), END}},
	{"two reasons", OK, VERDICT_CAUSE_ANONYMOUS, {CALL(F_UNNAMED), BEGIN, END}},
	{"a callback writes it",
         OK | STOLEN,
         KNOWN,
         {BEGIN, LD_MAP(1, ELEMS), LD_FUNC(2, 5), MOV64_IMM(3, 0), CALL(F_EACH), END,
          ST(W, 3, 4, 4), MOV64_IMM(0, 0), EXIT()}},
};

static uint32_t row_length(const struct row *row)
{
	static const struct slot8 none = {0};
	uint32_t n = MAX_SLOTS;

	while (n > 0 && memcmp(&row->code[n - 1], &none, sizeof(none)) == 0) {
		n--;
	}
	return n;
}

Test(scratch, rows)
{
	static const uint32_t map_ids[] = {ELEMS, OTHERS, PLAIN};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct row *row = &rows[i];
		struct verdict_prog prog = {.id = 10,
		                            .insns = row->code,
		                            .n_insns = row_length(row),
		                            .map_ids = map_ids,
		                            .n_map_ids = COUNT_OF(map_ids),
		                            .links_read = true};
		struct verdict_env env = {.progs = &prog,
		                          .n_progs = 1,
		                          .maps = maps,
		                          .n_maps = COUNT_OF(maps),
		                          .symbols = symbols,
		                          .n_symbols = COUNT_OF(symbols)};
		struct verdict v;
		struct arena arena;

		arena_init(&arena, 1 << 20);
		cr_assert_eq(verdict_run(&env, 10, NULL, &arena, &v), 0, "%s", row->name);
		cr_expect_eq(v.codes, row->codes, "%s: codes %x", row->name, v.codes);
		cr_expect_eq(v.cause, row->cause, "%s: cause %s (%s at %u)", row->name,
		             verdict_cause_word(v.cause), v.reason ? v.reason : "-", v.reason_pc);
		cr_expect_eq(v.exact, row->cause == VERDICT_CAUSE_NONE, "%s", row->name);
		cr_expect_eq(v.codes != CODES_ALL && !v.exact,
		             v.reason &&
		                     strstr(v.reason, "assuming private scratch memory") != NULL,
		             "%s: %s", row->name, v.reason ? v.reason : "-");
		arena_done(&arena);
	}
}

/* Two pairs of programs, equal but for which arrays they share. */
#define WRITER(elems, jumps)                                                                       \
	{                                                                                          \
		MOV64_REG(6, 1), AT(elems, 0), ST(W, 0, 0, 0), MOV64_REG(1, 6), LD_MAP(2, jumps),  \
			MOV64_IMM(3, 0), TAIL_CALL(), MOV64_IMM(0, 0), EXIT()                      \
	}
#define READER(elems)                                                                              \
	{                                                                                          \
		AT(elems, 0), LDX(W, 0, 0, 0), EXIT()                                              \
	}
#define PROG(i, c, m)                                                                              \
	{                                                                                          \
		.id = (i), .insns = (c), .n_insns = COUNT_OF(c), .map_ids = (m),                   \
		.n_map_ids = COUNT_OF(m), .links_read = true                                       \
	}

Test(scratch, equal_programs_that_share_differently)
{
	static const struct slot8 write_a[] = WRITER(1, 11), write_b[] = WRITER(2, 12),
				  write_c[] = WRITER(3, 13);
	static const struct slot8 read_a[] = READER(1), read_b[] = READER(2), read_c[] = READER(4);
	static const uint32_t in_a[] = {1, 11}, in_b[] = {2, 12}, in_c[] = {3, 13};
	static const uint32_t of_a[] = {1}, of_b[] = {2}, of_c[] = {4};
	static const struct verdict_slot to[] = {{0, 31}, {0, 32}, {0, 33}};
	struct verdict_map seven[7] = {{0}};
	const struct verdict_prog progs[] = {PROG(21, write_a, in_a), PROG(22, write_b, in_b),
	                                     PROG(23, write_c, in_c), PROG(31, read_a, of_a),
	                                     PROG(32, read_b, of_b),  PROG(33, read_c, of_c)};
	static const uint32_t ids[] = {21, 22, 23};
	struct verdict v[COUNT_OF(ids)];
	uint32_t same[COUNT_OF(ids)];
	struct arena arena;

	for (uint32_t i = 0; i < 4; i++) {
		seven[i] = (struct verdict_map){
			.id = i + 1, .type = 6, .value_size = 8, .max_entries = 1};
	}
	for (uint32_t i = 0; i < 3; i++) {
		seven[4 + i] = (struct verdict_map){
			.id = 11 + i, .type = 3, .slots_read = true, .slots = &to[i], .n_slots = 1};
	}
	const struct verdict_env env = {.progs = progs,
	                                .n_progs = COUNT_OF(progs),
	                                .maps = seven,
	                                .n_maps = COUNT_OF(seven),
	                                .symbols = symbols,
	                                .n_symbols = COUNT_OF(symbols)};

	arena_init(&arena, 1 << 20);
	cr_assert_eq(verdict_run_all(&env, ids, COUNT_OF(ids), NULL, &arena, v, same), 0);
	cr_expect_eq(v[0].codes, OK);
	cr_expect_eq(same[1], 0, "another endpoint with an array of its own");
	cr_expect_eq(same[2], 2, "its reader looks into another array");
	cr_expect_eq(v[2].codes, CODES_ALL);
	arena_done(&arena);
}
