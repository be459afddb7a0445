/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/* Decoding: every instruction class, and what is refused with its reason. */
#include "analyzer/insn.h"
#include "asm.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define MOST 6

static const struct row {
	const char *name;
	struct slot8 code[MOST]; /* padded with exits */
	uint32_t at;             /* instruction looked at */
	struct insn want;        /* target 0 stands for none */
} rows[] = {
	{"add immediate",
         {ALU64_IMM(A_ADD, 3, -5)},
         0,
         {.op = OP_ADD, .bits = 64, .dst = 3, .has_imm = true, .imm = -5}},
	{"add low halves",
         {ALU32_REG(A_ADD, 3, 4)},
         0,
         {.op = OP_ADD, .bits = 32, .dst = 3, .src = 4}},
	{"every operation: sub",
         {ALU64_REG(A_SUB, 3, 4)},
         0,
         {.op = OP_SUB, .bits = 64, .dst = 3, .src = 4}},
	{"mul", {ALU64_REG(A_MUL, 3, 4)}, 0, {.op = OP_MUL, .bits = 64, .dst = 3, .src = 4}},
	{"div", {ALU64_REG(A_DIV, 3, 4)}, 0, {.op = OP_DIV, .bits = 64, .dst = 3, .src = 4}},
	{"signed div",
         {RAW(0x3c, 3, 4, 1, 0)},
         0,
         {.op = OP_SDIV, .bits = 32, .dst = 3, .src = 4, .off = 1}},
	{"mod", {ALU64_REG(A_MOD, 3, 4)}, 0, {.op = OP_MOD, .bits = 64, .dst = 3, .src = 4}},
	{"signed mod",
         {RAW(0x9f, 3, 4, 1, 0)},
         0,
         {.op = OP_SMOD, .bits = 64, .dst = 3, .src = 4, .off = 1}},
	{"or", {ALU64_REG(A_OR, 3, 4)}, 0, {.op = OP_OR, .bits = 64, .dst = 3, .src = 4}},
	{"and", {ALU64_REG(A_AND, 3, 4)}, 0, {.op = OP_AND, .bits = 64, .dst = 3, .src = 4}},
	{"xor", {ALU64_REG(A_XOR, 3, 4)}, 0, {.op = OP_XOR, .bits = 64, .dst = 3, .src = 4}},
	{"lsh", {ALU64_REG(A_LSH, 3, 4)}, 0, {.op = OP_LSH, .bits = 64, .dst = 3, .src = 4}},
	{"rsh", {ALU64_REG(A_RSH, 3, 4)}, 0, {.op = OP_RSH, .bits = 64, .dst = 3, .src = 4}},
	{"arsh", {ALU64_REG(A_ARSH, 3, 4)}, 0, {.op = OP_ARSH, .bits = 64, .dst = 3, .src = 4}},
	{"neg", {NEG64(3)}, 0, {.op = OP_NEG, .bits = 64, .dst = 3, .src = 3}},
	{"mov", {MOV32_REG(3, 4)}, 0, {.op = OP_MOV, .bits = 32, .dst = 3, .src = 4}},
	{"mov with sign of 16",
         {SX64_REG(3, 4, 16)},
         0,
         {.op = OP_SEXT, .bits = 64, .dst = 3, .src = 4, .from = 16, .off = 16}},
	{"mov with sign of 32 into a low half is none",
         {SX32_REG(3, 4, 32)},
         0,
         {.op = OP_BAD, .bits = 32, .dst = 3, .src = 4, .off = 32}},
	{"per-CPU mov",
         {PERCPU_REG(3, 4)},
         0,
         {.op = OP_PERCPU, .bits = 64, .dst = 3, .src = 4, .off = -1}},
	{"address space cast",
         {CAST_REG(3, 4)},
         0,
         {.op = OP_OPAQUE, .bits = 64, .dst = 3, .src = 4, .off = 1}},
	{"variant of add that is none",
         {RAW(0x07, 3, 0, 1, 5)},
         0,
         {.op = OP_BAD, .bits = 64, .dst = 3, .has_imm = true, .imm = 5, .off = 1}},
	{"unconditional swap",
         {BSWAP(3, 32)},
         0,
         {.op = OP_SWAP, .bits = 64, .dst = 3, .src = 3, .from = 32, .imm = 32}},
	{"swap of 24 bits is none",
         {BSWAP(3, 24)},
         0,
         {.op = OP_BAD, .bits = 64, .dst = 3, .has_imm = true, .imm = 24}},
	{"number of two slots",
         {LD64(3, 0x1122334455667788)},
         0,
         {.op = OP_CONST, .bits = 64, .dst = 3, .slots = 2, .imm = 0x1122334455667788}},
	{"its second slot", {LD64(3, 0x1122334455667788)}, 1, {.op = OP_SECOND}},
	{"map",
         {LD_MAP(3, 77)},
         0,
         {.op = OP_MAP, .bits = 64, .dst = 3, .src = 1, .slots = 2, .imm = 77}},
	{"map value",
         {LD_VALUE(3, 77, 8)},
         0,
         {.op = OP_MAP_VALUE, .bits = 64, .dst = 3, .src = 2, .slots = 2, .imm = 77, .extra = 8}},
	{"BTF id",
         {RAW(0x18, 3, 3, 0, 9), RAW(0, 0, 0, 0, 0)},
         0,
         {.op = OP_OPAQUE, .bits = 64, .dst = 3, .src = 3, .slots = 2}},
	{"function",
         {LD_FUNC(3, 2)},
         0,
         {.op = OP_FUNC, .bits = 64, .dst = 3, .src = 4, .slots = 2, .target = 3}},
	{"kind of two slots that is none",
         {RAW(0x18, 3, 9, 0, 9), RAW(0, 0, 0, 0, 0)},
         0,
         {.op = OP_BAD, .bits = 64, .dst = 3, .src = 9, .slots = 2}},
	{"byte loaded",
         {LDX(B, 3, 4, -7)},
         0,
         {.op = OP_LOAD, .bits = 8, .dst = 3, .src = 4, .off = -7}},
	{"sign-extending",
         {LDSX(H, 3, 4, 2)},
         0,
         {.op = OP_LOAD_SEXT, .bits = 16, .dst = 3, .src = 4, .off = 2}},
	{"guarded sign-extending",
         {RAW(0x51, 3, 4, 2, 0)},
         0,
         {.op = OP_LOAD_SEXT, .bits = 8, .dst = 3, .src = 4, .off = 2}},
	{"guarded",
         {RAW(0x39, 3, 4, 2, 0)},
         0,
         {.op = OP_LOAD, .bits = 64, .dst = 3, .src = 4, .off = 2}},
	{"sign-extending 64 bits is none",
         {LDSX(DW, 3, 4, 2)},
         0,
         {.op = OP_BAD, .bits = 64, .dst = 3, .src = 4, .off = 2}},
	{"classic packet load is none", {RAW(0x30, 0, 0, 0, 5)}, 0, {.op = OP_BAD}},
	{"store", {STX(W, 3, 4, 5)}, 0, {.op = OP_STORE, .bits = 32, .dst = 3, .src = 5, .off = 4}},
	{"store immediate",
         {ST(DW, 3, 4, -1)},
         0,
         {.op = OP_STORE, .bits = 64, .dst = 3, .off = 4, .has_imm = true, .imm = -1}},
	{"barrier", {BARRIER()}, 0, {.op = OP_NOP, .bits = 32, .has_imm = true}},
	{"atomic add",
         {ATOMIC(DW, 3, 4, 5, 0)},
         0,
         {.op = OP_ATOMIC_ADD, .bits = 64, .dst = 3, .src = 5, .off = 4}},
	{"fetching or",
         {ATOMIC(W, 3, 4, 5, 0x41)},
         0,
         {.op = OP_ATOMIC_OR,
          .bits = 32,
          .dst = 3,
          .src = 5,
          .off = 4,
          .fetch = true,
          .imm = 0x41}},
	{"exchange",
         {ATOMIC(W, 3, 4, 5, 0xe1)},
         0,
         {.op = OP_ATOMIC_XCHG,
          .bits = 32,
          .dst = 3,
          .src = 5,
          .off = 4,
          .fetch = true,
          .imm = 0xe1}},
	{"compare and exchange of an arena",
         {RAW(0xfb, 3, 5, 4, 0xf1)},
         0,
         {.op = OP_ATOMIC_CMPXCHG,
          .bits = 64,
          .dst = 3,
          .src = 5,
          .off = 4,
          .fetch = true,
          .imm = 0xf1}},
	{"load-acquire",
         {RAW(0xd3, 3, 5, 4, 0x100)},
         0,
         {.op = OP_LOAD, .bits = 8, .dst = 3, .src = 5, .off = 4, .imm = 0x100}},
	{"store-release",
         {RAW(0xdb, 3, 5, 4, 0x110)},
         0,
         {.op = OP_STORE, .bits = 64, .dst = 3, .src = 5, .off = 4, .imm = 0x110}},
	{"atomic that is none",
         {ATOMIC(W, 3, 4, 5, 0x33)},
         0,
         {.op = OP_BAD, .bits = 32, .dst = 3, .src = 5, .off = 4, .imm = 0x33}},
	{"atomic add of a byte is none",
         {RAW(0xd3, 3, 5, 4, 0)},
         0,
         {.op = OP_BAD, .bits = 8, .dst = 3, .src = 5, .off = 4}},
	{"jump", {JA(2)}, 0, {.op = OP_JA, .bits = 64, .has_imm = true, .off = 2, .target = 3}},
	{"long jump",
         {JA_LONG(3)},
         0,
         {.op = OP_JA, .bits = 32, .has_imm = true, .imm = 3, .target = 4}},
	{"backwards",
         {EXIT(), JMP_IMM(J_JSGT, 3, -1, -2)},
         1,
         {.op = OP_JSGT, .bits = 64, .dst = 3, .has_imm = true, .imm = -1, .off = -2}},
	{"compare low halves",
         {JMP32_REG(J_JSET, 3, 4, 1)},
         0,
         {.op = OP_JSET, .bits = 32, .dst = 3, .src = 4, .off = 1, .target = 2}},
	{"may_goto is none",
         {RAW(0xe5, 0, 0, 1, 0)},
         0,
         {.op = OP_BAD, .bits = 64, .has_imm = true, .off = 1}},
	{"helper", {CALL(-77)}, 0, {.op = OP_CALL_HELPER, .bits = 64, .has_imm = true, .imm = -77}},
	{"tail call",
         {TAIL_CALL()},
         0,
         {.op = OP_TAIL_CALL, .bits = 64, .has_imm = true, .imm = 12}},
	{"kernel function with that number",
         {KFUNC(12)},
         0,
         {.op = OP_CALL_KFUNC, .bits = 64, .has_imm = true, .imm = 12}},
	{"own function",
         {CALL_OWN(3)},
         0,
         {.op = OP_CALL_OWN, .bits = 64, .has_imm = true, .off = 3, .target = 4}},
	{"call through a register is none",
         {RAW(0x8d, 3, 0, 0, 0)},
         0,
         {.op = OP_BAD, .bits = 64, .dst = 3}},
	{"register 12 is none",
         {MOV64_REG(3, 12)},
         0,
         {.op = OP_BAD, .bits = 64, .dst = 3, .src = 12}},
	{"shift pair, first half",
         {ALU64_IMM(A_LSH, 3, 32), ALU64_IMM(A_RSH, 3, 32)},
         0,
         {.op = OP_NOP, .bits = 64, .dst = 3, .has_imm = true, .imm = 32}},
	{"shift pair: zero extension",
         {ALU64_IMM(A_LSH, 3, 32), ALU64_IMM(A_RSH, 3, 32)},
         1,
         {.op = OP_MOV, .bits = 32, .dst = 3, .src = 3, .from = 32, .imm = 32}},
	{"shift pair: sign extension",
         {ALU64_IMM(A_LSH, 3, 56), ALU64_IMM(A_ARSH, 3, 56)},
         1,
         {.op = OP_SEXT, .bits = 64, .dst = 3, .src = 3, .from = 8, .imm = 56}},
	{"shift pair of two registers",
         {ALU64_IMM(A_LSH, 3, 32), ALU64_IMM(A_RSH, 4, 32)},
         1,
         {.op = OP_RSH, .bits = 64, .dst = 4, .has_imm = true, .imm = 32}},
	{"remainder",
         {MOV64_REG(1, 0), ALU64_IMM(A_DIV, 1, 3), ALU64_IMM(A_MUL, 1, 3), ALU64_REG(A_SUB, 0, 1)},
         3,
         {.op = OP_MOD, .bits = 64, .has_imm = true, .imm = 3}},
	{"remainder of 32 bits",
         {MOV32_REG(1, 0), ALU32_IMM(A_DIV, 1, 3), ALU32_IMM(A_MUL, 1, 3), ALU32_REG(A_SUB, 0, 1)},
         3,
         {.op = OP_MOD, .bits = 32, .has_imm = true, .imm = 3}},
	{"remainder of 64 bits in the low half",
         {MOV64_REG(1, 0), ALU64_IMM(A_DIV, 1, 3), ALU32_IMM(A_MUL, 1, 3), ALU32_REG(A_SUB, 0, 1)},
         3,
         {.op = OP_MOD, .bits = 64, .has_imm = true, .imm = 3}},
	{"remainder from a copy",
         {MOV64_REG(2, 1), ALU64_IMM(A_DIV, 1, 3), ALU64_IMM(A_MUL, 1, 3), ALU64_REG(A_SUB, 2, 1)},
         3,
         {.op = OP_MOD, .bits = 64, .dst = 2, .has_imm = true, .imm = 3}},
	{"remainder of two copies",
         {MOV64_REG(1, 0), MOV64_REG(2, 0), ALU64_IMM(A_DIV, 1, 3), MOV64_IMM(0, 7),
          ALU64_IMM(A_MUL, 1, 3), ALU64_REG(A_SUB, 2, 1)},
         5,
         {.op = OP_MOD, .bits = 64, .dst = 2, .has_imm = true, .imm = 3}},
	{"no remainder: another factor",
         {MOV64_REG(1, 0), ALU64_IMM(A_DIV, 1, 3), ALU64_IMM(A_MUL, 1, 4), ALU64_REG(A_SUB, 0, 1)},
         3,
         {.op = OP_SUB, .bits = 64, .src = 1}},
	{"no remainder: the dividend changed",
         {MOV64_REG(1, 0), ALU64_IMM(A_DIV, 1, 3), ALU64_IMM(A_MUL, 1, 3), ALU64_IMM(A_ADD, 0, 1),
          ALU64_REG(A_SUB, 0, 1)},
         4,
         {.op = OP_SUB, .bits = 64, .src = 1}},
	{"no remainder: a copy of the low half",
         {MOV32_REG(1, 0), ALU64_IMM(A_DIV, 1, 3), ALU64_IMM(A_MUL, 1, 3), ALU64_REG(A_SUB, 0, 1)},
         3,
         {.op = OP_SUB, .bits = 64, .src = 1}},
	{"no remainder: the quotient of the low half",
         {MOV64_REG(1, 0), ALU32_IMM(A_DIV, 1, 3), ALU64_IMM(A_MUL, 1, 3), ALU64_REG(A_SUB, 0, 1)},
         3,
         {.op = OP_SUB, .bits = 64, .src = 1}},
	{"no remainder: the source of two copies changed between them",
         {MOV64_REG(1, 0), ALU64_IMM(A_ADD, 0, 1), MOV64_REG(2, 0), ALU64_IMM(A_DIV, 1, 3),
          ALU64_IMM(A_MUL, 1, 3), ALU64_REG(A_SUB, 2, 1)},
         5,
         {.op = OP_SUB, .bits = 64, .dst = 2, .src = 1}},
	{"no remainder: a jump into it",
         {MOV64_REG(1, 0), ALU64_IMM(A_DIV, 1, 3), ALU64_IMM(A_MUL, 1, 3), ALU64_REG(A_SUB, 0, 1),
          JA(-3)},
         3,
         {.op = OP_SUB, .bits = 64, .src = 1}},
	{"no remainder: a call between",
         {MOV64_REG(1, 0), ALU64_IMM(A_DIV, 1, 3), ALU64_IMM(A_MUL, 1, 3), CALL(5),
          ALU64_REG(A_SUB, 0, 1)},
         4,
         {.op = OP_SUB, .bits = 64, .src = 1}},
	{"shift pair with a jump between",
         {ALU64_IMM(A_LSH, 3, 32), ALU64_IMM(A_RSH, 3, 32), JA(-2)},
         1,
         {.op = OP_RSH, .bits = 64, .dst = 3, .has_imm = true, .imm = 32}},
};

