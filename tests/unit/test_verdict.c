/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/* What programs can return: one small program for each thing that the analysis must know. */
#include "analyzer/helpers.h"
#include "analyzer/verdict.h"
#include "asm.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define UNSPEC     CODE_BIT(CODE_UNSPEC)
#define OK         CODE_BIT(CODE_OK)
#define RECLASSIFY CODE_BIT(CODE_RECLASSIFY)
#define SHOT       CODE_BIT(CODE_SHOT)
#define PIPE       CODE_BIT(CODE_PIPE)
#define STOLEN     CODE_BIT(CODE_STOLEN)
#define REDIRECT   CODE_BIT(CODE_REDIRECT)
#define OTHER      CODE_BIT(CODE_OTHER)

/* Numbers of calls, as a symbol table would give them. */
#define F_REDIRECT      1000
#define F_REDIRECT_PEER 1001
#define F_NEIGH         1002
#define F_LOAD_BYTES    1003
#define F_LOOKUP        1004
#define F_RANDOM        1005
#define F_THROW         1006
#define F_LOOP          1007
#define F_STORE_BYTES   1008
#define F_UNLISTED      1009
#define F_LOAD_8        1010
#define F_KFUNC         1011
#define F_MAY_GOTO      1012
#define F_SET_TSTAMP    1013
#define F_XDP_REDIRECT  1014
#define F_DEV_MAP       1015
#define F_CHECK_MTU     1016
#define F_FIB           1017
#define F_ECN           1018
#define F_CSUM_LEVEL    1019
#define F_SLICE         1020
#define F_REQSK         1021
#define F_TIMER         1022
#define F_STRTOL        1023
#define F_XDP_MAP       1024
#define F_ITER_NEXT     1025
#define F_NO_NAME       2000

static const struct verdict_symbol symbols[] = {
	{F_REDIRECT, "bpf_redirect"},
	{F_REDIRECT_PEER, "bpf_redirect_peer"},
	{F_NEIGH, "bpf_redirect_neigh"},
	{F_LOAD_BYTES, "bpf_skb_load_bytes"},
	{F_LOOKUP, "an_alias_of_the_next"},
	{F_LOOKUP, "__htab_map_lookup_elem"},
	{F_RANDOM, "bpf_user_rnd_u32"},
	{F_THROW, "bpf_throw"},
	{F_LOOP, "bpf_loop"},
	{F_STORE_BYTES, "bpf_skb_store_bytes"},
	{F_UNLISTED, "bpf_some_new_helper"},
	{F_LOAD_8, "bpf_skb_load_helper_8_no_cache"},
	{F_KFUNC, "bpf_some_kfunc"},
	{F_MAY_GOTO, "arch_bpf_timed_may_goto"},
	{F_SET_TSTAMP, "bpf_skb_set_tstamp"},
	{F_XDP_REDIRECT, "bpf_xdp_redirect"},
	{F_DEV_MAP, "dev_map_redirect"},
	{F_CHECK_MTU, "bpf_skb_check_mtu"},
	{F_FIB, "bpf_skb_fib_lookup"},
	{F_ECN, "bpf_skb_ecn_set_ce"},
	{F_CSUM_LEVEL, "bpf_csum_level"},
	{F_SLICE, "bpf_dynptr_slice"},
	{F_REQSK, "bpf_sk_assign_tcp_reqsk"},
	{F_TIMER, "bpf_timer_set_callback"},
	{F_STRTOL, "bpf_strtol"},
	{F_XDP_MAP, "bpf_xdp_redirect_map"},
	{F_ITER_NEXT, "bpf_iter_num_next"},
};

#define MAX_SLOTS 64

/* Maps of all rows: 1 frozen data, 2 data that may change, 3 and 4 program arrays, 5 unreadable
 * array, 6 empty array, 7 a hash, 8 array of unreadable program, 9 array that leads back. */
