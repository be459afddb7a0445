/* SPDX-License-Identifier: Apache-2.0 */
/**
 * pattern.h - names of programs, filters, maps, pins and interfaces by pattern.
 *
 * `*` any bytes, `?` one byte, `#` a number (one digit or more), `%` the name of the interface in
 * question, `{a,b}` one of these (not nested), `\` takes away the meaning of the next byte. Not
 * regular expressions, on purpose: a pattern from a file has a fixed size, needs no freeing, and
 * costs at most its length times that of the subject.
 */
#ifndef TCAUDIT_ANALYZER_PATTERN_H
#define TCAUDIT_ANALYZER_PATTERN_H

#include "model/arena.h"
#include "model/attrs.h"

#include <stdbool.h>

/** Longest pattern, and longest subject; a longer subject matches nothing. */
#define PATTERN_MAX_BYTES   192
#define PATTERN_MAX_SUBJECT 255

/** A pattern ready to be matched. */
struct pattern;

/**
 * Read a pattern.
 *
 * @param ret the pattern in @p arena; NULL at its limit.
 * @return NULL, or what is wrong with @p text: static.
 */
ATTR_MUSTUSE const char *pattern_read(const char *text, struct arena *arena,
                                      const struct pattern **ret);

/** The text it was read from. */
const char *pattern_text(const struct pattern *pattern);

/**
 * Does the whole subject fit?
 *
 * @param subject NULL never does. @param device what `%` stands for; NULL or "": nothing fits it.
 * @param cut the subject is only the beginning of a name: so may be what fits.
 */
bool pattern_fits(const struct pattern *pattern, const char *subject, const char *device, bool cut);

#endif
