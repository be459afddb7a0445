/* SPDX-License-Identifier: Apache-2.0 */
/**
 * entry_text.h - one entry of a hook in words, for the text formats.
 *
 * The strings live in the arena that is handed in; NULL means that it is full. They may hold bytes
 * from outside: print them with out_term() or lines_*().
 */
#ifndef TCAUDIT_REPORTS_ENTRY_TEXT_H
#define TCAUDIT_REPORTS_ENTRY_TEXT_H

#include "model/arena.h"
#include "model/snapshot.h"
#include "reports/report.h"

/** The program's row, or NULL. */
const struct snap_prog *entry_prog(const struct snapshot *snap, const struct snap_entry *entry);

/** Its own name, its program's, or its kind; never NULL. Points into the snapshot. */
const char *entry_name(const struct snapshot *snap, const struct snap_entry *entry);

/** "cilium: NAME" where the findings know the vendor; else @p name, which may be NULL. */
ATTR_MUSTUSE const char *entry_vendor_name(struct arena *arena, const struct report *rep,
                                           const struct snap_entry *entry, const char *name);

/** "0x1", for u32 "800::800" as tc prints it. */
ATTR_MUSTUSE const char *entry_handle(struct arena *arena, const struct snap_entry *entry);

/** Where it stands in its hook: "pref 5 0x1", "pref 5 0x1 ip chain 3"; "-" for no filter. */
ATTR_MUSTUSE const char *entry_slot(struct arena *arena, const struct snap_entry *entry);

/** "returns ok, shot", "returns at most ok, shot", "returns unknown"; without a program its
 *  actions; "" when there is nothing to say. */
ATTR_MUSTUSE const char *entry_does(struct arena *arena, const struct snapshot *snap,
                                    const struct snap_entry *entry);

/** Actions in order: "mirred egress redirect to ifb0 (stolen), gact shot"; "" for none. */
ATTR_MUSTUSE const char *entry_actions(struct arena *arena, const struct snapshot *snap,
                                       const struct snap_entry *entry);

#endif
