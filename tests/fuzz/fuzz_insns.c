/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/*
 * Any bytes as a program: decoding and analysis must end, within their limits, without a crash, and
 * what they say must hang together.
 *
 * Input: one byte of choices for limits and surroundings, then instructions.
 */
#include "analyzer/insn.h"
#include "analyzer/value.h"
#include "analyzer/verdict.h"
#include "tests/fuzz/fuzz.h"

#define MUTATE_HEAD 1u
#include "tests/fuzz/mutate_insns.h"

#include <string.h>

/** Bits of the first byte; the second and third halve the memory once or twice. */
#define CHOICE_STATES  (1u << 0)
#define CHOICE_NAMES   (1u << 3) /**< Calls have no names. */
#define CHOICE_XDP     (1u << 4)
#define CHOICE_MANY    (1u << 5) /**< Alone of the last three: through verdict_run_all() too. */
#define CHOICE_TIGHT   (1u << 6) /**< Memory and steps at which every limit is met. */
#define CHOICE_GLOBALS (1u << 7) /**< Functions may be replaced, and the first one is. */

#define LIMIT_BYTES ((size_t)8 << 20)
#define TIGHT_BYTES ((size_t)48 << 10)

static const struct verdict_symbol symbols[] = {
	{1, "bpf_redirect"},
	{2, "bpf_skb_load_bytes"},
	{3, "bpf_loop"},
	{4, "bpf_throw"},
	{5, "bpf_some_helper"},
	{6, "bpf_for_each_array_elem"},
	{7, "arch_bpf_timed_may_goto"},
};
static const unsigned char frozen[16] = {1, 2, 3};
static const struct verdict_slot slots[] = {{0, 1}, {1, 2}};
static const struct verdict_map maps[] = {
	{.id = 1, .type = 2, .value_size = sizeof(frozen), .max_entries = 1, .frozen = frozen},
	{.id = 2,
         .type = 3,
         .value_size = 4,
         .max_entries = 2,
         .slots_read = true,
         .slots = slots,
         .n_slots = 2},
	{.id = 3, .type = 6, .value_size = 16, .max_entries = 1},
};
static const uint32_t map_ids[] = {1, 2, 3};
static const unsigned char ok[] = {0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0};

static const struct verdict_replaced replaced[] = {{0, 2}};

/** Whether a place is in one of the programs. */
static bool is_place(const struct verdict_env *env, uint32_t prog_id, uint32_t pc)
{
	for (uint32_t i = 0; i < env->n_progs; i++) {
		if (env->progs[i].id == prog_id) {
			return pc < env->progs[i].n_insns;
		}
	}
	return false;
}

/** A verdict over an instruction that is not understood names that instruction. */
static void check_instruction(const struct verdict_env *env, const struct verdict *v)
{
	const struct verdict_prog *prog = &env->progs[v->reason_prog - 1];
	struct arena arena;
	struct decoded code;

	arena_init(&arena, LIMIT_BYTES);
	if (insn_decode(prog->insns, prog->n_insns, prog->func_insns, prog->n_func_insns, &arena,
	                &code) == 0) {
		FUZZ_PROMISE(code.insns[v->reason_pc].op == OP_BAD ||
		             code.insns[v->reason_pc].op == OP_SECOND);
	}
	arena_done(&arena);
}

static void check_path(const struct verdict_env *env, const struct verdict *v,
                       const struct verdict_path *path)
{
	FUZZ_PROMISE((v->codes & CODE_BIT(path->code)) != 0);
	FUZZ_PROMISE(path->n_steps <= VERDICT_PATH_STEPS);
	for (uint32_t i = 0; i < path->n_steps; i++) {
		FUZZ_PROMISE((unsigned)path->steps[i].kind < N_VERDICT_STEPS);
		FUZZ_PROMISE(is_place(env, path->steps[i].prog_id, path->steps[i].pc));
	}
}

/** The codes are among those of the values. */
static void check_values(const struct verdict_env *env, const struct verdict *v)
{
	uint32_t codes = 0;

	for (uint32_t i = 0; i < v->n_values; i++) {
		codes |= val_codes(&v->values[i], env->progs[0].lang == VERDICT_XDP);
	}
	FUZZ_PROMISE(v->n_values == 0 || (v->codes & ~codes) == 0);
}

