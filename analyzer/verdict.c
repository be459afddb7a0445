/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/verdict.h"

#include "analyzer/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** Steps of the last pass: so many, and so many times those of the one before. */
#define DEAR_LEAST 20000u
#define DEAR_TIMES 1u

/** Of these, when it merges states and the one before gave numbers: there is little left to win. */
#define HOPELESS_LEAST 8000u
#define HOPELESS_TIMES 4u

/** Passes: cheap first; the next one only when the last was vague. */
static const uint32_t pass_states[] = {1, 4, VERDICT_STATES};

/** What one pass found. */
struct outcome {
	bool done; /**< No limit was reached and nothing was unknown. */
	bool exact;
	uint32_t codes;
};

/* --- reasons -----------------------------------------------------------------------------------
 */

void engine_note(const struct place *at, enum verdict_cause cause, const char *reason)
{
	struct engine *e = at->e;

	if (cause > e->cause) {
		e->cause = cause;
		e->reason = reason;
		e->reason_prog = at->u->prog->id;
		e->reason_pc = at->pc;
	}
}

void engine_stop(const struct place *at, enum verdict_cause cause, const char *reason)
{
	engine_note(at, cause, reason);
	at->e->stop = true;
}

void engine_limit(struct engine *e, const char *reason)
{
	if (e->cause < VERDICT_CAUSE_LIMIT) {
		e->cause = VERDICT_CAUSE_LIMIT;
		e->reason = reason;
		e->reason_prog = e->root->id;
		e->reason_pc = 0;
	}
	e->stop = true;
}

struct state *engine_borrow(struct engine *e)
{
	struct state *st = NULL;

	if (e->n_spare > 0) {
		return e->spare[--e->n_spare];
	}
	st = state_new(&e->keep);
	if (!st) {
		engine_limit(e, "memory for states");
	}
	return st;
}

void engine_return(struct engine *e, struct state *st)
{
	if (arena_reserve(&e->keep, (void **)&e->spare, e->n_spare, &e->cap_spare,
	                  sizeof(struct state *)) == 0) {
		e->spare[e->n_spare++] = st;
	}
}

/* --- one pass ----------------------------------------------------------------------------------
 */

/** Of all programs that can be reached, whether they will be or not. */
static uint64_t closure_insns(const struct engine *e)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < e->n_units; i++) {
		n += e->units[i]->prog->n_insns;
	}
	return n;
}

static bool begin_pass(struct engine *e, uint32_t most_states)
{
	e->most_states = most_states;
	e->steps = 0;
	e->stop = false;
	e->merged = false;
	e->n_exits = 0;
	e->n_traces = 0;
	e->depth = 0;
	e->running = NULL;
	e->n_open = 0;
	e->needs = NEEDS_NOTHING;
	e->round = 0;
	e->grew = false;
	e->cause = VERDICT_CAUSE_NONE;
	e->reason = NULL;
	memset(e->summaries, 0, sizeof(e->summaries));
	memset(e->newest, 0, sizeof(e->newest));
	if (!doubt_init(e, closure_insns(e))) {
		return false;
	}
	if (arena_reserve(&e->keep, (void **)&e->traces, 0, &e->cap_traces, sizeof(*e->traces)) <
	    0) {
		return false;
	}
	e->traces[e->n_traces++] = (struct trace){0}; /* the beginning of all paths */
	return true;
}

/** From the second pass on it is known what loads read; the rest of memory is dead. */
static bool use_reads(struct engine *e)
{
	for (uint32_t i = 0; i < e->n_units; i++) {
		struct unit *u = e->units[i];

		if (u->usable && live_compute(&u->code, u->reads, &e->keep, &u->cfg) < 0) {
			engine_limit(e, "memory for instructions");
			return false;
		}
	}
	e->use_live = true;
	return true;
}

static void run_pass(struct engine *e)
{
	struct unit *u = engine_unit(e, e->root->id);
	uint32_t by = u && u->usable ? engine_replaced(u, 0) : 0;
	struct value ctx = val_ptr(VAL_CTX, 0, 0);

	if (by != 0) {
		u = engine_unit(e, by);
	}
	if (!u || !u->usable) {
		struct place at = {.e = e, .u = u};

		if (u) {
			engine_stop(&at, by ? VERDICT_CAUSE_REPLACED : u->cause, u->why_not);
		} else {
			engine_limit(e, "programs of one analysis");
		}
		return;
	}
	struct state *entry = engine_borrow(e);

	if (entry) {
		state_clear(entry, &e->pool, 0);
		entry->regs[1].v = pool_put(&e->pool, &ctx);
		engine_run(e, u, 0, entry, NULL, NULL);
		engine_return(e, entry);
	}
}

