/* SPDX-License-Identifier: Apache-2.0 */
/**
 * suppress.h - which findings do not count: by --only and --skip, and by the rows of --ignore-file.
 *
 * Rows of the file apply to places while findings are written, so that one finding on twenty
 * interfaces of which three are accepted becomes an open row of seventeen and a suppressed one of
 * three. Nothing here touches the solver: what is accepted still hides packets.
 */
#ifndef TCAUDIT_ANALYZER_SUPPRESS_H
#define TCAUDIT_ANALYZER_SUPPRESS_H

#include "analyzer/emit.h"
#include "analyzer/ignore.h"
#include "model/attrs.h"
#include "model/findings.h"

/** The row of the ignore file that covers a finding at its subject's place, or NULL. */
const struct ignore_row *suppress_find(const struct context *ctx, const char *code,
                                       const struct subject *subject);

/** What equal findings have in common that @p row (NULL: none) suppresses. */
uint64_t suppress_key(const struct context *ctx, uint64_t fingerprint,
                      const struct ignore_row *row);

/** "reason (until 2026-12-31)". @return NULL without memory. */
const char *suppress_reason(const struct ignore_row *row, struct arena *arena);

/** Take what --only and --skip leave out off the count. */
void suppress_by_options(const struct analyze_options *opts, struct findings *ret);

/** Name the rows that hold no longer, in ret->expired. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int suppress_list_expired(const struct analyze_options *opts, struct findings *ret);

#endif