static const int32_t frozen_data[] = {2, 7, 0, -1};
static const struct verdict_slot slots_3[] = {{0, 21}, {2, 22}};
static const struct verdict_slot slots_4[] = {{1, 23}};
static const struct verdict_slot slots_8[] = {{0, 24}};
static const struct verdict_slot slots_9[] = {{0, 10}, {1, 25}};
static const struct verdict_slot slots_10[] = {{0, 26}};
static const struct verdict_map maps[] = {
	{.id = 1,
         .type = 2,
         .value_size = sizeof(frozen_data),
         .max_entries = 1,
         .frozen = frozen_data},
	{.id = 2, .type = 2, .value_size = 16, .max_entries = 1},
	{.id = 3,
         .type = 3,
         .value_size = 4,
         .max_entries = 4,
         .slots_read = true,
         .slots = slots_3,
         .n_slots = 2},
	{.id = 4,
         .type = 3,
         .value_size = 4,
         .max_entries = 4,
         .slots_read = true,
         .slots = slots_4,
         .n_slots = 1},
	{.id = 5, .type = 3, .value_size = 4, .max_entries = 4},
	{.id = 6, .type = 3, .value_size = 4, .max_entries = 4, .slots_read = true},
	{.id = 7, .type = 1, .value_size = 4, .max_entries = 4},
	{.id = 8,
         .type = 3,
         .value_size = 4,
         .max_entries = 4,
         .slots_read = true,
         .slots = slots_8,
         .n_slots = 1},
	{.id = 9,
         .type = 3,
         .value_size = 4,
         .max_entries = 4,
         .slots_read = true,
         .slots = slots_9,
         .n_slots = 2},
	{.id = 10,
         .type = 3,
         .value_size = 4,
         .max_entries = 4,
         .slots_read = true,
         .slots = slots_10,
         .n_slots = 1},
};

static const uint32_t all_maps[] = {1, 2, 3, 4, 6, 7};
static const uint32_t map_5[] = {5};
static const uint32_t map_8[] = {8};
static const uint32_t map_9[] = {9};
static const uint32_t map_10[] = {10};

static const struct slot8 returns_ok[] = {MOV64_IMM(0, 0), EXIT()};
static const struct slot8 returns_shot[] = {MOV32_IMM(0, 2), EXIT()};
static const struct slot8 returns_redirect[] = {MOV64_IMM(0, 7), EXIT()};
/* the low byte of a cell of the control block */
static const struct slot8 returns_cell[] = {LDX(W, 0, 1, 48), ALU64_IMM(A_AND, 0, 255), EXIT()};

/* programs 21 to 26 are behind slots; 30 replaces functions */
#define PROG(n, code)                                                                              \
	{                                                                                          \
		.id = (n), .insns = (code), .n_insns = COUNT_OF(code), .links_read = true          \
	}
static const struct verdict_prog others[] = {
	PROG(21, returns_ok),       PROG(22, returns_shot),
	PROG(23, returns_redirect), {.id = 24, .unreadable = "instructions hidden by the kernel"},
	PROG(25, returns_shot),     PROG(26, returns_cell),
	PROG(30, returns_redirect),
};

static const struct verdict_replaced replaced_at_3[] = {{3, 30}};
static const struct verdict_replaced replaced_by_unknown[] = {{3, 31}};
static const struct verdict_replaced replaced_main[] = {{0, 30}};

struct row {
	const char *name;
	uint32_t codes;
	bool exact;
	enum verdict_cause cause;
	struct slot8 code[MAX_SLOTS];
	uint32_t n; /* 0: up to the last slot that is not zero */
	const uint32_t *map_ids;
	uint32_t n_map_ids;
	enum verdict_lang lang;
	bool no_symbols;
	bool has_globals, links_unread;
	const struct verdict_replaced *replaced;
};

#define EXACT        true, VERDICT_CAUSE_NONE
#define VAGUE(cause) false, VERDICT_CAUSE_##cause
#define MAPS(m)      .map_ids = (m), .n_map_ids = COUNT_OF(m)

static const struct row rows[] = {
#include "verdict_rows.h"
};

static uint32_t row_length(const struct row *row)
{
	static const struct slot8 none = {0};
	uint32_t n = MAX_SLOTS;

	while (n > 0 && row->n == 0 && memcmp(&row->code[n - 1], &none, sizeof(none)) == 0) {
		n--;
	}
	return row->n ? row->n : n;
}

static const char *words(uint32_t codes, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (int i = 0; i < N_CODES; i++) {
		if (codes & CODE_BIT(i)) {
			at += (size_t)snprintf(buf + at, size - at, " %s", code_word((enum code)i));
		}
	}
	return buf;
}

