/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/*
 * Any bytes as programs that are run as well as analysed: what the interpreter of the tests returns
 * must lie in the values and in the codes that the analysis says. The search thus goes through
 * every transfer function for one that leaves something out.
 *
 * Input: choices (enum choice), then instructions. They are cut into up to three programs, which
 * are all in the program array; the first one is judged. Each gets an exit behind its end.
 */
#include "analyzer/value.h"
#include "analyzer/verdict.h"
#include "tests/fuzz/fuzz.h"

/* Enough for nested loops of a few rounds; what is longer is given up, and costs nothing. */
#define INTERP_STEPS 600
#include "tests/interp.h"

#include <string.h>

/** Bytes in front of the instructions. */
enum choice {
	CHOICE_LIMITS, /**< States, steps, names of calls, kind of program. */
	CHOICE_SECOND, /**< Where the second program begins, in 256ths. */
	CHOICE_THIRD,  /**< Where the third one begins. */
	CHOICE_SEED,   /**< Of contexts, unset memory and helpers; two bytes. */
	N_CHOICES = CHOICE_SEED + 2,
};

#define MUTATE_HEAD N_CHOICES
#include "tests/fuzz/mutate_insns.h"

#define PROGS       3u
#define MOST_INSNS  2048u
#define RUNS        16u /* they cost little beside the analysis */
#define TELLING     32u
#define LIMIT_BYTES ((size_t)8 << 20)

#define ARRAY_ID  9
#define FROZEN_ID 8

/* Numbers as in interp.h. */
static const struct verdict_symbol symbols[] = {
	{7, "bpf_user_rnd_u32"},
	{23, "bpf_redirect"},
	{26, "bpf_skb_load_bytes"},
	{34, "bpf_get_hash_recalc"},
};

/** Everything about one input. */
struct trial {
	const uint8_t *choices;
	struct slot8 code[MOST_INSNS + PROGS];
	struct verdict_prog progs[PROGS];
	struct decoded decoded[PROGS];
	uint32_t n_progs;
	int32_t telling[TELLING]; /**< Numbers that programs compare with. */
	uint32_t n_telling;
	struct interp machine;
	uint64_t results[RUNS];
	uint32_t n_results;
};

/** Cut the instructions into programs. @return false when there are none. */
static bool cut(struct trial *t, const uint8_t *data, size_t size)
{
	static const uint32_t map_ids[] = {FROZEN_ID, ARRAY_ID};
	uint32_t n = (uint32_t)((size - N_CHOICES) / sizeof(t->code[0]));
	uint32_t ends[PROGS] = {0};
	uint32_t from = 0;
	uint32_t at = 0;

	n = n < MOST_INSNS ? n : MOST_INSNS;
	ends[0] = data[CHOICE_SECOND] ? n * data[CHOICE_SECOND] / 256 : n;
	ends[1] = data[CHOICE_THIRD] ? n * data[CHOICE_THIRD] / 256 : n;
	ends[2] = n;
	t->n_progs = 0;
	for (uint32_t i = 0; i < PROGS; i++) {
		if (ends[i] <= from) {
			continue;
		}
		struct slot8 *code = &t->code[at];
		uint32_t len = ends[i] - from;

		memcpy(code, data + N_CHOICES + (size_t)from * sizeof(*code), len * sizeof(*code));
		code[len++] = EXIT();
		t->progs[t->n_progs] = (struct verdict_prog){
			.id = t->n_progs + 1,
			.lang = data[CHOICE_LIMITS] & 8 ? VERDICT_XDP : VERDICT_TC,
			.insns = code,
			.n_insns = len,
			.links_read = true,
			.map_ids = map_ids,
			.n_map_ids = COUNT_OF(map_ids)};
		t->n_progs++;
		at += len;
		from = ends[i];
	}
	return t->n_progs > 0;
}

/** Collect what branches compare with: next to it is where a bound is one off. */
static void find_telling(struct trial *t)
{
	t->n_telling = 0;
	for (uint32_t i = 0; i < t->n_progs; i++) {
		const struct decoded *code = &t->decoded[i];

		for (uint32_t k = 0; k < code->n && t->n_telling < TELLING; k++) {
			if (insn_is_branch(&code->insns[k]) && code->insns[k].has_imm) {
				t->telling[t->n_telling++] = (int32_t)code->insns[k].imm;
			}
		}
	}
}

static uint32_t telling_number(struct trial *t)
{
	uint64_t r = interp_random(&t->machine) >> 8;

	if (t->n_telling == 0 || r % 4 == 0) {
		return (uint32_t)interp_random(&t->machine);
	}
	return (uint32_t)t->telling[(r >> 16) % t->n_telling] + (uint32_t)(r >> 2) % 3 - 1;
}

