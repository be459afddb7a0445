/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vendor table from its document. Strict: a word that means nothing here, a key twice or a
 * number out of place would silently change what is recognised, so they are errors with a path.
 */
#include "analyzer/vendors_fields.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define VENDORS_SCHEMA "tcaudit.vendors/1"

static const struct field_word scope_words[] = {
	{"direction", TAKES_DIRECTION}, {"clsact", TAKES_CLSACT},   {"slot", TAKES_SLOT},
	{"handle", TAKES_HANDLE},       {"ingress", TAKES_INGRESS},
};
_Static_assert(COUNT_OF(scope_words) == N_VENDOR_SCOPES, "a word for each scope");

static const struct field_word event_words[] = {
	{"attach", ON_ATTACH},   {"start", ON_START},     {"stop", ON_STOP},
	{"removal", ON_REMOVAL}, {"upgrade", ON_UPGRADE}, {"config", ON_CONFIG},
};

static const struct field_word direction_words[] = {{"receive", 1}, {"send", 2}};

static const struct field_word purpose_words[] = {
	{"priority", SETTING_PRIORITY},
	{"attach", SETTING_ATTACH},
	{"position", SETTING_POSITION},
	{"off", SETTING_OFF},
};
_Static_assert(COUNT_OF(purpose_words) == N_VENDOR_PURPOSES, "a word for each purpose");

static const struct field_word strength_words[] = {
	{"hint", MATCH_HINT}, {"likely", MATCH_LIKELY}, {"decisive", MATCH_DECISIVE}};

static const char *word_of(const struct field_word words[], size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++) {
		if (words[i].value == value) {
			return words[i].word;
		}
	}
	return "";
}

const char *vendor_scope_word(enum vendor_scope scope)
{
	return word_of(scope_words, COUNT_OF(scope_words), scope);
}

const char *vendor_purpose_word(enum vendor_purpose purpose)
{
	return word_of(purpose_words, COUNT_OF(purpose_words), purpose);
}

const char *vendor_event_word(enum vendor_event event)
{
	return word_of(event_words, COUNT_OF(event_words), event);
}

#define CONDITIONS                                                                                 \
	"program", "filter", "map", "pin", "tag", "device", "target", "kind", "action", "qdisc",   \
		"hooks", "pref", "handle", "direct_action", "nameless", "nameless_maps"

static int read_patterns(const struct json_at *at, struct vendor_match *row)
{
	const struct {
		const char *key;
		const struct pattern **to;
	} patterns[] = {
		{"program", &row->program}, {"filter", &row->filter}, {"map", &row->map},
		{"pin", &row->pin},         {"tag", &row->tag},       {"device", &row->device},
		{"target", &row->target},
	};
	int r = 0;

	for (size_t i = 0; i < COUNT_OF(patterns) && r == 0; i++) {
		r = field_pattern(at, patterns[i].key, patterns[i].to);
	}
	return r;
}

static int read_conditions(const struct json_at *at, struct vendor_match *row)
{
	int r = read_patterns(at, row);

	r = r < 0 ? r : field_text(at, "kind", false, MAX_ID_BYTES, &row->kind);
	r = r < 0 ? r : field_text(at, "action", false, MAX_ID_BYTES, &row->action);
	r = r < 0 ? r : field_text(at, "qdisc", false, MAX_ID_BYTES, &row->qdisc);
	r = r < 0 ? r : field_set(at, "hooks", NULL, 0, &row->hooks);
	r = r < 0 ? r : field_span(at, "pref", &row->pref);
	r = r < 0 ? r : field_span(at, "handle", &row->handle);
	r = r < 0 ? r : field_bool(at, "direct_action", &row->direct_action);
	r = r < 0 ? r : field_bool(at, "nameless", &row->nameless);
	return r < 0 ? r : field_bool(at, "nameless_maps", &row->nameless_maps);
}

/** Something has to be asked of what was seen, or every entry would do. */
static int need_condition(const struct json_at *at, const struct vendor_match *row)
{
	bool any = row->program != NULL || row->filter != NULL || row->map != NULL ||
	           row->pin != NULL || row->tag != NULL || row->device != NULL ||
	           row->target != NULL || row->kind != NULL || row->action != NULL ||
	           row->qdisc != NULL || row->hooks != 0 || row->pref.has || row->handle.has;

	return any ? 0 : json_bad_at(at, NULL, "no condition");
}