/** Why a result is not a set of numbers: what its unknown part came from. */
static void note_value(struct engine *e, const struct exit_point *x)
{
	uint32_t unit = (x->origin & ~ORIGIN_COMPUTED) >> ORIGIN_PC_BITS;
	uint32_t pc = x->origin & ((1u << ORIGIN_PC_BITS) - 1);
	struct unit *u = e->units[unit ? unit - 1 : x->unit];
	struct place at = {.e = e, .u = u, .pc = unit ? pc : x->pc};

	engine_note(&at, VERDICT_CAUSE_VALUE,
	            unit ? insn_word(&u->code.insns[pc]) : "result that is not a set of numbers");
}

static struct outcome judge(struct engine *e)
{
	struct outcome o = {.done = !e->stop && !e->pool.full};
	bool numbers = true;

	for (uint32_t i = 0; i < e->n_exits; i++) {
		const struct value *v = &e->exits[i].v->v;

		o.codes |= val_codes(v, e->lang == VERDICT_XDP);
		if (v->kind != VAL_NUM || v->n == 0 || (v->n > 1 && v->loose)) {
			numbers = false;
			note_value(e, &e->exits[i]);
		}
	}
	if (e->n_exits == 0 || !o.done) {
		o.codes = CODES_ALL;
	}
	o.exact = o.done && numbers && !e->merged && e->cause == VERDICT_CAUSE_NONE &&
	          e->n_exits > 0 && !e->scratch_used;
	return o;
}

/* --- the result --------------------------------------------------------------------------------
 */

/** Steps of a path, last first, until @p n are there. */
static uint32_t unwind(const struct engine *e, uint32_t trace, struct verdict_step *steps,
                       uint32_t n)
{
	uint32_t waiting[ENGINE_NEST];
	uint32_t n_waiting = 0;
	uint32_t at = n;

	while (at > 0 && (trace != 0 || n_waiting > 0)) {
		if (trace == 0) {
			trace = waiting[--n_waiting];
			continue;
		}
		const struct trace *t = &e->traces[trace];

		if (t->kind != TRACE_SPLICE) {
			steps[--at] = (struct verdict_step){.kind = (enum verdict_step_kind)t->kind,
			                                    .prog_id = e->units[t->unit]->prog->id,
			                                    .pc = t->pc};
		}
		trace = t->parent;
		if (t->inner && n_waiting < COUNT_OF(waiting)) {
			waiting[n_waiting++] = trace;
			trace = t->inner;
		}
	}
	return at;
}

static int make_path(const struct engine *e, enum code code, uint32_t trace, struct arena *arena,
                     struct verdict_path *ret)
{
	uint32_t length = trace ? e->traces[trace].length : 0;
	uint32_t n = length < VERDICT_PATH_STEPS ? length : VERDICT_PATH_STEPS;
	struct verdict_step *steps = arena_alloc(arena, (n + 1u) * sizeof(*steps));

	if (!steps) {
		return -ENOMEM;
	}
	uint32_t at = unwind(e, trace, steps, n);

	*ret = (struct verdict_path){
		.code = code, .steps = steps + at, .n_steps = n - at, .cut = n < length};
	return 0;
}

static int by_length(const void *a, const void *b)
{
	const struct verdict_path *x = a;
	const struct verdict_path *y = b;

	if (x->n_steps != y->n_steps) {
		return x->n_steps < y->n_steps ? -1 : 1;
	}
	return (int)x->code - (int)y->code;
}

/** The best exit for a code: one that gives nothing else, then the one with the shortest path. */
static const struct exit_point *best_exit(const struct engine *e, uint32_t code, bool *ret_shared)
{
	const struct exit_point *best = NULL;

	for (uint32_t i = 0; i < e->n_exits; i++) {
		const struct exit_point *x = &e->exits[i];
		uint32_t codes = val_codes(&x->v->v, e->lang == VERDICT_XDP);
		bool shared = codes != code;

		if ((codes & code) == 0 || (best && shared && !*ret_shared)) {
			continue;
		}
		if (!best || (*ret_shared && !shared) ||
		    e->traces[x->trace].length < e->traces[best->trace].length) {
			best = x;
			*ret_shared = shared;
		}
	}
	return best;
}

