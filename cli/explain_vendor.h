/* SPDX-License-Identifier: Apache-2.0 */
/**
 * explain_vendor.h - `tcaudit explain --vendor`: the vendor table for people.
 */
#ifndef TCAUDIT_CLI_EXPLAIN_VENDOR_H
#define TCAUDIT_CLI_EXPLAIN_VENDOR_H

#include "analyzer/vendors.h"
#include "model/err.h"
#include "model/out.h"

#include <stdint.h>

/** The word of --vendor that stands for all of them. */
#define EXPLAIN_VENDOR_LIST "list"

/**
 * Find what --vendor names: an id, whatever the case, or the list.
 *
 * @param ret the vendor; NULL for the list.
 * @return 0, or -EINVAL with the nearest id in @p err.
 */
ATTR_MUSTUSE int explain_vendor_find(const struct vendors *table, const char *word,
                                     const struct vendor **ret, struct err *err);

/** Write the page of a vendor, or with NULL the list. @param columns of the terminal, 0: 80.
 *  Without memory o->error is set. */
void explain_vendor_write(const struct vendors *table, const struct vendor *vendor,
                          uint32_t columns, struct out *o);

#endif