static int read_match(const struct json_at *at, void *to)
{
	static const char *const keys[] = {"strength", "evidence", CONDITIONS};
	struct vendor_match *row = to;
	uint32_t strength = 0;
	int r = json_check_keys(at, keys, COUNT_OF(keys));

	r = r < 0 ? r
	          : field_word(at, "strength", strength_words, COUNT_OF(strength_words), &strength);
	r = r < 0 ? r : field_text(at, "evidence", false, MAX_TEXT_BYTES, &row->evidence);
	r = r < 0 ? r : read_conditions(at, row);
	row->strength = (enum match_strength)strength;
	return r < 0 ? r : need_condition(at, row);
}

static int read_hint(const struct json_at *at, void *to)
{
	static const char *const keys[] = {"since", "before", CONDITIONS};
	struct vendor_match *row = to;
	int r = json_check_keys(at, keys, COUNT_OF(keys));

	r = r < 0 ? r : field_range(at, &row->versions);
	if (r == 0 && !row->versions.has_since && !row->versions.has_before) {
		r = json_bad_at(at, NULL, "says nothing: neither since nor before");
	}
	r = r < 0 ? r : read_conditions(at, row);
	return r < 0 ? r : need_condition(at, row);
}

static int read_attach(const struct json_at *at, void *to)
{
	static const char *const keys[] = {"since", "before", "hooks", "text", "source"};
	struct vendor_attach *row = to;
	int r = json_check_keys(at, keys, COUNT_OF(keys));

	r = r < 0 ? r : field_when(at, &row->when);
	r = r < 0 ? r : field_text(at, "text", true, MAX_TEXT_BYTES, &row->text);
	return r < 0 ? r : field_text(at, "source", true, MAX_TEXT_BYTES, &row->source);
}

static int read_returns(const struct json_at *at, void *to)
{
	static const char *const keys[] = {"since",   "before", "hooks", "codes",
	                                   "depends", "note",   "source"};
	struct vendor_returns *row = to;
	int r = json_check_keys(at, keys, COUNT_OF(keys));

	r = r < 0 ? r : field_when(at, &row->when);
	r = r < 0 ? r : field_codes(at, "codes", &row->codes);
	r = r < 0 ? r : field_bool(at, "depends", &row->depends);
	r = r < 0 ? r : field_text(at, "note", false, MAX_TEXT_BYTES, &row->note);
	r = r < 0 ? r : field_text(at, "source", true, MAX_TEXT_BYTES, &row->source);
	if (r == 0 && row->codes == 0 && !row->depends) {
		return json_bad_at(at, "codes", "missing, and nothing that they depend on");
	}
	return r;
}

static int check_patterns(const struct json_at *at, const char *key, const char *const *texts,
                          uint32_t n)
{
	const struct json_path list_path = {.up = at->path, .key = key};
	struct json_path path = {.up = &list_path};

	for (; path.index < n; path.index++) {
		struct arena_mark mark = arena_mark(at->arena);
		const struct pattern *pattern = NULL;
		const char *wrong = pattern_read(texts[path.index], at->arena, &pattern);

		arena_rewind(at->arena, mark);
		if (wrong != NULL) {
			return json_bad(&path, NULL, wrong, at->err);
		}
	}
	return 0;
}

static int read_take(const struct json_at *at, void *to)
{
	static const char *const keys[] = {"since",  "before",     "hooks",   "scope",
	                                   "events", "directions", "devices", "pref",
	                                   "handle", "text",       "source"};
	static const struct json_field fields[] = {
		{"pref", FIELD_U32, false, offsetof(struct vendor_take, pref), 0, UINT16_MAX},
		{"handle", FIELD_U32, false, offsetof(struct vendor_take, handle), 0, 0},
	};
	struct vendor_take *row = to;
	uint32_t scope = 0;
	int r = json_check_keys(at, keys, COUNT_OF(keys));

	r = r < 0 ? r : field_when(at, &row->when);
	r = r < 0 ? r : field_word(at, "scope", scope_words, COUNT_OF(scope_words), &scope);
	r = r < 0 ? r : field_set(at, "events", event_words, COUNT_OF(event_words), &row->events);
	r = r < 0 ? r
	          : field_set(at, "directions", direction_words, COUNT_OF(direction_words),
	                      &row->directions);
	r = r < 0 ? r
	          : field_list(at, "devices", PATTERN_MAX_BYTES, &row->devices, &row->n_devices);
	r = r < 0 ? r : check_patterns(at, "devices", row->devices, row->n_devices);
	r = r < 0 ? r : json_read_fields(at, fields, COUNT_OF(fields), row);
	r = r < 0 ? r : field_text(at, "text", true, MAX_TEXT_BYTES, &row->text);
	r = r < 0 ? r : field_text(at, "source", true, MAX_TEXT_BYTES, &row->source);
	row->scope = (enum vendor_scope)scope;
	if (r == 0 && (row->events == 0 || row->directions == 0)) {
		return json_bad_at(at, row->events == 0 ? "events" : "directions", "missing");
	}
	return r;
}

