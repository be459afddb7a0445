/* SPDX-License-Identifier: Apache-2.0 */
/**
 * attrs.h - compiler attributes and small helpers that every layer uses.
 */
#ifndef TCAUDIT_MODEL_ATTRS_H
#define TCAUDIT_MODEL_ATTRS_H

#include <stddef.h>

/** The result says whether the call worked; ignoring it needs a cast to void. */
#define ATTR_MUSTUSE __attribute__((warn_unused_result))

/** printf-like: format string is parameter @p fmt, first argument is parameter @p first. */
#define ATTR_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/** Number of elements of an array (not of a pointer). */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
