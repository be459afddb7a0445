/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshot loader: maps, and what the node showed besides: pins and processes. */
#include "model/snapshot_json_rows.h"

#include <errno.h>

int snapshot_read_map(const struct json_at *at, void *ctx)
{
	static const struct json_field fields[] = {
		{"id", FIELD_U32, true, offsetof(struct snap_map, id), 1, 0},
		{"name", FIELD_TEXT, false, offsetof(struct snap_map, name), 0, 0},
		{"type", FIELD_TEXT, false, offsetof(struct snap_map, type), 0, 0},
	};
	struct snap_map row = {0};
	int r = json_read_fields(at, fields, COUNT_OF(fields), &row);

	if (r == 0 && snap_add_map(ctx, &row, NULL) < 0) {
		r = json_no_memory(at);
	}
	return r;
}

/** A kind of a newer version: left out, and said so. */
static int skip_pin(const struct json_at *at, struct snapshot *snap, const char *path,
                    const char *kind)
{
	const char *error = arena_printf(at->arena, "kind \"%s\" is of a newer version", kind);

	if (!error || snap_add_gap(snap, GAP_PINS_UNREADABLE, path, error) < 0) {
		return json_no_memory(at);
	}
	return 0;
}

static int read_pin(const struct json_at *at, void *ctx)
{
	static const struct json_field fields[] = {
		{"path", FIELD_TEXT, true, offsetof(struct snap_pin, path), 0, 0},
		{"id", FIELD_U32, true, offsetof(struct snap_pin, id), 1, 0},
	};
	struct snap_pin row = {0};
	const char *kind = NULL;
	int r = json_read_fields(at, fields, COUNT_OF(fields), &row);

	if (r == 0) {
		r = json_get_text(at->obj, "kind", true, at->arena, &kind, at->path, at->err);
	}
	if (r < 0) {
		return r;
	}
	if (!pin_kind_from_word(kind, &row.kind)) {
		return skip_pin(at, ctx, row.path, kind);
	}
	return snap_add_pin(ctx, &row, NULL) < 0 ? json_no_memory(at) : 0;
}

static int read_process(const struct json_at *at, void *ctx)
{
	static const struct json_field fields[] = {
		{"pid", FIELD_U32, true, offsetof(struct snap_process, pid), 1, 0},
		{"comm", FIELD_TEXT, true, offsetof(struct snap_process, comm), 0, 0},
		{"container", FIELD_TEXT, false, offsetof(struct snap_process, container), 0, 0},
		{"pod_uid", FIELD_TEXT, false, offsetof(struct snap_process, pod_uid), 0, 0},
		{"netns", FIELD_U64, false, offsetof(struct snap_process, netns), 0, 0},
		{"version", FIELD_TEXT, false, offsetof(struct snap_process, version), 0, 0},
	};
	struct snap_process row = {0};
	int r = json_read_fields(at, fields, COUNT_OF(fields), &row);

	if (r == 0 && snap_add_process(ctx, &row, NULL) < 0) {
		r = json_no_memory(at);
	}
	return r;
}

/** A table that may be unknown; then @p facets are not whole. */
static int read_table(const struct json_at *at, const char *key, uint32_t facets, json_each_fn *fn,
                      struct snapshot *snap)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(at->obj, key);

	if (!list || cJSON_IsNull(list)) {
		snap->facets &= ~facets;
	}
	return json_each(at, key, false, fn, snap);
}

int snapshot_read_host(const struct json_at *at, struct snapshot *snap)
{
	int r = read_table(at, "pins", FACET_PINS, read_pin, snap);

	return r < 0 ? r
	             : read_table(at, "processes", FACET_PROCESSES | FACET_AGENT, read_process,
	                          snap);
}
