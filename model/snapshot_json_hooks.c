/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshot loader: hooks, entries, actions. */
#include "model/snapshot_json_rows.h"
#include "model/snapshot_rows.h"
#include "model/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

int snapshot_read_codes(const struct json_at *at, const char *key, bool need, uint32_t *ret)
{
	const struct json_path list_path = {.up = at->path, .key = key};
	struct json_path path = {.up = &list_path};
	const cJSON *list = NULL;
	const cJSON *item = NULL;
	int r = json_get_array(at->obj, key, need, &list, at->path, at->err);
	uint32_t codes = 0;

	if (r < 0) {
		return r;
	}
	cJSON_ArrayForEach (item, list) {
		enum code code = CODE_OTHER;

		if (!cJSON_IsString(item) || !code_from_word(item->valuestring, &code)) {
			return json_bad(&path, NULL, "not the word of a return code", at->err);
		}
		codes |= CODE_BIT(code);
		path.index++;
	}
	*ret = codes;
	return 0;
}

/** A row of a table and the snapshot it goes to. */
struct row_place {
	struct snapshot *snap;
	uint32_t parent;
};

static int read_action(const struct json_at *at, void *ctx)
{
	static const struct json_field fields[] = {
		{"order", FIELD_U32, true, offsetof(struct snap_action, order), 0, 0},
		{"kind", FIELD_TEXT, true, offsetof(struct snap_action, kind), 0, 0},
		{"index", FIELD_U32, true, offsetof(struct snap_action, index), 0, 0},
		{"control_arg", FIELD_U32, false, offsetof(struct snap_action, control_arg), 0, 0},
		{"op", FIELD_TEXT, false, offsetof(struct snap_action, op), 0, 0},
		{"direction", FIELD_TEXT, false, offsetof(struct snap_action, direction), 0, 0},
		{"target_ifindex", FIELD_U32, false, offsetof(struct snap_action, target_ifindex),
	         0, 0},
		{"target_block", FIELD_U32, false, offsetof(struct snap_action, target_block), 0,
	         0},
		{"prog_id", FIELD_U32, false, offsetof(struct snap_action, prog_id), 0, 0},
	};
	const struct row_place *place = ctx;
	struct snap_action row = {.entry = place->parent, .control = ACT_UNKNOWN};
	const char *control = NULL;
	int r = json_read_fields(at, fields, COUNT_OF(fields), &row);

	if (r == 0) {
		r = json_get_text(at->obj, "control", true, at->arena, &control, at->path, at->err);
	}
	if (r < 0) {
		return r;
	}
	/* a word of a newer version is what ACT_UNKNOWN stands for */
	(void)act_control_from_word(control, &row.control);
	return snap_add_action(place->snap, &row, NULL) < 0 ? json_no_memory(at) : 0;
}

/** pref, handle, chain, protocol and the hardware flags, of filters alone. */
static int read_filter(const struct json_at *at, struct snap_entry *row)
{
	static const struct json_field fields[] = {
		{"pref", FIELD_U32, true, offsetof(struct snap_entry, pref), 0, UINT16_MAX},
		{"handle", FIELD_U32, true, offsetof(struct snap_entry, handle), 0, 0},
		{"chain", FIELD_U32, true, offsetof(struct snap_entry, chain), 0, 0},
		{"skip_sw", FIELD_BOOL, false, offsetof(struct snap_entry, skip_sw), 0, 0},
		{"skip_hw", FIELD_BOOL, false, offsetof(struct snap_entry, skip_hw), 0, 0},
		{"in_hw", FIELD_BOOL, false, offsetof(struct snap_entry, in_hw), 0, 0},
	};
	const char *protocol = NULL;
	int r = json_read_fields(at, fields, COUNT_OF(fields), row);

	if (r == 0) {
		r = json_get_text(at->obj, "protocol", true, at->arena, &protocol, at->path,
		                  at->err);
	}
	if (r < 0) {
		return r;
	}
	if (!protocol_from_word(protocol, &row->protocol)) {
		return json_bad_at(at, "protocol",
		                   "neither the word of a protocol nor a hexadecimal number");
	}
	return 0;
}

/** An attached program with a priority is no attached program. */
static int refuse_filter(const struct json_at *at)
{
	static const char *const keys[] = {"pref", "handle", "chain", "protocol"};

	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(at->obj, keys[i]);

		if (item && !cJSON_IsNull(item)) {
			return json_bad_at(at, keys[i], "must be null on a hook without filters");
		}
	}
	return 0;
}

