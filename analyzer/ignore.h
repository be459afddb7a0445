/* SPDX-License-Identifier: Apache-2.0 */
/**
 * ignore.h - findings that somebody has looked at and accepted: the file of --ignore-file.
 *
 * Document: {"schema": "tcaudit.ignore/1", "ignore": [{"code", "vendor", "device", "reason",
 * "expires"}]}. A finding is suppressed when one row matches it: every member given must match.
 */
#ifndef TCAUDIT_ANALYZER_IGNORE_H
#define TCAUDIT_ANALYZER_IGNORE_H

#include "model/arena.h"
#include "model/attrs.h"
#include "model/err.h"
#include "model/findings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What the document's "schema" says. */
#define IGNORE_SCHEMA "tcaudit.ignore/1"

/** Most rows of one file: every finding is compared with each of them. */
#define IGNORE_MAX_ROWS 4096u

/** Most bytes of one file. */
#define IGNORE_MAX_BYTES ((size_t)1 << 20)

/** One row. At least one of code, vendor and device is there; a reason always is. */
struct ignore_row {
	const char *code;   /**< Of a rule that exists, or NULL: any. */
	const char *vendor; /**< Id, or NULL: any. */
	const char *device; /**< Glob of interface names, or NULL: any. */
	const char *reason;
	const char *expires; /**< "2026-12-31": the last day on which it holds; or NULL. */
};

struct ignore_list {
	const char *file; /**< Its name in messages. */
	const struct ignore_row *rows;
	uint32_t n;
};

/**
 * Check and read an ignore file. Unknown or repeated keys, codes that are no rule's, rows that
 * choose the same, patterns that are none (text_glob_ok()), dates that do not exist, reasons that
 * are empty: all are errors.
 *
 * @param file name for messages; kept. @param arena of everything that @p ret points to.
 * @return 0; -EBADMSG with "FILE: ignore[2].expires: ..." in @p err; -EFBIG; -ENOMEM.
 *         Then @p ret is untouched.
 */
ATTR_MUSTUSE int ignore_parse(const char *text, size_t len, const char *file, struct arena *arena,
                              struct ignore_list *ret, struct err *err);

/** Is the row out of date? @param today "YYYY-MM-DD", or NULL: never. */
bool ignore_expired(const struct ignore_row *row, const char *today);

/**
 * The row that suppresses a finding at one place. Rows out of date suppress nothing.
 *
 * @param vendor id, or NULL: not known. @param device name of the interface, or NULL: no place.
 * @return NULL: none does.
 */
const struct ignore_row *ignore_find(const struct ignore_list *list, const char *code,
                                     const char *vendor, const char *device, const char *today);

#endif
