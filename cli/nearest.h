/* SPDX-License-Identifier: Apache-2.0 */
/**
 * nearest.h - the valid word that somebody may have meant.
 */
#ifndef TCAUDIT_CLI_NEAREST_H
#define TCAUDIT_CLI_NEAREST_H

#include <stddef.h>

/** Longer words are not compared. */
#define NEAREST_MAX_LEN 32

/** Edits (insert, delete, replace, swap of neighbours) from @p a to @p b; NEAREST_MAX_LEN + 1 for
 * longer words. */
size_t nearest_distance(const char *a, const char *b);

/** Keep the better of two candidates: starts as NULL, offer each word, read *best at the end. */
struct nearest {
	const char *word; /**< What was typed. */
	const char *best; /**< Closest so far, or NULL. */
	size_t distance;  /**< Of best. */
};
void nearest_offer(struct nearest *n, const char *candidate);

/** @return best when it is close enough to be a slip of the hand, or NULL. */
const char *nearest_result(const struct nearest *n);

#endif