static void check_row(const struct row *row, const struct insn *got)
{
	const struct insn *want = &row->want;
	uint32_t target = want->target ? want->target : INSN_NOWHERE;

	cr_expect_eq(got->op, want->op, "%s: op %u, not %u (%s)", row->name, got->op, want->op,
	             got->op == OP_BAD ? got->why : "understood");
	if (want->op == OP_BAD) {
		cr_expect(got->op != OP_BAD || strlen(got->why) > 0, "%s: a reason", row->name);
		return;
	}
	if (strcmp(row->name, "backwards") == 0) {
		target = 0;
	}
	cr_expect_eq(got->bits, want->bits, "%s: bits %u", row->name, got->bits);
	cr_expect_eq(got->dst, want->dst, "%s: dst %u", row->name, got->dst);
	cr_expect(want->has_imm || want->slots == 2 || got->src == want->src, "%s: src %u",
	          row->name, got->src);
	cr_expect_eq(got->has_imm, want->has_imm, "%s: immediate", row->name);
	cr_expect_eq(got->fetch, want->fetch, "%s: fetch", row->name);
	cr_expect(!want->from || got->from == want->from, "%s: from %u", row->name, got->from);
	cr_expect_eq(got->slots, want->slots ? want->slots : 1, "%s: slots %u", row->name,
	             got->slots);
	cr_expect_eq(got->target, target, "%s: target %u", row->name, got->target);
	cr_expect_eq(got->imm, want->imm, "%s: imm %lld", row->name, (long long)got->imm);
	cr_expect(want->op != OP_MAP_VALUE || got->extra == want->extra, "%s: extra", row->name);
}