static struct verdict judge(const struct row *row, struct arena *arena,
                            const struct verdict_limits *limits)
{
	struct verdict_prog progs[1 + COUNT_OF(others)];
	struct verdict_env env = {.progs = progs,
	                          .n_progs = COUNT_OF(progs),
	                          .maps = maps,
	                          .n_maps = COUNT_OF(maps),
	                          .symbols = symbols,
	                          .n_symbols = row->no_symbols ? 0 : COUNT_OF(symbols)};
	struct verdict v = {0};

	progs[0] = (struct verdict_prog){.id = 10,
	                                 .lang = row->lang,
	                                 .insns = row->code,
	                                 .n_insns = row_length(row),
	                                 .map_ids = row->map_ids ? row->map_ids : all_maps,
	                                 .n_map_ids =
	                                         row->map_ids ? row->n_map_ids : COUNT_OF(all_maps),
	                                 .has_globals = row->has_globals,
	                                 .links_read = !row->links_unread,
	                                 .replaced = row->replaced,
	                                 .n_replaced = row->replaced ? 1 : 0};
	memcpy(&progs[1], others, sizeof(others));
	cr_assert_eq(verdict_run(&env, 10, limits, arena, &v), 0, "%s", row->name);
	return v;
}

Test(verdict, programs)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct row *row = &rows[i];
		struct arena arena;
		char got[160];
		char want[160];

		arena_init(&arena, 1 << 20);
		struct verdict v = judge(row, &arena, NULL);

		cr_expect_eq(v.codes, row->codes, "%s: is%s, not%s (%s at %u)", row->name,
		             words(v.codes, got, sizeof(got)),
		             words(row->codes, want, sizeof(want)), v.reason ? v.reason : "exact",
		             v.reason_pc);
		cr_expect_eq(v.exact, row->exact, "%s: exact %d, %s at %u", row->name, v.exact,
		             v.reason ? v.reason : "no reason", v.reason_pc);
		cr_expect_eq(v.cause, row->cause, "%s: cause %s (%s at %u)", row->name,
		             verdict_cause_word(v.cause), v.reason ? v.reason : "-", v.reason_pc);
		cr_expect(v.exact == (v.reason == NULL), "%s: a reason or exact", row->name);
		arena_done(&arena);
	}
}

/* Whatever the limits are, nothing may be lost. */
Test(verdict, limits_only_widen)
{
	static const struct verdict_limits limits[] = {
		{.states = 1},     {.states = 2},     {.steps = 1},
		{.steps = 10},     {.insns = 5},      {.bytes = 1000},
		{.bytes = 600000}, {.bytes = 900000}, {.steps = 40, .states = 1},
		{.patience = 1},   {.patience = 20},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (size_t k = 0; k < COUNT_OF(limits); k++) {
			struct arena arena;

			arena_init(&arena, 1 << 20);
			struct verdict v = judge(&rows[i], &arena, &limits[k]);

			cr_expect_eq(rows[i].codes & ~v.codes, 0, "%s: limits %zu lose %x",
			             rows[i].name, k, rows[i].codes & ~v.codes);
			cr_expect(!v.exact || v.codes == rows[i].codes, "%s: limits %zu claim",
			          rows[i].name, k);
			arena_done(&arena);
		}
	}
}

Test(verdict, helpers_are_found)
{
	cr_expect(helper_table_is_sorted(), "the search needs an order");
	for (size_t i = 0; i < COUNT_OF(symbols); i++) {
		const struct helper *h = helper_find(symbols[i].name);

		cr_expect(!h || strcmp(h->name, symbols[i].name) == 0, "%s", symbols[i].name);
	}
	cr_expect_null(helper_find("bpf_some_new_helper"));
}

Test(verdict, unknown_program)
{
	struct verdict_env env = {.progs = others, .n_progs = COUNT_OF(others)};
	struct verdict v = {.codes = 77};
	struct arena arena;

	arena_init(&arena, 1 << 16);
	cr_expect_eq(verdict_run(&env, 99, NULL, &arena, &v), -ENOENT);
	cr_expect_eq(v.codes, 77);
	cr_expect_eq(verdict_run(&env, 24, NULL, &arena, &v), 0);
	cr_expect_eq(v.codes, CODES_ALL);
	cr_expect_eq(v.cause, VERDICT_CAUSE_UNREADABLE);
	cr_expect_str_eq(v.reason, "instructions hidden by the kernel");
	arena_done(&arena);
}