static int read_match(const struct json_at *at, enum snap_match *ret)
{
	const char *word = NULL;
	int r = json_get_text(at->obj, "match", false, at->arena, &word, at->path, at->err);

	if (r < 0 || !word) {
		return r;
	}
	if (!text_eq(word, "all") && !text_eq(word, "some")) {
		return json_bad_at(at, "match", "neither \"all\" nor \"some\" nor null");
	}
	*ret = text_eq(word, "all") ? MATCH_ALL : MATCH_SOME;
	return 0;
}

static int read_entry_row(const struct json_at *at, struct snap_entry *row)
{
	static const struct json_field fields[] = {
		{"order", FIELD_U32, true, offsetof(struct snap_entry, order), 0, 0},
		{"kind", FIELD_TEXT, true, offsetof(struct snap_entry, kind), 0, 0},
		{"direct_action", FIELD_BOOL, false, offsetof(struct snap_entry, direct_action), 0,
	         0},
		{"classid", FIELD_U32, false, offsetof(struct snap_entry, classid), 0, 0},
		{"name", FIELD_TEXT, false, offsetof(struct snap_entry, name), 0, 0},
		{"tag", FIELD_TEXT, false, offsetof(struct snap_entry, tag), 0, 0},
		{"prog_id", FIELD_U32, false, offsetof(struct snap_entry, prog_id), 0, 0},
		{"link_id", FIELD_U32, false, offsetof(struct snap_entry, link_id), 0, 0},
		{"mode", FIELD_TEXT, false, offsetof(struct snap_entry, mode), 0, 0},
		{"classic", FIELD_TEXT, false, offsetof(struct snap_entry, classic), 0, 0},
	};
	int r = json_read_fields(at, fields, COUNT_OF(fields), row);

	if (r == 0) {
		r = read_match(at, &row->match);
	}
	if (r == 0) {
		r = snapshot_read_codes(at, "classic_codes", false, &row->classic_codes);
	}
	if (r < 0) {
		return r;
	}
	return row->is_filter ? read_filter(at, row) : refuse_filter(at);
}

static int read_entry(const struct json_at *at, void *ctx)
{
	const struct row_place *place = ctx;
	struct row_place inside = {.snap = place->snap};
	struct snap_entry row = {.hook = place->parent};
	int r = 0;

	row.is_filter = snap_hook_has_filters(place->snap->hooks[place->parent].type);
	r = read_entry_row(at, &row);
	if (r < 0) {
		return r;
	}
	if (snap_add_entry(place->snap, &row, &inside.parent) < 0) {
		return json_no_memory(at);
	}
	return json_each(at, "actions", true, read_action, &inside);
}

/** A hook that this version has no word for is left out, and says so. */
static int skip_hook(const struct json_at *at, const struct hook_place *place, const char *word)
{
	const struct snap_link *link = &place->snap->links[place->link];
	const char *where = arena_printf(at->arena, "namespace inode %" PRIu64 ", link %s",
	                                 place->snap->netns[link->netns].inode, link->name);
	const char *error =
		arena_printf(at->arena, "hook \"%s\" is not known to this version", word);

	if (!where || !error || snap_add_gap(place->snap, GAP_FROM_FILE, where, error) < 0) {
		return json_no_memory(at);
	}
	return 0;
}

static int read_hook_row(const struct json_at *at, struct snap_hook *row)
{
	static const struct json_field fields[] = {
		{"block", FIELD_U32, false, offsetof(struct snap_hook, block), 0, 0},
		{"revision", FIELD_U64, false, offsetof(struct snap_hook, revision), 0, 0},
	};
	const cJSON *revision = cJSON_GetObjectItemCaseSensitive(at->obj, "revision");
	int r = json_read_fields(at, fields, COUNT_OF(fields), row);

	row->has_revision = revision && !cJSON_IsNull(revision);
	if (r == 0) {
		r = json_read_numbers(at, "chains", false, &row->chains, &row->n_chains);
	}
	return r;
}

int snapshot_read_hook(const struct json_at *at, void *ctx)
{
	const struct hook_place *place = ctx;
	struct row_place inside = {.snap = place->snap};
	struct snap_hook row = {.link = place->link};
	const char *word = NULL;
	int r = json_get_text(at->obj, "hook", true, at->arena, &word, at->path, at->err);

	if (r < 0) {
		return r;
	}
	if (!hook_type_from_word(word, &row.type, &row.classid)) {
		return skip_hook(at, place, word);
	}
	r = read_hook_row(at, &row);
	if (r < 0) {
		return r;
	}
	if (snap_add_hook(place->snap, &row, &inside.parent) < 0) {
		return json_no_memory(at);
	}
	return json_each(at, "entries", true, read_entry, &inside);
}
