/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshot loader: the document, and what it says of node, Agent and coverage. */
#include "model/snapshot_json.h"
#include "model/snapshot_json_rows.h"
#include "model/snapshot_rows.h"
#include "model/text.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** Digits of a major version that are looked at. */
#define MAX_MAJOR_DIGITS 6

/** The number behind the slash; 0 for anything else. */
static long major_of(const char *schema)
{
	const char *digits = schema + sizeof(SNAPSHOT_SCHEMA);
	size_t n = strspn(digits, "0123456789");

	return n > 0 && n <= MAX_MAJOR_DIGITS && digits[n] == '\0' ? strtol(digits, NULL, 10) : 0;
}

/** Is it a snapshot, and one that this version can read? */
static int check_schema(const struct json_at *at)
{
	const char *schema = NULL;
	int r = json_get_text(at->obj, "schema", true, at->arena, &schema, at->path, at->err);

	if (r < 0) {
		return r;
	}
	if (text_starts(schema, "tcaudit.report/")) {
		return err_set(at->err, -EBADMSG,
		               "this is a report (%.64s), not a snapshot: save one with "
		               "`tcaudit scan -f json`",
		               schema);
	}

	long major = text_starts(schema, SNAPSHOT_SCHEMA "/") ? major_of(schema) : 0;

	if (major > SNAPSHOT_SCHEMA_MAJOR) {
		return err_set(at->err, -EPROTONOSUPPORT,
		               "%.64s is newer than this version reads (%d)", schema,
		               SNAPSHOT_SCHEMA_MAJOR);
	}
	if (major != SNAPSHOT_SCHEMA_MAJOR) {
		return err_set(at->err, -EBADMSG, "schema: \"%.64s\" is not %s/%d", schema,
		               SNAPSHOT_SCHEMA, SNAPSHOT_SCHEMA_MAJOR);
	}
	return 0;
}

/** Read members of a member that must be an object. */
static int read_inside(const struct json_at *at, const char *key, const struct json_field fields[],
                       size_t n, void *row)
{
	const struct json_path path = {.up = at->path, .key = key};
	const cJSON *obj = NULL;
	int r = json_get_object(at->obj, key, true, &obj, at->path, at->err);

	if (r < 0) {
		return r;
	}
	return json_read_fields(&(struct json_at){obj, &path, at->arena, at->err}, fields, n, row);
}

static int read_head(const struct json_at *at, struct snapshot *snap)
{
	static const struct json_field tool[] = {
		{"version", FIELD_TEXT, true, offsetof(struct snapshot, tool_version), 0, 0},
	};
	static const struct json_field top[] = {
		{"taken_at", FIELD_TEXT, false, offsetof(struct snapshot, taken_at), 0, 0},
	};
	static const struct json_field node[] = {
		{"hostname", FIELD_TEXT, false, offsetof(struct snapshot, hostname), 0, 0},
		{"kernel", FIELD_TEXT, false, offsetof(struct snapshot, kernel), 0, 0},
		{"arch", FIELD_TEXT, false, offsetof(struct snapshot, arch), 0, 0},
		{"boot_id", FIELD_TEXT, false, offsetof(struct snapshot, boot_id), 0, 0},
		{"host_netns", FIELD_U64, false, offsetof(struct snapshot, host_netns), 0, 0},
	};
	static const struct json_field features[] = {
		{"tcx", FIELD_BOOL, true, offsetof(struct snapshot, has_tcx), 0, 0},
		{"netkit", FIELD_BOOL, true, offsetof(struct snapshot, has_netkit), 0, 0},
	};
	int r = read_inside(at, "tool", tool, COUNT_OF(tool), snap);

	if (r == 0) {
		r = json_read_fields(at, top, COUNT_OF(top), snap);
	}
	if (r == 0) {
		r = read_inside(at, "node", node, COUNT_OF(node), snap);
	}
	return r < 0 ? r : read_inside(at, "features", features, COUNT_OF(features), snap);
}

/** One setting of the Agent, into the next place of its list. */
static int read_setting(const struct json_at *at, void *ctx)
{
	static const struct json_field fields[] = {
		{"key", FIELD_TEXT, true, offsetof(struct snap_config, key), 0, 0},
		{"value", FIELD_TEXT, false, offsetof(struct snap_config, value), 0, 0},
		{"source", FIELD_TEXT, false, offsetof(struct snap_config, source), 0, 0},
		{"where", FIELD_TEXT, false, offsetof(struct snap_config, where), 0, 0},
	};
	struct snap_agent *agent = ctx;

	return json_read_fields(at, fields, COUNT_OF(fields), &agent->config[agent->n_config++]);
}