/* Programs of two endpoints that differ in their maps, and one in the content of its data. */
Test(verdict, equal_programs_are_judged_once)
{
	static const int32_t other_data[] = {7};
	static const struct verdict_slot to_a[] = {{0, 11}};
	static const struct verdict_slot to_b[] = {{0, 12}};
	static const struct slot8 entry_a[] = {MOV64_IMM(3, 0), LD_MAP(2, 102), TAIL_CALL(),
	                                       MOV64_IMM(0, 0), EXIT()};
	static const struct slot8 entry_b[] = {MOV64_IMM(3, 0), LD_MAP(2, 104), TAIL_CALL(),
	                                       MOV64_IMM(0, 0), EXIT()};
	static const struct slot8 entry_c[] = {MOV64_IMM(3, 0), LD_MAP(2, 106), TAIL_CALL(),
	                                       MOV64_IMM(0, 0), EXIT()};
	static const struct slot8 target_a[] = {LD_VALUE(1, 101, 0), LDX(W, 0, 1, 0), EXIT()};
	static const struct slot8 target_b[] = {LD_VALUE(1, 103, 0), LDX(W, 0, 1, 0), EXIT()};
	static const struct slot8 target_c[] = {LD_VALUE(1, 105, 0), LDX(W, 0, 1, 0), EXIT()};
	static const struct verdict_slot to_c[] = {{0, 13}};
	static const uint32_t maps_a[] = {101, 102};
	static const uint32_t maps_b[] = {103, 104};
	static const uint32_t maps_c[] = {105, 106};
	static const struct verdict_map six[] = {
		{.id = 101, .type = 2, .value_size = 4, .max_entries = 1, .frozen = frozen_data},
		{.id = 102, .type = 3, .slots_read = true, .slots = to_a, .n_slots = 1},
		{.id = 103, .type = 2, .value_size = 4, .max_entries = 1, .frozen = frozen_data},
		{.id = 104, .type = 3, .slots_read = true, .slots = to_b, .n_slots = 1},
		{.id = 105, .type = 2, .value_size = 4, .max_entries = 1, .frozen = other_data},
		{.id = 106, .type = 3, .slots_read = true, .slots = to_c, .n_slots = 1},
	};
	struct verdict_prog progs[] = {PROG(1, entry_a),   PROG(2, entry_b),   PROG(3, entry_c),
	                               PROG(11, target_a), PROG(12, target_b), PROG(13, target_c)};
	struct verdict_env env = {.progs = progs, .n_progs = 6, .maps = six, .n_maps = 6};
	static const uint32_t ids[] = {2, 3, 1, 12, 11};
	struct verdict v[COUNT_OF(ids)];
	uint32_t same[COUNT_OF(ids)];
	struct arena arena;

	for (uint32_t i = 0; i < 6; i++) {
		const uint32_t *const lists[] = {maps_a, maps_b, maps_c};

		progs[i].map_ids = lists[i % 3];
		progs[i].n_map_ids = 2;
	}
	arena_init(&arena, 1 << 20);
	cr_assert_eq(verdict_run_all(&env, ids, COUNT_OF(ids), NULL, &arena, v, same), 0);
	cr_expect_eq(v[0].codes, OK | SHOT);
	cr_expect_eq(v[1].codes, OK | REDIRECT, "other data behind an equal program");
	cr_expect_eq(v[2].codes, OK | SHOT);
	cr_expect_eq(v[3].codes, SHOT);
	cr_expect_eq(same[0], 0);
	cr_expect_eq(same[1], 1);
	cr_expect_eq(same[2], 0, "the same as that of the other endpoint");
	cr_expect_eq(same[3], 3);
	cr_expect_eq(same[4], 3);
	cr_expect_eq(verdict_run_all(&env, (const uint32_t[]){99}, 1, NULL, &arena, v, NULL),
	             -ENOENT);
	arena_done(&arena);
}