Test(insn, rows)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slot8 code[MOST + 2];
		struct decoded d;
		struct arena arena;

		memcpy(code, rows[i].code, sizeof(rows[i].code));
		for (uint32_t k = 0; k < MOST + 2; k++) {
			static const struct slot8 none = {0};
			bool used = k < MOST && memcmp(&code[k], &none, sizeof(none)) != 0;
			bool second = k > 0 && code[k - 1].op == 0x18;

			code[k] = used || second ? code[k] : EXIT();
		}
		arena_init(&arena, 1 << 16);
		cr_assert_eq(insn_decode(code, MOST + 2, NULL, 0, &arena, &d), 0, "%s",
		             rows[i].name);
		check_row(&rows[i], &d.insns[rows[i].at]);
		arena_done(&arena);
	}
}

Test(insn, nothing_to_decode)
{
	struct slot8 code[] = {EXIT()};
	struct decoded d = {.n = 7};
	struct arena arena;

	arena_init(&arena, 64);
	cr_expect_eq(insn_decode(code, 0, NULL, 0, &arena, &d), -EINVAL);
	cr_expect_eq(insn_decode(NULL, 1, NULL, 0, &arena, &d), -EINVAL);
	cr_expect_eq(insn_decode(code, 1, NULL, 0, &arena, &d), -ENOMEM);
	cr_expect_eq(d.n, 7, "untouched");
	arena_done(&arena);
}