static int read_setting(const struct json_at *at, void *to)
{
	static const char *const keys[] = {"since", "before", "hooks", "purpose",
	                                   "name",  "how",    "paste", "source"};
	struct vendor_setting *row = to;
	uint32_t purpose = 0;
	int r = json_check_keys(at, keys, COUNT_OF(keys));

	r = r < 0 ? r : field_when(at, &row->when);
	r = r < 0 ? r : field_word(at, "purpose", purpose_words, COUNT_OF(purpose_words), &purpose);
	r = r < 0 ? r : field_text(at, "name", true, MAX_NAME_BYTES, &row->name);
	r = r < 0 ? r : field_text(at, "how", true, MAX_TEXT_BYTES, &row->how);
	r = r < 0 ? r : field_text(at, "paste", false, MAX_PASTE_BYTES, &row->paste);
	row->purpose = (enum vendor_purpose)purpose;
	return r < 0 ? r : field_text(at, "source", true, MAX_TEXT_BYTES, &row->source);
}

static int read_id(const struct json_at *at, const char **ret)
{
	int r = field_text(at, "id", true, MAX_ID_BYTES, ret);

	if (r < 0) {
		return r;
	}
	return strspn(*ret, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(*ret)
	               ? 0
	               : json_bad_at(at, "id", "not of small letters, digits and hyphens");
}

static int read_facts(const struct json_at *at, struct vendor *row)
{
	int r = read_id(at, &row->id);

	r = r < 0 ? r : field_text(at, "name", true, MAX_NAME_BYTES, &row->name);
	r = r < 0 ? r : field_text(at, "note", false, MAX_TEXT_BYTES, &row->note);
	r = r < 0 ? r : json_get_bool(at->obj, "uses_tc", true, &row->uses_tc, at->path, at->err);
	r = r < 0 ? r : field_bool(at, "agent", &row->agent);
	r = r < 0 ? r : field_bool(at, "generic", &row->generic);
	r = r < 0 ? r : field_bool(at, "both_directions", &row->both_directions);
	r = r < 0 ? r : field_bool(at, "needs_ingress", &row->needs_ingress);
	r = r < 0 ? r
	          : field_list(at, "processes", MAX_PROCESS_BYTES, &row->processes,
	                       &row->n_processes);
	return r < 0 ? r
	             : field_list(at, "sources", MAX_TEXT_BYTES, &row->sources, &row->n_sources);
}

/** One list of rows and its place in a vendor. */
struct list_field {
	const char *key;
	size_t row_bytes;
	row_fn *read;
	size_t rows_at; /**< Of the pointer. */
	size_t n_at;    /**< Of the count. */
};

#define LIST(key, member, reader)                                                                  \
	{                                                                                          \
		(key), sizeof(*((struct vendor *)NULL)->member), (reader),                         \
			offsetof(struct vendor, member), offsetof(struct vendor, n_##member)       \
	}

static int read_lists(const struct json_at *at, struct vendor *row)
{
	static const struct list_field lists[] = {
		LIST("match", matches, read_match),    LIST("versions", hints, read_hint),
		LIST("attach", attaches, read_attach), LIST("returns", returns, read_returns),
		LIST("takes", takes, read_take),       LIST("settings", settings, read_setting),
	};

	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		struct row_list list = {.row_bytes = lists[i].row_bytes, .read = lists[i].read};
		int r = field_rows(at, lists[i].key, MAX_ROWS, &list);

		if (r < 0) {
			return r;
		}
		memcpy((char *)row + lists[i].rows_at, &list.rows, sizeof(list.rows));
		memcpy((char *)row + lists[i].n_at, &list.n, sizeof(list.n));
	}
	return 0;
}

/** Rows that were read so far, to find an id that is there already. */
struct table_ctx {
	struct vendor *rows;
	uint32_t n;
};

static int check_vendor(const struct json_at *at, const struct table_ctx *table,
                        const struct vendor *row)
{
	for (uint32_t i = 0; i < table->n; i++) {
		if (strcmp(table->rows[i].id, row->id) == 0) {
			return json_bad_at(at, "id", "there already");
		}
	}
	if (!row->uses_tc && row->n_matches > 0) {
		return json_bad_at(at, "match", "what attaches nothing cannot be recognised by it");
	}
	if (row->uses_tc && row->n_matches == 0) {
		return json_bad_at(at, "match", "missing: nothing would be recognised");
	}
	return 0;
}

static int read_vendor(const struct json_at *at, void *ctx)
{
	static const char *const keys[] = {"id",
	                                   "name",
	                                   "note",
	                                   "uses_tc",
	                                   "agent",
	                                   "generic",
	                                   "both_directions",
	                                   "needs_ingress",
	                                   "processes",
	                                   "match",
	                                   "versions",
	                                   "attach",
	                                   "returns",
	                                   "takes",
	                                   "settings",
	                                   "sources"};
	struct table_ctx *table = ctx;
	struct vendor *row = &table->rows[table->n];
	int r = json_check_keys(at, keys, COUNT_OF(keys));

	r = r < 0 ? r : read_facts(at, row);
	r = r < 0 ? r : read_lists(at, row);
	r = r < 0 ? r : check_vendor(at, table, row);
	table->n++;
	return r;
}

static int cmp_vendor(const void *left, const void *right)
{
	const struct vendor *a = left;
	const struct vendor *b = right;

	return strcmp(a->id, b->id);
}

static int cmp_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/** Every process name once, sorted. */
static int list_processes(struct vendors *table, struct arena *arena)
{
	uint32_t n = 0;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < table->n; i++) {
		n += table->rows[i].n_processes;
	}

	const char **names = arena_alloc(arena, ((size_t)n + 1) * sizeof(*names));

	if (names == NULL) {
		return -ENOMEM;
	}
	n = 0;
	for (uint32_t i = 0; i < table->n; i++) {
		for (uint32_t k = 0; k < table->rows[i].n_processes; k++) {
			names[n++] = table->rows[i].processes[k];
		}
	}
	qsort(names, n, sizeof(*names), cmp_text);
	for (uint32_t i = 0; i < n; i++) {
		if (kept == 0 || strcmp(names[kept - 1], names[i]) != 0) {
			names[kept++] = names[i];
		}
	}
	table->processes = names;
	table->n_processes = kept;
	return 0;
}

