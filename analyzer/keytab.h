/* SPDX-License-Identifier: Apache-2.0 */
/**
 * keytab.h - 64-bit key to table index, so that grouping stays linear.
 */
#ifndef TCAUDIT_ANALYZER_KEYTAB_H
#define TCAUDIT_ANALYZER_KEYTAB_H

#include "model/arena.h"
#include "model/attrs.h"

#include <stdint.h>

/** One key; unused while row is 0. */
struct keytab_slot {
	uint64_t key;
	uint32_t row; /**< Index + 1. */
};

/** Open addressing; zero-initialised plus an arena is ready to use. */
struct keytab {
	struct arena *arena; /**< Slots live and die here. */
	struct keytab_slot *slots;
	uint32_t n;
	uint32_t cap; /**< A power of two, or 0. */
};

/** @return the index stored for @p key, or SNAP_NONE. */
uint32_t keytab_find(const struct keytab *tab, uint64_t key);

/**
 * Store @p row, less than SNAP_NONE, for a key that is not there yet.
 *
 * @return 0, or -ENOMEM; then nothing changed.
 */
ATTR_MUSTUSE int keytab_put(struct keytab *tab, uint64_t key, uint32_t row);

#endif
