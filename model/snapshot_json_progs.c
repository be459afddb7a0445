/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshot loader: programs, what they return, and the paths to it. */
#include "model/snapshot_json_rows.h"
#include "model/text.h"

#include <errno.h>

/** Rows of an array being filled, in the arena. */
struct filling {
	void *rows;
	uint32_t n;
	bool odd; /**< An element has a word that this version does not know. */
};

/** Room for every element of an array. @return 0, -EBADMSG, -ENOMEM. */
static int make_room(const struct json_at *at, const char *key, bool need, size_t row_bytes,
                     struct filling *ret)
{
	const cJSON *list = NULL;
	int r = json_get_array(at->obj, key, need, &list, at->path, at->err);
	size_t n = r == 0 && list ? (size_t)cJSON_GetArraySize(list) : 0;

	*ret = (struct filling){0};
	if (n > 0) {
		ret->rows = arena_alloc(at->arena, n * row_bytes);
		r = ret->rows ? 0 : json_no_memory(at);
	}
	return r;
}

static int read_step(const struct json_at *at, void *ctx)
{
	static const struct json_field fields[] = {
		{"prog_id", FIELD_U32, true, offsetof(struct verdict_step, prog_id), 1, 0},
		{"pc", FIELD_U32, true, offsetof(struct verdict_step, pc), 0, 0},
	};
	struct filling *steps = ctx;
	struct verdict_step *row = (struct verdict_step *)steps->rows + steps->n;
	const char *kind = NULL;
	int r = json_read_fields(at, fields, COUNT_OF(fields), row);

	if (r == 0) {
		r = json_get_text(at->obj, "kind", true, at->arena, &kind, at->path, at->err);
	}
	if (r < 0) {
		return r;
	}
	steps->odd = steps->odd || !verdict_step_from_word(kind, &row->kind);
	steps->n++;
	return 0;
}

static int read_path(const struct json_at *at, void *ctx)
{
	static const struct json_field fields[] = {
		{"cut", FIELD_BOOL, true, offsetof(struct verdict_path, cut), 0, 0},
		{"shared", FIELD_BOOL, false, offsetof(struct verdict_path, shared), 0, 0},
	};
	struct filling *paths = ctx;
	struct filling steps;
	struct verdict_path *row = (struct verdict_path *)paths->rows + paths->n;
	const char *code = NULL;
	int r = json_read_fields(at, fields, COUNT_OF(fields), row);

	if (r == 0) {
		r = json_get_text(at->obj, "code", true, at->arena, &code, at->path, at->err);
	}
	if (r == 0 && !code_from_word(code, &row->code)) {
		return json_bad_at(at, "code", "not the word of a return code");
	}
	if (r == 0) {
		r = make_room(at, "steps", true, sizeof(struct verdict_step), &steps);
	}
	if (r == 0) {
		r = json_each(at, "steps", true, read_step, &steps);
	}
	/* A path is an illustration: one with steps of a newer version is left out. */
	if (r == 0 && !steps.odd) {
		row->steps = steps.rows;
		row->n_steps = steps.n;
		paths->n++;
	}
	return r;
}

static int read_paths(const struct json_at *at, struct snap_returns *returns)
{
	struct filling paths;
	int r = make_room(at, "paths", false, sizeof(struct verdict_path), &paths);

	if (r == 0) {
		r = json_each(at, "paths", false, read_path, &paths);
	}
	if (r == 0) {
		returns->paths = paths.rows;
		returns->n_paths = paths.n;
	}
	return r;
}

static int read_returns(const struct json_at *at, struct snap_returns *returns)
{
	static const struct json_field fields[] = {
		{"exact", FIELD_BOOL, true, offsetof(struct snap_returns, exact), 0, 0},
		{"reason", FIELD_TEXT, false, offsetof(struct snap_returns, reason), 0, 0},
		{"pc", FIELD_U32, false, offsetof(struct snap_returns, pc), 0, 0},
		{"pc_prog", FIELD_U32, false, offsetof(struct snap_returns, pc_prog), 0, 0},
		{"same_as", FIELD_U32, false, offsetof(struct snap_returns, same_as), 0, 0},
	};
	const struct json_path path = {.up = at->path, .key = "returns"};
	struct json_at inside = {NULL, &path, at->arena, at->err};
	int r = json_get_object(at->obj, "returns", true, &inside.obj, at->path, at->err);

	if (r == 0) {
		r = json_read_fields(&inside, fields, COUNT_OF(fields), returns);
	}
	if (r == 0) {
		r = snapshot_read_codes(&inside, "codes", true, &returns->codes);
	}
	return r < 0 ? r : read_paths(&inside, returns);
}

int snapshot_read_prog(const struct json_at *at, void *ctx)
{
	static const struct json_field fields[] = {
		{"id", FIELD_U32, true, offsetof(struct snap_prog, id), 1, 0},
		{"name", FIELD_TEXT, false, offsetof(struct snap_prog, name), 0, 0},
		{"type", FIELD_TEXT, false, offsetof(struct snap_prog, type), 0, 0},
		{"tag", FIELD_TEXT, false, offsetof(struct snap_prog, tag), 0, 0},
		{"loaded_at", FIELD_TEXT, false, offsetof(struct snap_prog, loaded_at), 0, 0},
		{"uid", FIELD_U32, true, offsetof(struct snap_prog, uid), 0, 0},
		{"bytes_xlated", FIELD_U32, true, offsetof(struct snap_prog, bytes_xlated), 0, 0},
		{"vendor", FIELD_TEXT, false, offsetof(struct snap_prog, vendor), 0, 0},
	};
	struct snap_prog row = {0};
	int r = json_read_fields(at, fields, COUNT_OF(fields), &row);

	if (r == 0) {
		r = json_read_numbers(at, "map_ids", true, &row.map_ids, &row.n_map_ids);
	}
	if (r == 0) {
		r = json_read_numbers(at, "tail_calls", true, &row.tail_calls, &row.n_tail_calls);
	}
	if (r == 0) {
		r = read_returns(at, &row.returns);
	}
	if (r == 0 && snap_add_prog(ctx, &row, NULL) < 0) {
		r = json_no_memory(at);
	}
	return r;
}
