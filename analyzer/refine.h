/* SPDX-License-Identifier: Apache-2.0 */
/**
 * refine.h - what a comparison says about its operands. Pure.
 */
#ifndef TCAUDIT_ANALYZER_REFINE_H
#define TCAUDIT_ANALYZER_REFINE_H

#include "analyzer/insn.h"
#include "analyzer/value.h"

/** A comparison, from a conditional jump and the side taken. */
struct comparison {
	enum insn_op op;   /**< OP_JEQ to OP_JSET. */
	bool negated;      /**< The jump is not taken. */
	unsigned int bits; /**< 32 or 64. */
};

/**
 * Cut both operands to what can be when the comparison holds. Bottom when it cannot hold.
 */
void refine(struct comparison c, struct value *a, struct value *b);

/** Does it hold for these numbers? */
bool refine_holds(struct comparison c, uint64_t a, uint64_t b);

#endif