static int make_paths(const struct engine *e, struct arena *arena, struct verdict *v)
{
	struct verdict_path *paths = arena_alloc(arena, N_CODES * sizeof(*paths));

	if (!paths) {
		return -ENOMEM;
	}
	for (uint32_t code = 0; code < N_CODES; code++) {
		bool shared = false;
		const struct exit_point *best = NULL;

		if (v->codes & CODE_BIT(code)) {
			best = best_exit(e, CODE_BIT(code), &shared);
		}
		if (!best) {
			continue;
		}
		if (make_path(e, (enum code)code, best->trace, arena, &paths[v->n_paths]) < 0) {
			return -ENOMEM;
		}
		paths[v->n_paths++].shared = shared;
	}
	qsort(paths, v->n_paths, sizeof(*paths), by_length);
	v->paths = paths;
	return 0;
}

static int by_slot(const void *a, const void *b)
{
	const struct verdict_followed *x = a;
	const struct verdict_followed *y = b;

	if (x->map_id != y->map_id) {
		return x->map_id < y->map_id ? -1 : 1;
	}
	return x->index < y->index ? -1 : x->index > y->index;
}

static int by_map(const void *a, const void *b)
{
	const struct consulted *x = a;
	const struct consulted *y = b;

	return x->map_id < y->map_id ? -1 : x->map_id > y->map_id;
}

/** Which bytes of which maps were read, where it outlives the analysis. */
static int make_frozen(const struct engine *e, struct arena *arena, struct verdict *v)
{
	uint32_t *ids = arena_alloc(arena, (e->n_frozen + 1u) * sizeof(*ids));
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers */
	const uint64_t **bytes = arena_alloc(arena, (e->n_frozen + 1u) * sizeof(*bytes));

	if (!ids || !bytes) {
		return -ENOMEM;
	}
	qsort(e->frozen, e->n_frozen, sizeof(*e->frozen), by_map);
	for (uint32_t i = 0; i < e->n_frozen; i++) {
		const struct verdict_map *map = engine_map(e, e->frozen[i].map_id);
		size_t size = VERDICT_FROZEN_WORDS(map ? map->value_size : 0) * sizeof(uint64_t);
		uint64_t *copy = arena_alloc(arena, size);

		if (!copy) {
			return -ENOMEM;
		}
		memcpy(copy, e->frozen[i].bytes, size);
		ids[i] = e->frozen[i].map_id;
		bytes[i] = copy;
	}
	v->frozen_maps = ids;
	v->frozen_bytes = bytes;
	v->n_frozen_maps = e->n_frozen;
	return 0;
}

static int make_evidence(const struct engine *e, struct arena *arena, struct verdict *v)
{
	struct verdict_followed *followed =
		arena_alloc(arena, (e->n_followed + 1u) * sizeof(*followed));

	if (!followed) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < e->n_followed; i++) {
		followed[i] = (struct verdict_followed){.map_id = e->followed[i].map_id,
		                                        .index = e->followed[i].index,
		                                        .prog_id = e->followed[i].prog_id};
	}
	qsort(followed, e->n_followed, sizeof(*followed), by_slot);
	v->followed = followed;
	v->n_followed = e->n_followed;
	return e->n_frozen > 0 ? make_frozen(e, arena, v) : 0;
}

static int make_values(const struct engine *e, const struct outcome *o, struct arena *arena,
                       struct verdict *v)
{
	uint32_t n = o->done ? e->n_exits : 0;
	struct value *values = arena_alloc(arena, (n + 1u) * sizeof(*values));

	if (!values) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++) {
		values[i] = val_as_number(&e->exits[i].v->v);
	}
	v->values = values;
	v->n_values = n;
	return 0;
}

/**
 * Why it is not exact. The assumption about scratch memory is part of what is claimed and is never
 * left out; where nothing is claimed there is nothing to assume.
 */