/** Fill what a run may read without having written it. */
static void fill(struct trial *t)
{
	struct interp *m = &t->machine;

	for (uint32_t i = 0; i < INTERP_CTX; i += sizeof(uint32_t)) {
		uint32_t word = telling_number(t);

		memcpy(m->ctx + i, &word, sizeof(word));
	}
	memset(m->tags, TAG_NONE, sizeof(m->tags));
	for (uint32_t i = 0; i < sizeof(m->stack); i += sizeof(uint64_t)) {
		memcpy(&m->stack[0][0] + i, &m->rng, sizeof(m->rng));
		m->rng = m->rng * UINT64_C(6364136223846793005) + 1;
	}
}

/** @return false when no run came to an end: nothing could be compared. */
static bool run(struct trial *t)
{
	struct interp *m = &t->machine;

	m->n_progs = t->n_progs;
	m->array = ARRAY_ID;
	m->rng = (uint64_t)t->choices[CHOICE_SEED] << 8 | t->choices[CHOICE_SEED + 1];
	for (uint32_t i = 0; i < t->n_progs; i++) {
		m->progs[i] = &t->decoded[i];
	}
	for (uint32_t i = 0; i < sizeof(m->frozen); i++) {
		m->frozen[i] = (uint8_t)(i % 3 ? 0 : i % 9);
	}
	find_telling(t);
	t->n_results = 0;
	for (uint32_t i = 0; i < RUNS; i++) {
		fill(t);
		t->n_results += interp_run(m, &t->results[t->n_results]) ? 1 : 0;
		if (i == 1 && t->n_results == 0) {
			return false; /* most that fail, fail always */
		}
	}
	return t->n_results > 0;
}

static int analyse(const struct trial *t, struct arena *arena, struct verdict *ret)
{
	static const uint32_t states[] = {1, 4, 4, VERDICT_STATES};
	uint8_t limits_byte = t->choices[CHOICE_LIMITS];
	struct verdict_slot slots[PROGS];
	struct verdict_map maps[] = {
		{.id = FROZEN_ID,
	         .type = 2,
	         .value_size = sizeof(t->machine.frozen),
	         .max_entries = 1,
	         .frozen = t->machine.frozen},
		{.id = ARRAY_ID,
	         .type = 3,
	         .value_size = 4,
	         .max_entries = PROGS,
	         .slots_read = true,
	         .slots = slots,
	         .n_slots = t->n_progs},
	};
	struct verdict_env env = {.progs = t->progs,
	                          .n_progs = t->n_progs,
	                          .maps = maps,
	                          .n_maps = COUNT_OF(maps),
	                          .symbols = symbols,
	                          .n_symbols = limits_byte & 4 ? 0 : COUNT_OF(symbols)};
	struct verdict_limits limits = {.states = states[limits_byte & 3],
	                                .steps = limits_byte & 16 ? 200 : 1500,
	                                .bytes = LIMIT_BYTES};

	for (uint32_t i = 0; i < t->n_progs; i++) {
		slots[i] = (struct verdict_slot){i, i + 1};
	}
	return verdict_run(&env, 1, &limits, arena, ret);
}

static bool admits(const struct verdict *v, uint64_t result)
{
	for (uint32_t i = 0; i < v->n_values; i++) {
		if (val_has(&v->values[i], result)) {
			return true;
		}
	}
	return v->n_values == 0;
}

static void compare(const struct trial *t, const struct verdict *v)
{
	for (uint32_t i = 0; i < t->n_results; i++) {
		uint64_t result = t->results[i];
		enum code code = t->progs[0].lang == VERDICT_XDP
		                         ? code_of_xdp_result((int32_t)result)
		                         : code_of_result((int32_t)result);
		bool code_fits = (v->codes & CODE_BIT(code)) != 0;
		bool value_fits = admits(v, result);

		if (!code_fits || !value_fits) {
			(void)fprintf(stderr, "returns %#llx, codes %#x, exact %d, %u values: %s\n",
			              (unsigned long long)result, v->codes, v->exact, v->n_values,
			              v->reason ? v->reason : "exact");
		}
		FUZZ_PROMISE(code_fits);
		FUZZ_PROMISE(value_fits);
		FUZZ_PROMISE(!v->no_exit);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct trial t;
	struct arena arena;
	struct verdict v;

	t.choices = data;
	if (size < N_CHOICES + INSN_BYTES || !cut(&t, data, size)) {
		return 0;
	}
	arena_init(&arena, LIMIT_BYTES);
	for (uint32_t i = 0; i < t.n_progs; i++) {
		FUZZ_PROMISE(insn_decode(t.progs[i].insns, t.progs[i].n_insns, NULL, 0, &arena,
		                         &t.decoded[i]) == 0);
	}
	if (run(&t) && analyse(&t, &arena, &v) == 0) {
		compare(&t, &v);
	}
	arena_done(&arena);
	return 0;
}
