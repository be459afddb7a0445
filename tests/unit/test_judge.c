/* SPDX-License-Identifier: Apache-2.0 */
/* layers: cli reports analyzer bpf netlink model */
/*
 * From facts to the rows of programs, with facts made by hand.
 */
#include "cli/judge.h"
#include "model/attrs.h"
#include "model/text.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

/* clang-format off */
#define MOV(r, v)  {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (r), .imm = (v)}
#define LOAD(d, s) {.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = (d), .src_reg = (s)}
#define MAP(r, id) {.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = (r), .src_reg = BPF_PSEUDO_MAP_FD, .imm = (id)}, {0}
#define TAIL       {.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_tail_call}
#define EXIT       {.code = BPF_JMP | BPF_EXIT}
/* clang-format on */

static const struct bpf_insn returns_2[] = {MOV(0, 2), EXIT};
static const struct bpf_insn vague[] = {LOAD(0, 1), EXIT};
static const struct bpf_insn calls[] = {MAP(2, 9), MOV(3, 0), TAIL, MOV(0, -1), EXIT};

/** A program in both: a row, and facts for the analysis. */
static void add(struct snapshot *snap, struct code_facts *code, uint32_t id, const char *name,
                const struct bpf_insn *insns, uint32_t n)
{
	static const uint32_t maps[] = {9};
	const struct snap_prog row = {
		.id = id, .name = name, .returns = {.codes = CODES_ALL, .reason = "withheld"}};
	struct verdict_prog facts = {.id = id,
	                             .n_insns = n,
	                             .map_ids = maps,
	                             .n_map_ids = 1,
	                             .unreadable = insns ? NULL : "withheld",
	                             .lang = id == 70 ? VERDICT_XDP : VERDICT_TC};

	facts.insns = insns ? code_keep(code, insns, n) : NULL;
	cr_assert(!insns || facts.insns);
	cr_assert_eq(snap_add_prog(snap, &row, NULL), 0);
	cr_assert_eq(code_add_prog(code, &facts, (struct code_funcs){0}), 0);
}

/** Rows in an order of their own: 50 calls 40, which is vague; 60 and 20 are equal. */
static void fill(struct snapshot *snap, struct code_facts *code)
{
	static const struct verdict_slot slots[] = {{0, 40}};
	const struct verdict_map map = {.id = 9,
	                                .type = BPF_MAP_TYPE_PROG_ARRAY,
	                                .value_size = 4,
	                                .max_entries = 1,
	                                .slots_read = true,
	                                .slots = slots,
	                                .n_slots = 1};

	snap_init(snap, SNAP_ARENA_BYTES);
	code_init(code, CODE_ARENA_BYTES);
	add(snap, code, 60, "two", returns_2, COUNT_OF(returns_2));
	add(snap, code, 50, "caller", calls, COUNT_OF(calls));
	add(snap, code, 20, "twin", returns_2, COUNT_OF(returns_2));
	add(snap, code, 40, "vague", vague, COUNT_OF(vague));
	add(snap, code, 30, "closed", NULL, 0);
	add(snap, code, 70, "pass", returns_2, COUNT_OF(returns_2));
	cr_assert_eq(code_add_map(code, &map), 0);
	cr_assert_eq(code_seal(code), 0);
}

static const struct {
	uint32_t id;
	uint32_t codes;
	bool exact;
	uint32_t pc_prog;
	const char *reason; /**< Its end. */
} cases[] = {
	{60, CODE_BIT(CODE_SHOT), true, 0, NULL},
	{20, CODE_BIT(CODE_SHOT), true, 0, NULL},
	{70, CODE_BIT(CODE_OK), true, 0, NULL},
	{40, CODES_ALL, false, 40, " at instruction 0"},
	{50, CODES_ALL, false, 40, " at instruction 0 of vague"},
	{30, CODES_ALL, false, 0, "withheld"},
};

static const struct snap_prog *row_of(const struct snapshot *snap, uint32_t id)
{
	for (uint32_t i = 0; i < snap->n_progs; i++) {
		if (snap->progs[i].id == id) {
			return &snap->progs[i];
		}
	}
	cr_assert_fail("no row %u", id);
	return &snap->progs[0];
}

Test(judge, rows)
{
	struct snapshot snap;
	struct code_facts code;
	struct judged judged = {0};

	fill(&snap, &code);
	cr_assert_eq(judge_names(&code, "/nowhere", &judged), 0);
	cr_assert_eq(judge_programs(&snap, &code, &judged), 0);
	code_done(&code); /* nothing in the rows may point into it */
	cr_expect_eq(judged.n_progs, 5);
	cr_expect_eq(judged.n_calls, 0, "a tail call needs no name");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct snap_prog *row = row_of(&snap, cases[i].id);
		const char *reason = row->returns.reason;

		cr_expect_eq(row->returns.codes, cases[i].codes, "%u: %x", row->id,
		             row->returns.codes);
		cr_expect_eq(row->returns.exact, cases[i].exact, "%u", row->id);
		cr_expect_eq(row->returns.pc_prog, cases[i].pc_prog, "%u: %u", row->id,
		             row->returns.pc_prog);
		cr_expect_eq(reason == NULL, cases[i].reason == NULL, "%u", row->id);
		if (reason && cases[i].reason) {
			size_t len = strlen(reason);
			size_t end = strlen(cases[i].reason);

			cr_expect(len >= end && text_eq(reason + len - end, cases[i].reason),
			          "%u: %s", row->id, reason);
		}
		for (uint32_t k = 0; k < row->returns.n_paths; k++) {
			cr_expect_gt(row->returns.paths[k].n_steps, 0);
		}
	}
	const struct snap_returns *two = &row_of(&snap, 60)->returns;
	const struct snap_returns *twin = &row_of(&snap, 20)->returns;

	cr_expect((two->same_as == 20) != (twin->same_as == 60), "one stands for both");
	cr_expect((two->n_paths == 0) != (twin->n_paths == 0));
	cr_expect_eq(row_of(&snap, 70)->returns.same_as, 0, "equal, but read as XDP");
	snap_done(&snap);
}

/** Memory can end anywhere: an error, never a row half filled that claims to be exact. */
Test(judge, limits)
{
	struct snapshot snap;
	struct code_facts code;
	struct judged judged = {0};
	int r = -1;

	for (size_t more = 0; r != 0; more += 64) {
		fill(&snap, &code);
		snap.arena.limit_bytes = snap.arena.used_bytes + more;
		r = judge_programs(&snap, &code, &judged);
		cr_assert(r == 0 || r == -ENOMEM, "%zu: %d", more, r);
		cr_assert_lt(more, (size_t)1 << 22, "never enough");
		code_done(&code);
		snap_done(&snap);
	}
}