/* A call further away than 16 bits tell: the starts of functions decide. */
Test(insn, far_call)
{
	static struct slot8 code[80000];
	static const uint32_t one[] = {0, 70000};
	static const uint32_t two[] = {0, 70000 - 65536, 70000};
	struct decoded d;
	struct arena arena;

	for (uint32_t i = 0; i < COUNT_OF(code); i++) {
		code[i] = EXIT();
	}
	code[10] = CALL_OWN((int16_t)(uint16_t)(70000 - 11));
	code[10].imm = -2;
	arena_init(&arena, 64u << 20);
	cr_assert_eq(insn_decode(code, COUNT_OF(code), one, COUNT_OF(one), &arena, &d), 0);
	cr_expect_eq(d.insns[10].op, OP_CALL_OWN);
	cr_expect_eq(d.insns[10].target, 70000);
	cr_assert_eq(insn_decode(code, COUNT_OF(code), two, COUNT_OF(two), &arena, &d), 0);
	cr_expect_eq(d.insns[10].op, OP_BAD, "two functions fit");
	cr_assert_eq(insn_decode(code, COUNT_OF(code), NULL, 0, &arena, &d), 0);
	cr_expect_eq(d.insns[10].op, OP_BAD, "no function is known");
	arena_done(&arena);
}

static void count_call(int32_t imm, void *arg)
{
	*(int64_t *)arg += imm;
}

Test(insn, calls_that_need_a_name)
{
	struct slot8 code[] = {CALL(5), TAIL_CALL(), KFUNC(12), CALL_OWN(1), LD64(1, 0x85), EXIT()};
	int64_t sum = 0;

	cr_expect_eq(insn_calls(code, COUNT_OF(code), count_call, &sum), 2);
	cr_expect_eq(sum, 17);
}