static int make_reason(const struct engine *e, struct arena *arena, struct verdict *v)
{
	static const char assumed[] = "assuming private scratch memory";
	bool assumes = e->scratch_used && v->codes != CODES_ALL;
	const char *reason = e->reason ? e->reason : "no path leads to an exit";

	v->cause = e->reason ? e->cause : VERDICT_CAUSE_VALUE;
	v->reason_prog = e->reason ? e->reason_prog : e->root->id;
	v->reason_pc = e->reason ? e->reason_pc : 0;
	if (assumes && (v->cause < VERDICT_CAUSE_SCRATCH || !e->reason)) {
		v->cause = VERDICT_CAUSE_SCRATCH;
		v->reason_prog = e->scratch_prog;
		v->reason_pc = e->scratch_pc;
		v->reason =
			arena_printf(arena, "known only %s: per-CPU array element read", assumed);
	} else if (assumes) {
		v->reason = arena_printf(arena, "%s, the rest %s,", reason, assumed);
	} else {
		v->reason = arena_strndup(arena, reason, strlen(reason));
	}
	return v->reason ? 0 : -ENOMEM;
}

/** Take over what the last pass says, with the codes that all passes leave. */
static int make_result(const struct engine *e, const struct outcome *o, struct arena *arena,
                       struct verdict *v)
{
	v->exact = o->exact;
	v->cause = o->exact ? VERDICT_CAUSE_NONE : e->cause;
	v->reason = NULL;
	v->no_exit = e->n_exits == 0 && o->done;
	v->n_paths = 0;
	v->paths = NULL;
	if (!o->exact && make_reason(e, arena, v) < 0) {
		return -ENOMEM;
	}
	if (make_values(e, o, arena, v) < 0 || (e->n_exits > 0 && make_paths(e, arena, v) < 0)) {
		return -ENOMEM;
	}
	return make_evidence(e, arena, v);
}

/**
 * The first pass always has enough to end by widening. The last one is bought dearly: when only
 * joins stand between the result and exactness it may take a few times what the one before took.
 */
static uint64_t steps_of_pass(const struct engine *e, uint32_t pass)
{
	uint64_t few = DEAR_LEAST + DEAR_TIMES * e->steps;

	if (pass == 0) {
		return (uint64_t)e->limits.steps + 64 * e->n_insns;
	}
	return pass == 2 && few < e->limits.steps ? few : e->limits.steps;
}

/** How many of them when states are merged. @param was what the pass before found. */
static uint64_t steps_when_merged(const struct engine *e, uint32_t pass, enum verdict_cause was)
{
	uint64_t few = HOPELESS_LEAST + HOPELESS_TIMES * e->n_insns;

	return pass == 2 && was == VERDICT_CAUSE_MERGED && few < e->most_steps ? few
	                                                                       : e->most_steps;
}

/** Is a further pass worth its time? */
static bool is_settled(const struct engine *e, const struct outcome *o, uint32_t codes)
{
	if (o->exact || (o->done && !e->merged)) {
		return true; /* where nothing was joined, more states change nothing */
	}
	if (o->done && e->most_states > 1 && e->cause == VERDICT_CAUSE_MERGED &&
	    e->steps > DEAR_LEAST) {
		return true; /* sets of numbers already; exactness is not worth the time */
	}
	/* What stopped it would stop every other pass as well. */
	return (!o->done && e->cause >= VERDICT_CAUSE_TARGET && e->cause != VERDICT_CAUSE_LIMIT &&
	        e->cause != VERDICT_CAUSE_INSTRUCTION) ||
	       codes == 0;
}

static int run_passes(struct engine *e, struct arena *arena, struct verdict *v)
{
	int r = 0;

	v->codes = CODES_ALL;
	for (uint32_t pass = 0; pass < COUNT_OF(pass_states) && r == 0; pass++) {
		uint32_t states = pass_states[pass];

		if (pass > 0 && states > e->limits.states) {
			break;
		}
		uint64_t most_steps = steps_of_pass(e, pass);
		enum verdict_cause was = e->cause;

		if (!begin_pass(e, states)) {
			engine_limit(e, "memory for paths");
		} else if (pass != 1 || use_reads(e)) {
			e->most_steps = most_steps;
			e->most_merged = steps_when_merged(e, pass, was);
			run_pass(e);
		}
		struct outcome o = judge(e);

		v->passes++;
		v->steps += e->steps;
		v->codes &= o.codes;
		/* A later pass that reached a limit says less than the one before. */
		if (pass == 0 || o.done) {
			r = make_result(e, &o, arena, v);
		}
		if (is_settled(e, &o, v->codes)) {
			break;
		}
	}
	return r;
}