static int read_agent(const struct json_at *at, struct snapshot *snap)
{
	static const struct json_field fields[] = {
		{"running", FIELD_BOOL, true, offsetof(struct snap_agent, running), 0, 0},
		{"version", FIELD_TEXT, false, offsetof(struct snap_agent, version), 0, 0},
	};
	const struct json_path path = {.up = at->path, .key = "agent"};
	struct json_at inside = {NULL, &path, at->arena, at->err};
	struct snap_agent *agent = &snap->agent;
	const cJSON *config = NULL;
	int r = json_get_object(at->obj, "agent", false, &inside.obj, at->path, at->err);

	if (r < 0 || !inside.obj) {
		return r;
	}
	agent->present = true;
	r = json_read_fields(&inside, fields, COUNT_OF(fields), agent);
	if (r == 0) {
		r = json_get_array(inside.obj, "config", false, &config, &path, at->err);
	}
	if (r < 0) {
		return r;
	}

	size_t n = config ? (size_t)cJSON_GetArraySize(config) : 0;

	if (!config) {
		snap->facets &= ~(uint32_t)FACET_AGENT; /* null: not read */
	}
	agent->config = n > 0 ? arena_alloc(at->arena, n * sizeof(*agent->config)) : NULL;
	if (n > 0 && !agent->config) {
		return json_no_memory(at);
	}
	return json_each(&inside, "config", false, read_setting, agent);
}

static int read_gap(const struct json_at *at, void *ctx)
{
	static const struct json_field fields[] = {
		{"kind", FIELD_TEXT, true, offsetof(struct snap_gap, word), 0, 0},
		{"where", FIELD_TEXT, false, offsetof(struct snap_gap, where), 0, 0},
		{"error", FIELD_TEXT, false, offsetof(struct snap_gap, error), 0, 0},
		{"hint", FIELD_TEXT, false, offsetof(struct snap_gap, hint), 0, 0},
	};
	struct snap_gap row = {.kind = GAP_FROM_FILE};
	int r = json_read_fields(at, fields, COUNT_OF(fields), &row);

	if (r < 0) {
		return r;
	}
	if (gap_kind_from_word(row.word, &row.kind)) {
		row.word = gap_kind_word(row.kind);
	}
	if (!row.hint) {
		row.hint = gap_kind_hint(row.kind);
	}
	/* sealing clears the facets of all gaps */
	return snap_add_gap_row(ctx, &row, NULL) < 0 ? json_no_memory(at) : 0;
}

static int read_coverage(const struct json_at *at, struct snapshot *snap)
{
	static const struct json_field fields[] = {
		{"namespaces_found", FIELD_U32, true, offsetof(struct snapshot, namespaces_found),
	         0, 0},
		{"namespaces_read", FIELD_U32, true, offsetof(struct snapshot, namespaces_read), 0,
	         0},
		{"links_read", FIELD_U32, true, offsetof(struct snapshot, links_read), 0, 0},
	};
	const struct json_path path = {.up = at->path, .key = "coverage"};
	struct json_at inside = {NULL, &path, at->arena, at->err};
	bool complete = false;
	int r = json_get_object(at->obj, "coverage", true, &inside.obj, at->path, at->err);

	if (r == 0) {
		r = json_read_fields(&inside, fields, COUNT_OF(fields), snap);
	}
	if (r == 0) {
		r = json_get_bool(inside.obj, "complete", true, &complete, &path, at->err);
	}
	if (r == 0) {
		r = json_each(&inside, "gaps", true, read_gap, snap);
	}
	if (r == 0 && complete != (snap->n_gaps == 0)) {
		return json_bad_at(&inside, "complete", "contradicts the list of gaps");
	}
	return r;
}

static int read_document(const struct json_at *at, struct snapshot *snap)
{
	int r = cJSON_IsObject(at->obj) ? check_schema(at)
	                                : json_bad_at(at, NULL, "not an object, so not a snapshot");

	if (r == 0) {
		r = read_head(at, snap);
	}
	if (r == 0) {
		r = read_agent(at, snap);
	}
	if (r == 0) {
		r = read_coverage(at, snap);
	}
	if (r == 0) {
		r = json_each(at, "namespaces", true, snapshot_read_netns, snap);
	}
	if (r == 0) {
		r = json_each(at, "programs", true, snapshot_read_prog, snap);
	}
	if (r == 0) {
		r = json_each(at, "maps", false, snapshot_read_map, snap);
	}
	return r < 0 ? r : snapshot_read_host(at, snap);
}

int snapshot_read_json(const char *bytes, size_t len, struct snapshot *snap, struct err *err)
{
	struct err own = {0};
	struct err *to = err ? err : &own;

	assert(!snap->sealed && snap->n_netns == 0);
	cJSON *root = json_parse(bytes, len, to);

	if (!root) {
		return to->code;
	}

	int r = read_document(&(struct json_at){root, NULL, &snap->arena, to}, snap);

	cJSON_Delete(root);
	return r < 0 ? r : snap_seal(snap, to);
}
