/* SPDX-License-Identifier: Apache-2.0 */
/**
 * lines.h - laying text out for a terminal: indents, padded cells, wrapped paragraphs.
 *
 * Everything given here as text may come from outside and leaves through out_term().
 */
#ifndef TCAUDIT_REPORTS_LINES_H
#define TCAUDIT_REPORTS_LINES_H

#include "model/out.h"
#include "reports/report.h"

#include <stdint.h>

/** Width when the caller does not know the terminal's, and the least that is laid out for. */
#define LINES_DEFAULT_COLUMNS 100u
#define LINES_MIN_COLUMNS     40u

/** Columns to lay @p rep out for. */
uint32_t lines_width(const struct report *rep);

void lines_indent(struct out *o, uint32_t columns);

/** Print @p text and spaces up to @p columns; nothing is cut. */
void lines_pad(struct out *o, const char *text, uint32_t columns);

/** The same in a style. */
void lines_pad_styled(struct out *o, enum out_style style, const char *text, uint32_t columns);

/**
 * Print a paragraph and a line end. The cursor stands in column @p indent already; further lines
 * begin there. Breaks at spaces only, so that a name is never torn.
 */
void lines_wrap(struct out *o, uint32_t indent, uint32_t width, const char *text);

/** Writes one line, without its end, from what @p ctx points to. */
typedef void line_fn(const void *ctx, struct out *o);

/** Let @p line write, and wrap what it wrote like lines_wrap(). Without memory o->error is set. */
void lines_wrap_made(struct out *o, uint32_t indent, uint32_t width, line_fn *line,
                     const void *ctx);

/** "1 link", "2 links": @p plural is the singular plus "s" when NULL. */
void lines_count(struct out *o, uint64_t n, const char *one, const char *plural);

/** Words of a CODE_BIT set behind @p lead, with commas between; nothing for the empty set. */
void lines_codes(struct out *o, const char *lead, uint32_t codes);

/** A heading on a line of its own, after an empty line. */
void lines_heading(struct out *o, const char *text);

#endif
