/* SPDX-License-Identifier: Apache-2.0 */
/**
 * summary.h - what functions leave behind, found out once for each state in which they begin;
 * private to calls.c, which enters and leaves them, and summary.c, which knows their results.
 */
#ifndef TCAUDIT_ANALYZER_SUMMARY_H
#define TCAUDIT_ANALYZER_SUMMARY_H

#include "analyzer/engine.h"

/** Registers that a function leaves as they were. */
#define FIRST_SAVED 6u
#define LAST_SAVED  9u

/** A function and the state in which it is entered. */
struct entry {
	struct unit *u;
	uint32_t block;
	bool stripped;  /**< The frames of callers stay behind: nothing points to them. */
	uint16_t saved; /**< Registers of the caller that go along, as others are linked to them. */
};

/**
 * Analyse a function for an entry state, or find that this was done.
 *
 * A function that leads back to itself, which it can through a tail call, is run again until its
 * result no longer grows; until then callers get what is known of it so far.
 *
 * @param st is used up.
 * @return NULL: stopped.
 */
struct summary *summarize(const struct place *at, struct entry *entry, struct state *st);

#endif
