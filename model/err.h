/* SPDX-License-Identifier: Apache-2.0 */
/**
 * err.h - one described failure, filled where it happens, printed only by cli/.
 */
#ifndef TCAUDIT_MODEL_ERR_H
#define TCAUDIT_MODEL_ERR_H

#include "model/attrs.h"

/** Longest description kept, with its NUL; longer ones are cut. */
#define ERR_TEXT_BYTES 512

/** What went wrong, once. Zero-initialised means: nothing. */
struct err {
	int code;                  /**< Negative errno, 0 when nothing failed. */
	char text[ERR_TEXT_BYTES]; /**< What was being done, to what, and why it failed. */
};

/**
 * Describe a failure. Keeps the first description: a later call changes nothing.
 *
 * @param err  where to; NULL is allowed and only gives the code back.
 * @param code negative errno.
 * @return @p code, so that callers write `return err_set(err, -EBADMSG, "...")`.
 */
int err_set(struct err *err, int code, const char *fmt, ...) ATTR_PRINTF(3, 4);

#endif