/* Of frozen data only what was consulted counts: by the program, and behind its tail call. */
Test(verdict, data_that_nobody_reads)
{
	static const int32_t data[][3] = {{7, 0, 2}, {7, 1, 2}, {0, 1, 2}, {7, 1, 3}};
	static struct slot8 entries[COUNT_OF(data)][10];
	static struct slot8 targets[COUNT_OF(data)][4];
	static const uint32_t want_same[] = {0, 0, 2, 3};
	static const uint32_t want[] = {SHOT | REDIRECT, SHOT | REDIRECT, OK | SHOT,
	                                PIPE | REDIRECT};
	struct verdict_map two[2 * COUNT_OF(data)];
	struct verdict_slot slots[COUNT_OF(data)];
	struct verdict_prog progs[2 * COUNT_OF(data)];
	uint32_t map_ids[COUNT_OF(data)][2];
	uint32_t ids[COUNT_OF(data)];
	uint32_t same[COUNT_OF(data)];
	struct verdict v[COUNT_OF(data)];
	struct verdict_env env = {
		.progs = progs, .n_progs = COUNT_OF(progs), .maps = two, .n_maps = COUNT_OF(two)};
	struct arena arena;

	for (uint32_t i = 0; i < COUNT_OF(data); i++) {
		const int32_t array = (int32_t)i * 2 + 1;
		const struct slot8 entry[] = {MOV64_IMM(3, 0), LD_MAP(2, array),
		                              TAIL_CALL(),     LD_VALUE(1, array + 1, 0),
		                              LDX(W, 0, 1, 0), EXIT()};
		const struct slot8 target[] = {LD_VALUE(1, array + 1, 8), LDX(W, 0, 1, 0), EXIT()};
		const uint32_t n_entry = COUNT_OF(entry);

		memcpy(entries[i], entry, sizeof(entry));
		memcpy(targets[i], target, sizeof(target));
		ids[i] = i + 1;
		map_ids[i][0] = (uint32_t)array;
		map_ids[i][1] = (uint32_t)array + 1;
		slots[i] = (struct verdict_slot){.index = 0, .prog_id = 11 + i};
		two[2 * i] = (struct verdict_map){.id = (uint32_t)array,
		                                  .type = 3,
		                                  .slots_read = true,
		                                  .slots = &slots[i],
		                                  .n_slots = 1};
		two[2 * i + 1] = (struct verdict_map){.id = (uint32_t)array + 1,
		                                      .type = 2,
		                                      .value_size = sizeof(data[i]),
		                                      .max_entries = 1,
		                                      .frozen = data[i]};
		progs[i] = (struct verdict_prog){
			.id = i + 1, .insns = entries[i], .n_insns = n_entry, .links_read = true};
		progs[COUNT_OF(data) + i] = (struct verdict_prog){.id = 11 + i,
		                                                  .insns = targets[i],
		                                                  .n_insns = COUNT_OF(target),
		                                                  .links_read = true};
		progs[i].map_ids = progs[COUNT_OF(data) + i].map_ids = map_ids[i];
		progs[i].n_map_ids = progs[COUNT_OF(data) + i].n_map_ids = 2;
	}
	arena_init(&arena, 1 << 20);
	cr_assert_eq(verdict_run_all(&env, ids, COUNT_OF(ids), NULL, &arena, v, same), 0);
	for (uint32_t i = 0; i < COUNT_OF(data); i++) {
		cr_expect_eq(v[i].codes, want[i], "program %u: %x", i + 1, v[i].codes);
		cr_expect_eq(same[i], want_same[i], "program %u: as %u", i + 1, same[i]);
	}
	cr_assert_eq(v[0].n_frozen_maps, 1);
	cr_expect_eq(v[0].frozen_bytes[0][0], 0xf0f, "bytes %llx",
	             (unsigned long long)v[0].frozen_bytes[0][0]);
	arena_done(&arena);
}

Test(verdict, evidence)
{
	static const struct row row = {
		.name = "evidence",
		.code = {LDX(B, 2, 1, 4), JMP_IMM(J_JEQ, 2, 0, 5), MOV64_IMM(3, 2), LD_MAP(2, 3),
	                 TAIL_CALL(), JA(4), LD_VALUE(1, 1, 4), LDX(W, 0, 1, 0), EXIT(),
	                 MOV64_IMM(0, 0), EXIT()},
	};
	static const struct verdict_step to_shot[] = {{VERDICT_STEP_NOT_TAKEN, 10, 1},
	                                              {VERDICT_STEP_TAIL, 10, 5},
	                                              {VERDICT_STEP_EXIT, 22, 1}};
	struct arena arena;

	arena_init(&arena, 1 << 20);
	struct verdict v = judge(&row, &arena, NULL);

	cr_assert_eq(v.n_followed, 1);
	cr_expect_eq(v.followed[0].map_id, 3);
	cr_expect_eq(v.followed[0].index, 2);
	cr_expect_eq(v.followed[0].prog_id, 22);
	cr_assert_eq(v.n_frozen_maps, 1);
	cr_expect_eq(v.frozen_maps[0], 1);
	cr_assert_eq(v.n_paths, 3);
	for (uint32_t i = 0; i < v.n_paths; i++) {
		cr_expect(i == 0 || v.paths[i - 1].n_steps <= v.paths[i].n_steps, "shortest first");
		if (v.paths[i].code != CODE_SHOT) {
			continue;
		}
		cr_assert_eq(v.paths[i].n_steps, COUNT_OF(to_shot));
		for (uint32_t k = 0; k < COUNT_OF(to_shot); k++) {
			cr_expect_eq(v.paths[i].steps[k].kind, to_shot[k].kind, "step %u", k);
			cr_expect_eq(v.paths[i].steps[k].prog_id, to_shot[k].prog_id, "step %u", k);
			cr_expect_eq(v.paths[i].steps[k].pc, to_shot[k].pc, "step %u", k);
		}
	}
	arena_done(&arena);
}
