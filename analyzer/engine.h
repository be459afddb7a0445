/* SPDX-License-Identifier: Apache-2.0 */
/**
 * engine.h - one analysis while it runs; shared by the stages, private to them.
 *
 * verdict.c makes passes, tails.c knows the programs, fixpoint.c drives states through blocks,
 * points.c keeps them where paths meet, step.c executes instructions, memory.c loads and stores,
 * scratch.c knows elements of per-CPU arrays, calls.c does calls of every kind, summary.c knows
 * what functions leave behind.
 */
#ifndef TCAUDIT_ANALYZER_ENGINE_H
#define TCAUDIT_ANALYZER_ENGINE_H

#include "analyzer/cfg.h"
#include "analyzer/helpers.h"
#include "analyzer/pool.h"
#include "analyzer/state.h"
#include "analyzer/verdict.h"

#define ENGINE_MOST_STATES 64u
#define ENGINE_PROGS       1024u  /**< Programs followed in one analysis. */
#define ENGINE_SLOTS       65536u /**< Slots followed in one analysis. */

#define ENGINE_NEST 64u /**< Functions and programs that run inside each other. */

#define ENGINE_ELEM_BITS 2048u /**< Places in elements of per-CPU arrays, hashed. */

/** Where an unknown value came from, in slot.origin: program and instruction, 0 for none. */
#define ORIGIN_PC_BITS 20u
#define ORIGIN(prog, pc)                                                                           \
	((((uint32_t)(prog) + 1) << ORIGIN_PC_BITS) |                                              \
	 ((uint32_t)(pc) & ((1u << ORIGIN_PC_BITS) - 1)))

/** A program taking part. */
struct unit {
	const struct verdict_prog *prog;
	uint32_t idx;   /**< In engine.units. */
	uint32_t order; /**< Callers before those they lead to. */
	struct decoded code;
	struct cfg cfg;
	struct reads *reads; /**< By instruction, from all passes. */
	bool ready;          /**< The following is filled. */
	bool usable;         /**< Decoded. */
	const char *why_not; /**< Otherwise, with the cause. */
	bool loops_known;    /**< The next member is filled. */
	bool loops;          /**< Some block is gone through more than once. */
	enum verdict_cause cause;
};

/** In trace.kind: no step, but the steps of its inner path stand in its place. */
#define TRACE_SPLICE UINT8_MAX

/** One step of a path; a chain through parent. */
struct trace {
	uint32_t parent; /**< 0: the beginning. */
	uint32_t pc;
	uint16_t unit;
	uint8_t kind;    /**< enum verdict_step_kind, or TRACE_SPLICE. */
	uint32_t inner;  /**< How what is behind the step was gone through, or 0. */
	uint32_t length; /**< Steps from the beginning, inner ones included; UINT32_MAX: or more. */
};

/** A way out of everything. */
struct exit_point {
	vref v;
	uint32_t origin;
	uint32_t unit, pc;
	uint32_t trace;
};

/** A saved state that is no longer needed; its memory is used for the next one. */
struct free_state {
	struct free_state *next;
};

/** In summary.needs: nothing, its result is final. */
#define NEEDS_NOTHING UINT32_MAX

/** A known result of a function. */
struct summary {
	struct summary *next;  /**< Of one hash of entry states. */
	struct summary *older; /**< Of one hash of functions. */
	uint32_t unit, block;
	struct state *entry;
	struct state **exits; /**< Growing until it is final. */
	uint32_t n_exits;
	struct summary *outer; /**< While it runs: the one inside which it does. */
	uint32_t nest;         /**< How many there are outside of that. */
	uint32_t needs; /**< The nest of the outermost one whose result went into this one while
	                   that was running. */
	uint32_t round; /**< When it was run last. */
	uint32_t runs;  /**< How often. */
	bool active;    /**< It runs. */
	bool stale;     /**< Its result is of a round after which others grew. */
	bool used;      /**< Its result was used while it ran. */
};

#define SUMMARY_BUCKETS 256u

/** A tail call's slot that was followed. */
struct followed {
	uint32_t map_id, index, prog_id;
};

/** A map whose frozen content was read. */
struct consulted {
	uint32_t map_id;
	uint64_t *bytes; /**< A bit for each byte of the value: it was read. */
};

/** Everything about one analysis. */
struct engine {
	const struct verdict_env *env;
	const struct verdict_prog *root;
	struct verdict_limits limits;
	enum verdict_lang lang;

	struct arena keep;   /**< Programs, values, summaries: to the end. */
	struct arena states; /**< States of units that run. */
	struct pool pool;

