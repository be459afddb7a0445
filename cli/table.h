/* SPDX-License-Identifier: Apache-2.0 */
/**
 * table.h - the vendor table of one run.
 */
#ifndef TCAUDIT_CLI_TABLE_H
#define TCAUDIT_CLI_TABLE_H

#include "analyzer/vendors.h"
#include "model/err.h"
#include "model/snapshot.h"

/** Most memory for a table and for an identification that only marks programs. */
#define TABLE_ARENA_BYTES ((size_t)256 << 20)

/** A table and everything it points to. */
struct vendor_table {
	struct arena arena;
	struct vendors vendors;
};

/**
 * Read a table.
 *
 * @param file of --vendors, or NULL: the built-in one.
 * @param ret  to be freed with table_done() either way.
 * @return 0; -ENOMEM; another negative errno for a file that is none or is wrong (status 2).
 */
ATTR_MUSTUSE int table_load(const char *file, struct vendor_table *ret, struct err *err);
void table_done(struct vendor_table *table);

/** Write the vendors of a sealed live snapshot into its programs, for `scan`. The ids point into
 *  the table. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int table_mark(const struct vendor_table *table, struct snapshot *snap);

#endif
