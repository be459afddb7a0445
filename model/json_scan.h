/* SPDX-License-Identifier: Apache-2.0 */
/**
 * json_scan.h - is it JSON (RFC 8259), and is it small enough to be parsed into a tree?
 */
#ifndef TCAUDIT_MODEL_JSON_SCAN_H
#define TCAUDIT_MODEL_JSON_SCAN_H

#include "model/err.h"

#include <stddef.h>

/**
 * Check a whole document without building anything.
 *
 * Stricter than cJSON, which takes raw control characters in texts, cuts texts at \\u0000 and
 * cannot say why it failed: after this check the only reason left is memory.
 *
 * @param max_values most values (members of objects count once, without their keys).
 * @return 0, -EBADMSG with the byte where it stops being JSON, or -EFBIG.
 */
ATTR_MUSTUSE int json_scan(const char *bytes, size_t len, size_t max_values, struct err *err);

#endif