	struct unit **units;   /**< Those that can be reached. */
	struct unit **by_prog; /**< The same by place in env->progs. */
	uint32_t n_units, cap_units;
	uint64_t n_insns;

	/* the pass */
	uint32_t most_states;
	uint64_t most_steps;
	uint64_t most_merged; /**< The same once states were merged: exactness is lost. */
	bool use_live;
	uint64_t steps, n_saved;
	bool stop;   /**< A limit or something that makes all unknown: results do not count. */
	bool merged; /**< States were merged with loss, or widened. */
	struct exit_point *exits;
	uint32_t n_exits, cap_exits;
	struct trace *traces;
	uint32_t n_traces, cap_traces;
	struct summary *summaries[SUMMARY_BUCKETS]; /**< By entry state. */
	struct summary *newest[SUMMARY_BUCKETS];    /**< By function. */
	struct summary *running;                    /**< The innermost one. */
	struct summary **open;                      /**< Those that have run but need others. */
	uint32_t n_open, cap_open;
	uint32_t needs;       /**< Of the one that runs, so far. */
	uint32_t round;       /**< Of running functions again that lead back to themselves. */
	bool grew;            /**< In this round a result grew that may have been used before. */
	uint32_t depth;       /**< Runs inside each other. */
	struct state **spare; /**< States that nobody works in. */
	uint32_t n_spare, cap_spare;
	struct free_state *unused[STATE_CELLS / 8 + 1]; /**< Saved states given back, by size. */

	/* elements of per-CPU arrays, of all passes; scratch.c */
	uint64_t elem_reads[ENGINE_ELEM_BITS / 64]; /**< Places that loads were seen to read. */
	bool scratch_used;                          /**< Something known there was read, here: */
	uint32_t scratch_prog, scratch_pc;

	struct doubt *doubts; /**< Tests of unknown numbers in this pass; doubt.c. */
	uint32_t n_doubts;

	/* the gravest thing seen */
	enum verdict_cause cause;
	const char *reason;
	uint32_t reason_prog, reason_pc;

	/* evidence */
	struct followed *followed;
	uint32_t n_followed, cap_followed;
	struct consulted *frozen;
	uint32_t n_frozen, cap_frozen;
};

/**
 * Has the pass taken more than the program's share? Then loops are widened soon, and functions
 * are no longer judged for each call alone.
 */
static inline bool engine_is_late(const struct engine *e)
{
	uint64_t share = e->limits.patience ? e->limits.patience
	                                    : VERDICT_PATIENCE + VERDICT_PATIENCE_EACH * e->n_insns;

	/* with one state per point the first round through a loop joins already */
	return e->steps > (e->most_states == 1 ? share / 2 : share);
}

/** A place in a program, for reasons. */
struct place {
	struct engine *e;
	struct unit *u;
	uint32_t pc;
};

/* --- verdict.c ---------------------------------------------------------------------------------
 */

/** Remember why the result is not exact; the gravest cause wins, the first one of equals. */
void engine_note(const struct place *at, enum verdict_cause cause, const char *reason);
/** The same, and stop: every word is possible. */
void engine_stop(const struct place *at, enum verdict_cause cause, const char *reason);
/** A limit was reached. */
void engine_limit(struct engine *e, const char *reason);

/** A state to work in, until given back; NULL: stopped at the limit of memory. */
struct state *engine_borrow(struct engine *e);
void engine_return(struct engine *e, struct state *st);

/* --- doubt.c -----------------------------------------------------------------------------------
 */

/**
 * Forget what was seen in the pass before.
 *
 * @param n_insns how many instructions take part, for how much there will be to remember.
 * @return false at the limit of memory.
 */
bool doubt_init(struct engine *e, uint64_t n_insns);
/** A jump that goes both ways tested @p slot. @param inside in a function, called who knows how
 *  often. */
void doubt_test(const struct place *at, const struct slot *slot, bool inside);
/** The program ended with @p slot. */
void doubt_result(const struct place *at, const struct slot *slot);

/* --- tails.c -----------------------------------------------------------------------------------
 */

/** Make a unit for every program that can be reached, in order. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int engine_close(struct engine *e);
/** @return the program with an id, decoded if that is possible; NULL when it is not known. */
struct unit *engine_unit(struct engine *e, uint32_t prog_id);
const struct verdict_map *engine_map(const struct engine *e, uint32_t id);
/** Replaced functions of a program: the EXT program for a function, or 0. */
uint32_t engine_replaced(const struct unit *u, uint32_t insn);