static void check(const struct verdict_env *env, const struct verdict *v)
{
	FUZZ_PROMISE(v->codes != 0 && (v->codes & ~CODES_ALL) == 0);
	FUZZ_PROMISE(v->passes <= 3);
	FUZZ_PROMISE((unsigned)v->cause < N_VERDICT_CAUSES && verdict_cause_word(v->cause));
	FUZZ_PROMISE(v->exact == !v->reason); /* an inexact one says why */
	FUZZ_PROMISE(v->exact == (v->cause == VERDICT_CAUSE_NONE));
	FUZZ_PROMISE(!v->reason || is_place(env, v->reason_prog, v->reason_pc));
	FUZZ_PROMISE(!v->no_exit || (v->n_values == 0 && v->n_paths == 0 && !v->exact));
	FUZZ_PROMISE(v->n_paths <= N_CODES);
	for (uint32_t i = 0; i < v->n_paths; i++) {
		check_path(env, v, &v->paths[i]);
	}
	for (uint32_t i = 0; i < v->n_followed; i++) {
		FUZZ_PROMISE(v->followed[i].prog_id == 1 || v->followed[i].prog_id == 2);
	}
	check_values(env, v);
	if (v->cause == VERDICT_CAUSE_INSTRUCTION) {
		check_instruction(env, v);
	}
}

/** One of many is judged as alone. */
static void check_many(const struct verdict_env *env, const struct verdict_limits *limits,
                       const struct verdict *alone, struct arena *arena)
{
	static const uint32_t ids[] = {1, 2, 1};
	struct verdict many[COUNT_OF(ids)];
	uint32_t same[COUNT_OF(ids)];

	if (verdict_run_all(env, ids, COUNT_OF(ids), limits, arena, many, same) < 0) {
		return;
	}
	FUZZ_PROMISE(many[0].codes == alone->codes && many[0].exact == alone->exact);
	FUZZ_PROMISE(many[2].codes == alone->codes && same[2] == same[0]);
	check(env, &many[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verdict_prog progs[] = {
		{.id = 1, .links_read = true, .map_ids = map_ids, .n_map_ids = 3},
		{.id = 2, .links_read = true, .insns = ok, .n_insns = 2},
	};
	struct verdict_env env = {.progs = progs,
	                          .n_progs = 2,
	                          .maps = maps,
	                          .n_maps = 3,
	                          .symbols = symbols,
	                          .n_symbols = COUNT_OF(symbols)};
	struct verdict_limits limits = {.steps = 600, .bytes = LIMIT_BYTES};
	struct verdict verdict;
	struct arena arena;

	if (size < 1 + INSN_BYTES) {
		return 0;
	}
	limits.states = data[0] & CHOICE_STATES ? 4 : 0;
	limits.bytes = data[0] & CHOICE_TIGHT ? TIGHT_BYTES : LIMIT_BYTES;
	limits.steps = data[0] & CHOICE_TIGHT ? 100 : limits.steps;
	limits.bytes >>= data[0] >> 1 & 3;
	env.n_symbols = data[0] & CHOICE_NAMES ? 0 : env.n_symbols;
	progs[0].lang = data[0] & CHOICE_XDP ? VERDICT_XDP : VERDICT_TC;
	progs[0].insns = data + 1;
	progs[0].n_insns = (uint32_t)((size - 1) / INSN_BYTES);
	if (data[0] & CHOICE_GLOBALS) {
		progs[0].has_globals = true;
		progs[0].links_read = (data[0] & CHOICE_NAMES) == 0;
		progs[0].replaced = replaced;
		progs[0].n_replaced = data[0] & CHOICE_STATES ? 1 : 0;
	}
	arena_init(&arena, LIMIT_BYTES);
	if (verdict_run(&env, 1, &limits, &arena, &verdict) == 0) {
		check(&env, &verdict);
		if ((data[0] & (CHOICE_MANY | CHOICE_TIGHT | CHOICE_GLOBALS)) == CHOICE_MANY) {
			check_many(&env, &limits, &verdict, &arena);
		}
	}
	arena_done(&arena);
	return 0;
}
