/* SPDX-License-Identifier: Apache-2.0 */
/**
 * vendors_fields.h - members of the vendor table's document, each checked as it is read.
 *
 * Between vendors_fields.c and vendors_read.c. Every reader leaves @p ret untouched where the
 * member is absent, and returns 0, -EBADMSG (described with its path) or -ENOMEM.
 */
#ifndef TCAUDIT_ANALYZER_VENDORS_FIELDS_H
#define TCAUDIT_ANALYZER_VENDORS_FIELDS_H

#include "analyzer/vendors_match.h"
#include "model/json_fields.h"

/** Bounds of a table, each far above what one needs. */
#define MAX_VENDORS       256u
#define MAX_ROWS          64u /**< Of one kind, of one vendor. */
#define MAX_ID_BYTES      32u
#define MAX_NAME_BYTES    80u
#define MAX_TEXT_BYTES    600u
#define MAX_PASTE_BYTES   1000u /**< The only text that may have lines. */
#define MAX_PROCESS_BYTES 15u   /**< The kernel's TASK_COMM_LEN less its NUL. */

/** A word and what it stands for. */
struct field_word {
	const char *word;
	uint32_t value;
};

/** Text that can be shown: not empty, at most @p max bytes, no control characters. */
ATTR_MUSTUSE int field_text(const struct json_at *at, const char *key, bool need, size_t max,
                            const char **ret);
ATTR_MUSTUSE int field_bool(const struct json_at *at, const char *key, bool *ret);
/** One of the words; it has to be there. */
ATTR_MUSTUSE int field_word(const struct json_at *at, const char *key,
                            const struct field_word words[], size_t n, uint32_t *ret);
ATTR_MUSTUSE int field_pattern(const struct json_at *at, const char *key,
                               const struct pattern **ret);
/** A list of texts. */
ATTR_MUSTUSE int field_list(const struct json_at *at, const char *key, size_t max,
                            const char *const **ret, uint32_t *ret_n);
/** A list of words as the set of their values. @param words NULL: words of hooks. */
ATTR_MUSTUSE int field_set(const struct json_at *at, const char *key,
                           const struct field_word words[], size_t n, uint32_t *ret);
/** A list of return codes. */
ATTR_MUSTUSE int field_codes(const struct json_at *at, const char *key, uint32_t *ret);
/** "since" and "before". */
ATTR_MUSTUSE int field_range(const struct json_at *at, struct release_range *ret);
/** The same, and "hooks". */
ATTR_MUSTUSE int field_when(const struct json_at *at, struct vendor_when *ret);
/** A number, or a list of the smallest and the largest one. */
ATTR_MUSTUSE int field_span(const struct json_at *at, const char *key, struct vendor_span *ret);

/** Reads one row of a list into @p row, which is zeroed. */
typedef int row_fn(const struct json_at *at, void *row);

/** A list of rows of one kind. */
struct row_list {
	char *rows; /**< Arena. */
	size_t row_bytes;
	uint32_t n;
	row_fn *read;
};

/** A list of at most @p max objects. @return also what the reader returns. */
ATTR_MUSTUSE int field_rows(const struct json_at *at, const char *key, uint32_t max,
                            struct row_list *list);

#endif
