/* SPDX-License-Identifier: Apache-2.0 */
/**
 * verdict.h - what programs can return, proven from their translated instructions.
 *
 * The collector gathers plain facts (struct verdict_env); the functions here turn them into sets of
 * return codes by abstract interpretation. Nothing here opens, reads or prints anything, and the
 * same facts give the same verdicts. A set is never smaller than the truth.
 */
#ifndef TCAUDIT_ANALYZER_VERDICT_H
#define TCAUDIT_ANALYZER_VERDICT_H

#include "model/arena.h"
#include "model/attrs.h"
#include "model/code.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bounds of one analysis. Zero in a member means its default. */
struct verdict_limits {
	uint32_t insns;  /**< Instructions of all programs together (VERDICT_INSNS). */
	uint32_t states; /**< States per point of the last pass, at most 64 (VERDICT_STATES). */
	uint32_t steps;  /**< Instructions interpreted in one pass (VERDICT_STEPS). */
	size_t bytes;    /**< Working memory (VERDICT_BYTES). */
	/**
	 * Instructions interpreted in one pass after which loops are widened soon and calls of a
	 * function judged together (VERDICT_PATIENCE and VERDICT_PATIENCE_EACH per instruction).
	 */
	uint32_t patience;
};

#define VERDICT_INSNS         2000000u
#define VERDICT_STATES        32u
#define VERDICT_STEPS         1000000u
#define VERDICT_BYTES         ((size_t)128 << 20)
#define VERDICT_PATIENCE      20000u
#define VERDICT_PATIENCE_EACH 2u

/** Why a verdict is not exact. The order is that of gravity: a higher one hides lower ones. */
enum verdict_cause {
	VERDICT_CAUSE_NONE,        /**< Exact. */
	VERDICT_CAUSE_MERGED,      /**< States were merged, or a loop widened. */
	VERDICT_CAUSE_VALUE,       /**< A result is not a set of numbers. */
	VERDICT_CAUSE_SCRATCH,     /**< Holds if nobody else writes scratch memory. */
	VERDICT_CAUSE_ANONYMOUS,   /**< A helper call without a name. */
	VERDICT_CAUSE_KFUNC,       /**< A kernel function without a name: may end the program. */
	VERDICT_CAUSE_CALLBACK,    /**< A callback that is not known. */
	VERDICT_CAUSE_ARRAY,       /**< A program array that is not known or not readable. */
	VERDICT_CAUSE_TARGET,      /**< A program that a tail call leads to is not readable. */
	VERDICT_CAUSE_REPLACED,    /**< Functions may have been replaced from outside. */
	VERDICT_CAUSE_INSTRUCTION, /**< An instruction that is not understood. */
	VERDICT_CAUSE_LIMIT,       /**< A named limit was reached. */
	VERDICT_CAUSE_UNREADABLE,  /**< No instructions at all. */
};
#define N_VERDICT_CAUSES (VERDICT_CAUSE_UNREADABLE + 1)

/** Steps kept of a path. */
#define VERDICT_PATH_STEPS 512u

/** A program that was followed from a slot: the verdict holds for this content. */
struct verdict_followed {
	uint32_t map_id;
	uint32_t index;
	uint32_t prog_id;
};

/** Words that hold a bit for each byte of a map's value. */
#define VERDICT_FROZEN_WORDS(value_size) (((size_t)(value_size) + 63) / 64)

struct value; /* analyzer/value.h */

/** What a program can return. Everything it points to lives in the arena given. */
struct verdict {
	uint32_t codes; /**< CODE_BIT set: never smaller than the truth, never 0 for real programs.
	                 */
	bool exact;     /**< Each code of the set has a path on which nothing was lost. */
	enum verdict_cause cause;
	const char *reason;   /**< One sentence fragment naming the construct; NULL when exact. */
	uint32_t reason_prog; /**< Program id of the place; meaningful when reason is set. */
	uint32_t reason_pc;   /**< Instruction of the place. */
	bool no_exit;         /**< Nothing returns: garbage or endless; codes is then CODES_ALL, or
	                         what an earlier, less precise pass left of it. */
	const struct verdict_path *paths; /**< Shortest first, at most one per code. */
	uint32_t n_paths;
	/** What r0 can hold at the exits, one row each; n_values 0: anything. */
	const struct value *values;
	uint32_t n_values;
	const struct verdict_followed
		*followed; /**< Evidence: slots followed, map, index ascending. */
	uint32_t n_followed;
	const uint32_t
		*frozen_maps; /**< Evidence: ids of maps whose content was consulted, ascending. */
	uint32_t n_frozen_maps;
	/** What of it: rows as frozen_maps, a bit per byte in VERDICT_FROZEN_WORDS() words. */
	const uint64_t *const *frozen_bytes;
	/** @name Counters of all passes. @{ */
	uint64_t steps;  /**< Instructions interpreted. */
	uint64_t states; /**< States stored. */
	uint32_t passes; /**< 1 to 3. */
	size_t bytes;    /**< Most working memory at once. */
			 /** @} */
};

/**
 * Judge one program, tail calls followed.
 *
 * @param limits NULL for the defaults.
 * @param arena  where what @p ret_verdict points to is put.
 * @return 0, also when nothing could be proven (see verdict.cause); -ENOENT when @p prog_id is not
 *         in @p env; -ENOMEM when @p arena is full. @p ret_verdict is untouched on failure.
 */
ATTR_MUSTUSE int verdict_run(const struct verdict_env *env, uint32_t prog_id,
                             const struct verdict_limits *limits, struct arena *arena,
                             struct verdict *ret_verdict);

/**
 * Judge many programs; those with equal instructions, equal targets behind equal slots and equal
 * content where that of frozen maps was consulted are analysed once. Their verdicts share
 * everything but the ids in evidence and paths, which are those of the first one; see @p ret_same.
 *
 * @param ids     programs wanted, in any order.
 * @param ret_verdicts @p n rows, in the order of @p ids.
 * @param ret_same     @p n rows: index into @p ids of the program that was analysed; or NULL.
 * @return as verdict_run(); rows are unspecified on failure.
 */
ATTR_MUSTUSE int verdict_run_all(const struct verdict_env *env, const uint32_t *ids, uint32_t n,
                                 const struct verdict_limits *limits, struct arena *arena,
                                 struct verdict *ret_verdicts, uint32_t *ret_same);

/** @return the word of a cause, such as "merged" or "array"; static. */
const char *verdict_cause_word(enum verdict_cause cause);

/**
 * Does a program call anything that needs a name? Lets the collector read the symbol table only
 * when it must.
 *
 * @param visit called with each distinct-or-not imm of a helper or kernel function call.
 * @return how many such calls there are.
 */
uint32_t verdict_calls(const void *insns, uint32_t n_insns, void (*visit)(int32_t imm, void *arg),
                       void *arg);

#endif
