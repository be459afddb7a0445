/* SPDX-License-Identifier: Apache-2.0 */
/**
 * sink.h - where a rendered report goes: standard output, or a file that appears whole.
 */
#ifndef TCAUDIT_CLI_SINK_H
#define TCAUDIT_CLI_SINK_H

#include "model/err.h"
#include "model/out.h"

/** Fill @p o; its errors are remembered in @p o. */
typedef void sink_fn(void *arg, struct out *o);

/**
 * Run @p fn with an output to @p path.
 *
 * A regular file is written under a temporary name in the same folder and renamed at the end, a
 * link to one is followed; devices and pipes are written directly. NULL or "-" is standard output.
 *
 * @param color whether the writer may use colour.
 * @return 0, or a negative errno; then a regular file is as it was before.
 */
ATTR_MUSTUSE int sink_write(const char *path, bool color, sink_fn *fn, void *arg, struct err *err);

#endif
