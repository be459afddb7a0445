/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/* Blocks, their order, loops, and what is live. */
#include "analyzer/cfg.h"
#include "asm.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define MOST 12

static const struct row {
	const char *name;
	struct slot8 code[MOST];
	uint32_t n, n_blocks;
	const char *firsts; /* instructions that begin blocks, in reverse post-order */
	const char *heads;  /* heads of loops */
	uint16_t live;      /* registers at the beginning */
} rows[] = {
	{"straight", {MOV64_IMM(0, 0), EXIT()}, 2, 1, "0", "", 0},
	{"reads its arguments",
         {MOV64_REG(0, 1), ALU64_REG(A_ADD, 0, 2), EXIT()},
         3,
         1,
         "0",
         "",
         6},
	{"a branch",
         {MOV64_IMM(0, 0), JMP_IMM(J_JEQ, 1, 0, 1), MOV64_IMM(0, 2), EXIT()},
         4,
         3,
         "0 2 3",
         "",
         2},
	{"a loop",
         {MOV64_IMM(0, 0), ALU64_IMM(A_ADD, 0, 1), JMP_IMM(J_JLT, 0, 5, -2), EXIT()},
         4,
         3,
         "0 1 3",
         "1",
         0},
	{"a loop in a loop",
         {MOV64_IMM(0, 0), MOV64_IMM(2, 0), ALU64_IMM(A_ADD, 2, 1), JMP_IMM(J_JLT, 2, 5, -2),
          ALU64_IMM(A_ADD, 0, 1), JMP_IMM(J_JLT, 0, 5, -5), EXIT()},
         7,
         5,
         "0 1 2 4 6",
         "1 2",
         0},
	{"a function", {CALL_OWN(1), EXIT(), MOV64_REG(0, 1), EXIT()}, 4, 3, "2 0 1", "", 0x3e},
	{"what nothing leads to",
         {MOV64_IMM(0, 0), EXIT(), MOV64_REG(0, 1), EXIT()},
         4,
         2,
         "2 0",
         "",
         0},
	{"a helper takes all arguments", {CALL(5), EXIT()}, 2, 1, "0", "", 0x83e},
	{"cmpxchg reads r0", {ATOMIC(DW, 10, -8, 2, 0xf1), EXIT()}, 2, 1, "0", "", 0x405},
};

static void list(const struct cfg *cfg, bool heads, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (uint32_t order = 0; order <= cfg->n; order++) {
		for (uint32_t b = 0; b < cfg->n; b++) {
			if (cfg->blocks[b].order == order && (!heads || cfg->blocks[b].loop_head)) {
				at += (size_t)snprintf(buf + at, size - at, at ? " %u" : "%u",
				                       cfg->blocks[b].first);
			}
		}
	}
}

Test(cfg, rows)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct row *row = &rows[i];
		struct decoded d;
		struct cfg cfg;
		struct arena arena;
		char buf[64];

		arena_init(&arena, 1 << 16);
		cr_assert_eq(insn_decode(row->code, row->n, NULL, 0, &arena, &d), 0, "%s",
		             row->name);
		cr_assert_eq(cfg_build(&d, &arena, &cfg), 0, "%s", row->name);
		cr_assert_eq(live_compute(&d, NULL, &arena, &cfg), 0, "%s", row->name);
		cr_expect_eq(cfg.n, row->n_blocks, "%s: %u blocks", row->name, cfg.n);
		list(&cfg, false, buf, sizeof(buf));
		cr_expect_str_eq(buf, row->firsts, "%s: blocks %s", row->name, buf);
		list(&cfg, true, buf, sizeof(buf));
		cr_expect_str_eq(buf, row->heads, "%s: heads %s", row->name, buf);
		cr_expect_eq(cfg.blocks[0].in.regs, row->live, "%s: live %x", row->name,
		             cfg.blocks[0].in.regs);
		arena_done(&arena);
	}
}

static bool group_live(const struct live *l, int off)
{
	int group = (off - LIVE_LOWEST) / 8;

	return l->stack[group / 64] >> (group % 64) & 1;
}

/* With what loads read known, the rest of the stack is dead. */
Test(cfg, dead_stack)
{
	static const struct slot8 code[] = {ST(DW, 10, -8, 1), JA(0), LDX(DW, 0, 10, -16), JA(0),
	                                    EXIT()};
	struct reads reads[COUNT_OF(code)];
	struct decoded d;
	struct cfg cfg;
	struct arena arena;

	memset(reads, 0, sizeof(reads));
	reads[2].stack[1] = UINT64_C(1) << 62; /* -16 */
	arena_init(&arena, 1 << 16);
	cr_assert_eq(insn_decode(code, COUNT_OF(code), NULL, 0, &arena, &d), 0);
	cr_assert_eq(cfg_build(&d, &arena, &cfg), 0);
	cr_assert_eq(live_compute(&d, reads, &arena, &cfg), 0);
	cr_expect(group_live(&cfg.blocks[0].in, -16), "read later");
	cr_expect_not(group_live(&cfg.blocks[0].in, -8), "written, and never read");
	cr_expect_not(group_live(&cfg.blocks[2].in, -16), "not read any more");
	cr_expect_eq(cfg.blocks[1].result.stack[1], UINT64_C(1) << 62, "becomes the result");
	arena_done(&arena);
}
