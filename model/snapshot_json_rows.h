/* SPDX-License-Identifier: Apache-2.0 */
/**
 * snapshot_json_rows.h - the parts of the snapshot loader, one for each table of the document.
 */
#ifndef TCAUDIT_MODEL_SNAPSHOT_JSON_ROWS_H
#define TCAUDIT_MODEL_SNAPSHOT_JSON_ROWS_H

#include "model/json_fields.h"
#include "model/snapshot.h"

/** One element of "namespaces" with all below it; @p ctx is the struct snapshot. */
json_each_fn snapshot_read_netns;

/** One element of "programs"; @p ctx is the struct snapshot. */
json_each_fn snapshot_read_prog;

/** One element of "maps"; @p ctx is the struct snapshot. */
json_each_fn snapshot_read_map;

/**
 * "pins" and "processes" of the document @p at. Where one is absent (an older file) or null, what
 * it would say is not known: its facet is not whole, and without processes that of the Agent
 * neither.
 *
 * @return 0, -EBADMSG, -ENOMEM.
 */
ATTR_MUSTUSE int snapshot_read_host(const struct json_at *at, struct snapshot *snap);

/** One element of "hooks"; @p ctx is a struct hook_place. */
json_each_fn snapshot_read_hook;

/** Whose hooks are being read. */
struct hook_place {
	struct snapshot *snap;
	uint32_t link;
};

/** An array of words of codes. @return 0, -EBADMSG. */
ATTR_MUSTUSE int snapshot_read_codes(const struct json_at *at, const char *key, bool need,
                                     uint32_t *ret);

#endif
