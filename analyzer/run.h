/* SPDX-License-Identifier: Apache-2.0 */
/**
 * run.h - one fixpoint while it runs; private to fixpoint.c, which drives it, and points.c, which
 * keeps the states where paths meet.
 */
#ifndef TCAUDIT_ANALYZER_RUN_H
#define TCAUDIT_ANALYZER_RUN_H

#include "analyzer/engine.h"

/** A state at a point. */
struct node {
	struct node *next; /**< At the same point. */
	struct state *st;
	bool done; /**< Its block has been executed with it. */
	bool dead; /**< Another one covers it. */
	bool kept; /**< It belongs to a point. */
};

/** Beginning of a block at which paths meet. */
struct point {
	struct node *first; /**< Latest one first. */
	uint32_t n;         /**< Nodes. */
	uint32_t arrivals;  /**< States that no other one covered. */
};

/** A state to execute, or to find that it is dead. */
struct pending {
	uint64_t key; /**< Order of program and block. */
	uint32_t block;
	struct unit *u;
	struct node *node;
};

/** One fixpoint: of the whole program, or of one call of a function. */
struct run {
	struct engine *e;
	bool whole;
	struct point **points; /**< By unit, then by block. */
	struct point exits;
	struct pending *heap;
	uint32_t n_heap, cap_heap;
	struct state *work, *side, *joined;
};

/** Steps of a path from the beginning. */
static inline uint32_t trace_length(const struct engine *e, uint32_t trace)
{
	return trace ? e->traces[trace].length : 0;
}

/** @return a copy of @p st that belongs to no point; NULL at the limit of memory. */
struct node *node_new(struct run *r, const struct state *st);

/** The memory of a node's state serves others. */
void node_release(struct engine *e, struct node *node);

/**
 * Add a state to a point.
 *
 * @param at where the point is.
 * @return the node to execute; NULL when a known one covers the state, or at a limit.
 */
struct node *point_add(struct run *r, struct point *p, struct state *st, const struct place *at);

#endif