/** Called for each program that a tail call can lead to. */
typedef void engine_target_fn(struct unit *target, void *arg);

/**
 * Where a tail call can lead from here; notes what makes it unknown.
 *
 * @return false when it is not known: the analysis has been stopped.
 */
bool engine_targets(const struct place *at, const struct state *st, engine_target_fn *visit,
                    void *arg);

/* --- fixpoint.c --------------------------------------------------------------------------------
 */

struct run;

/**
 * Run from the beginning of a block until nothing changes.
 *
 * @param entry is used up.
 * @param ret_exits NULL for the whole program: exits go to engine.exits; else its saved exit
 *        states in the arena keep, those among them that are there already.
 */
void engine_run(struct engine *e, struct unit *u, uint32_t block, struct state *entry,
                struct state ***ret_exits, uint32_t *ret_n);

/** A state arrives at a block of any program of a running unit. */
void run_arrive(struct run *r, struct unit *u, uint32_t block, struct state *st);
/** A state reaches the end of the function or program that runs. */
void run_exit(struct run *r, const struct place *at, struct state *st);
/** The same for a state whose path knows that. */
void run_leave(struct run *r, const struct place *at, struct state *st);
/** Add a step to the path of a state, or with TRACE_SPLICE only what is in @p inner. */
void engine_trace(struct engine *e, struct state *st, uint8_t kind, const struct place *at,
                  uint32_t inner);
/** Run what may handle an exception that was thrown in a state. */
void engine_handlers(const struct place *at, const struct state *thrown);
/** A way out of the whole program. */
void engine_exit(const struct place *at, const struct slot *result, uint32_t trace);

/* --- step.c ------------------------------------------------------------------------------------
 */

/**
 * Execute one instruction that is no jump and no exit.
 *
 * @return false when the path ends here.
 */
bool step(struct run *r, const struct place *at, struct state *st);
/** Restrict a state to one side of a conditional jump. @return false when it cannot be. */
bool step_branch(const struct place *at, bool taken, struct state *st);

/* --- inverse.c ---------------------------------------------------------------------------------
 */

/**
 * Behind one side of a conditional jump on a number that was computed in the same block: restrict
 * what it was computed from.
 *
 * @return false when it cannot be.
 */
bool inverse_refine(const struct place *at, bool taken, struct state *st);

/* --- memory.c ----------------------------------------------------------------------------------
 */

struct slot memory_load(const struct place *at, struct state *st, uint32_t base, int64_t off,
                        uint32_t bytes);
void memory_store(const struct place *at, struct state *st, uint32_t base, int64_t off,
                  uint32_t bytes, struct slot slot);
/** A kernel function may write here. @param bytes -1: up to the end. */
void memory_clobber(const struct place *at, struct state *st, const struct value *ptr,
                    int64_t bytes);

/* --- results.c ---------------------------------------------------------------------------------
 */

/** What a call gives back for the arguments in @p st. Pointers to the stack only if any is set. */
struct value helper_result(const struct helper *h, const struct state *st);

/* --- scratch.c ---------------------------------------------------------------------------------
 */

/** What a helper that looks up gives, whose arguments are still there. */
vref scratch_lookup(const struct place *at, const struct helper *h, struct state *st);
/** What bpf_for_each_map_elem() hands to its callback as the element. */
vref scratch_each(const struct place *at, const struct state *st);
/** What a load from a map itself gives as part of a lookup in place; NULL: it is none. */
vref scratch_table(const struct place *at, const struct state *st);
/** This CPU's copy of what an address in a register leads to. */
vref scratch_percpu(const struct place *at, const struct state *st);
/** An element is about to be loaded from. @return false when nothing must be known of it. */
bool scratch_load(const struct place *at, struct state *st, const struct value *ptr, int64_t off,
                  uint32_t bytes);
/** And stored to. @return false when no load will read it: that has been forgotten instead. */
bool scratch_store(const struct place *at, struct state *st, const struct value *ptr, int64_t off,
                   uint32_t bytes);
/** A kernel function may write an element. @param bytes -1: up to its end. */
void scratch_clobber(const struct place *at, struct state *st, const struct value *ptr,
                     int64_t bytes);
/** What else a call does to elements. @return its result, perhaps less known. */
vref scratch_call(const struct place *at, const struct helper *h, const char *name, vref result,
                  struct state *st);

/* --- calls.c -----------------------------------------------------------------------------------
 */

bool call_own(struct run *r, const struct place *at, struct state *st);
bool call_kernel(struct run *r, const struct place *at, struct state *st);
bool call_tail(struct run *r, const struct place *at, struct state *st);

#endif
