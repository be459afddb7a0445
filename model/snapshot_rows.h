/* SPDX-License-Identifier: Apache-2.0 */
/**
 * snapshot_rows.h - what the files of the snapshot share and nobody else needs.
 */
#ifndef TCAUDIT_MODEL_SNAPSHOT_ROWS_H
#define TCAUDIT_MODEL_SNAPSHOT_ROWS_H

#include "model/snapshot.h"

/** Append a gap as it is, facets untouched; strings live in the arena. @return as snap_add_*. */
ATTR_MUSTUSE int snap_add_gap_row(struct snapshot *snap, const struct snap_gap *row,
                                  uint32_t *ret_idx);

/** Order of gaps: kind, word, where, error. Zero: one of the two says nothing new. */
int snap_gap_cmp(const struct snap_gap *a, const struct snap_gap *b);

/** The hook holds filters of tc, with pref, handle, chain and protocol (not TCX, netkit, XDP). */
bool snap_hook_has_filters(enum hook_type type);

/**
 * Give rows and values that can be spelled in several ways one spelling; lists and names get
 * sorted. @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int snap_normalise(struct snapshot *snap);

#endif