static int read_table(const struct json_at *at, struct vendors *ret)
{
	static const char *const keys[] = {"schema", "vendors"};
	const char *schema = NULL;
	const cJSON *array = NULL;
	struct table_ctx table = {.n = 0};

	if (!cJSON_IsObject(at->obj)) {
		return json_bad_at(at, NULL, "not an object");
	}

	int r = json_check_keys(at, keys, COUNT_OF(keys));

	r = r < 0 ? r : field_text(at, "schema", true, MAX_NAME_BYTES, &schema);
	if (r == 0 && strcmp(schema, VENDORS_SCHEMA) != 0) {
		r = json_bad_at(at, "schema", "not " VENDORS_SCHEMA);
	}
	r = r < 0 ? r : json_get_array(at->obj, "vendors", true, &array, at->path, at->err);
	if (r < 0) {
		return r;
	}

	int n = cJSON_GetArraySize(array);

	if (n > (int)MAX_VENDORS) {
		return json_bad_at(at, "vendors", "too many");
	}
	table.rows = arena_alloc(at->arena, ((size_t)n + 1) * sizeof(*table.rows));
	if (table.rows == NULL) {
		return json_no_memory(at);
	}
	r = json_each(at, "vendors", true, read_vendor, &table);
	if (r < 0) {
		return r;
	}
	qsort(table.rows, table.n, sizeof(*table.rows), cmp_vendor);
	ret->rows = table.rows;
	ret->n = table.n;
	return list_processes(ret, at->arena) < 0 ? json_no_memory(at) : 0;
}

int vendors_parse(const char *text, size_t len, const char *file, struct arena *arena,
                  struct vendors *ret, struct err *err)
{
	struct err why = {0};
	struct vendors table = {.file = file};

	if (len > VENDORS_MAX_BYTES) {
		return err_set(err, -EFBIG, "%s: %zu bytes: a vendor table has at most %zu", file,
		               len, VENDORS_MAX_BYTES);
	}

	cJSON *root = json_parse(text, len, &why);
	const struct json_at at = {root, NULL, arena, &why};
	int r = root != NULL ? read_table(&at, &table) : why.code;

	cJSON_Delete(root);
	if (r < 0) {
		return err_set(err, r, "%s: %s", file, why.text);
	}
	*ret = table;
	return 0;
}
