/* SPDX-License-Identifier: Apache-2.0 */
/**
 * pool.h - each distinct value once, and results of operations remembered.
 *
 * States hold pointers to interned values, so that copying and comparing states is cheap: two
 * interned values are equal when their addresses are. Values live until the arena goes.
 */
#ifndef TCAUDIT_ANALYZER_POOL_H
#define TCAUDIT_ANALYZER_POOL_H

#include "analyzer/insn.h"
#include "analyzer/refine.h"
#include "analyzer/value.h"
#include "model/arena.h"

/** A value in the pool. What is looked at most stands together at the beginning. */
struct interned {
	uint32_t hash;
	struct value v;
};

typedef const struct interned *vref;

struct pool_memo;

/** Numbers whose interned form is remembered. */
#define POOL_NUMBERS 64u

/** One pool per analysis. */
struct pool {
	struct arena *arena;
	vref *table;
	uint32_t cap, n;
	struct pool_memo *memo;
	uint32_t n_memo;
	bool full;      /**< The arena's limit was reached: results are val_any() from then on. */
	bool func_lost; /**< A function's address was joined with something else, or stored. */
	vref bottom, top, any, zero;
	vref numbers[POOL_NUMBERS]; /**< By a hash of the number; NULL or any number there. */
	vref width[4]; /**< Loads of 8, 16, 32, 64 bits from memory that is not known. */
};

/** @param n_insns how much work to expect. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int pool_init(struct pool *pool, struct arena *arena, uint64_t n_insns);

/** @return the one copy of @p v; at the limit pool->any, and pool->full is set. */
vref pool_put(struct pool *pool, const struct value *v);

vref pool_const(struct pool *pool, uint64_t number);
vref pool_binary(struct pool *pool, enum insn_op op, unsigned int bits, vref a, vref b);
vref pool_unary(struct pool *pool, enum insn_op op, unsigned int bits, unsigned int from, vref a);
vref pool_join(struct pool *pool, vref a, vref b);
/** @param far in as few steps as can be. */
vref pool_widen(struct pool *pool, vref was, vref now, bool far);
vref pool_meet(struct pool *pool, vref a, vref b);
bool pool_leq(struct pool *pool, vref a, vref b);

/** @return false when the comparison cannot hold. */
bool pool_refine(struct pool *pool, struct comparison c, vref *a, vref *b);

/** The value that a load of @p bits from unknown memory gives. */
vref pool_width(struct pool *pool, unsigned int bits);

#endif