static struct verdict_limits with_defaults(const struct verdict_limits *limits)
{
	struct verdict_limits l = limits ? *limits : (struct verdict_limits){0};

	l.insns = l.insns ? l.insns : VERDICT_INSNS;
	l.states = l.states ? l.states : VERDICT_STATES;
	l.steps = l.steps ? l.steps : VERDICT_STEPS;
	l.bytes = l.bytes ? l.bytes : VERDICT_BYTES;
	return l;
}

static void engine_done(struct engine *e)
{
	arena_release(&e->keep, (void **)&e->units, &e->cap_units, sizeof(struct unit *));
	arena_release(&e->keep, (void **)&e->exits, &e->cap_exits, sizeof(*e->exits));
	arena_release(&e->keep, (void **)&e->traces, &e->cap_traces, sizeof(*e->traces));
	arena_release(&e->keep, (void **)&e->open, &e->cap_open, sizeof(struct summary *));
	arena_release(&e->keep, (void **)&e->spare, &e->cap_spare, sizeof(struct state *));
	arena_release(&e->keep, (void **)&e->followed, &e->cap_followed, sizeof(*e->followed));
	arena_release(&e->keep, (void **)&e->frozen, &e->cap_frozen, sizeof(*e->frozen));
	arena_done(&e->keep);
	arena_done(&e->states);
}

/** Nothing could even begin. */
static int too_small(const struct verdict_prog *root, struct arena *arena, struct verdict *v)
{
	static const char text[] = "memory of one analysis";

	v->codes = CODES_ALL;
	v->cause = VERDICT_CAUSE_LIMIT;
	v->reason = arena_strndup(arena, text, sizeof(text) - 1);
	v->reason_prog = root->id;
	return v->reason ? 0 : -ENOMEM;
}

int verdict_run(const struct verdict_env *env, uint32_t prog_id,
                const struct verdict_limits *limits, struct arena *arena,
                struct verdict *ret_verdict)
{
	const struct verdict_prog *root = NULL;
	struct verdict v = {0};
	struct engine *e = NULL;
	int r = 0;

	for (uint32_t i = 0; i < env->n_progs && !root; i++) {
		root = env->progs[i].id == prog_id ? &env->progs[i] : NULL;
	}
	if (!root) {
		return -ENOENT;
	}
	e = calloc(1, sizeof(*e));
	if (!e) {
		return -ENOMEM;
	}
	e->env = env;
	e->root = root;
	e->lang = root->lang;
	e->limits = with_defaults(limits);
	arena_init(&e->keep, e->limits.bytes / 2);
	arena_init(&e->states, e->limits.bytes / 2);
	if (engine_close(e) < 0 || pool_init(&e->pool, &e->keep, closure_insns(e)) < 0) {
		r = too_small(root, arena, &v);
	} else {
		r = run_passes(e, arena, &v);
	}
	v.states = e->n_saved;
	v.bytes = e->keep.used_bytes + e->states.used_bytes;
	engine_done(e);
	free(e);
	if (r == 0) {
		*ret_verdict = v;
	}
	return r;
}

uint32_t verdict_calls(const void *insns, uint32_t n_insns, void (*visit)(int32_t imm, void *arg),
                       void *arg)
{
	return insn_calls(insns, n_insns, visit, arg);
}

const char *verdict_cause_word(enum verdict_cause cause)
{
	static const char *const words[] = {
		[VERDICT_CAUSE_NONE] = "exact",
		[VERDICT_CAUSE_MERGED] = "merged",
		[VERDICT_CAUSE_VALUE] = "value",
		[VERDICT_CAUSE_SCRATCH] = "scratch",
		[VERDICT_CAUSE_ANONYMOUS] = "anonymous-call",
		[VERDICT_CAUSE_KFUNC] = "kernel-function",
		[VERDICT_CAUSE_CALLBACK] = "callback",
		[VERDICT_CAUSE_ARRAY] = "array",
		[VERDICT_CAUSE_TARGET] = "target",
		[VERDICT_CAUSE_REPLACED] = "replaced",
		[VERDICT_CAUSE_INSTRUCTION] = "instruction",
		[VERDICT_CAUSE_LIMIT] = "limit",
		[VERDICT_CAUSE_UNREADABLE] = "unreadable",
	};

	return words[cause];
}
