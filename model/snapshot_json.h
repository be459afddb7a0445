/* SPDX-License-Identifier: Apache-2.0 */
/**
 * snapshot_json.h - the snapshot as a file: design.md section 4, "tcaudit.snapshot/1".
 *
 * Bytes in, bytes out: the caller opens, reads and writes. Written with one namespace and one
 * program on a line each, so that memory stays bounded and a line-wise diff is useful.
 */
#ifndef TCAUDIT_MODEL_SNAPSHOT_JSON_H
#define TCAUDIT_MODEL_SNAPSHOT_JSON_H

#include "model/err.h"
#include "model/out.h"
#include "model/snapshot.h"

/** Schema word without its version, and the major version this code writes and reads. */
#define SNAPSHOT_SCHEMA       "tcaudit.snapshot"
#define SNAPSHOT_SCHEMA_MAJOR 1

/** Write a sealed snapshot. @return 0, or -ENOMEM; errors of the sink stay in @p o. */
ATTR_MUSTUSE int snapshot_write_json(const struct snapshot *snap, struct out *o);

/**
 * Read a snapshot and seal it.
 *
 * @param snap initialised by the caller with snap_init(); to be freed by the caller either way.
 * @return 0; -EBADMSG: not such a document, or it contradicts itself; -EPROTONOSUPPORT: a newer
 *         major version; -EFBIG; -ENOMEM. @p err says where.
 */
ATTR_MUSTUSE int snapshot_read_json(const char *bytes, size_t len, struct snapshot *snap,
                                    struct err *err);

#endif
