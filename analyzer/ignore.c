/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/ignore.h"

#include "analyzer/keytab.h"
#include "analyzer/rules.h"
#include "model/json_fields.h"
#include "model/text.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/** "2026-12-31". */
#define DATE_CHARS 10u

/** A file under way. */
struct reading {
	struct arena *arena;
	struct ignore_row *rows;
	uint32_t n;
	struct keytab seen; /**< What a row chooses, by hash, to its index. */
};

static const char *const document_keys[] = {"schema", "ignore"};
static const char *const row_keys[] = {"code", "vendor", "device", "reason", "expires"};

static uint32_t number_of(const char *digits, size_t n)
{
	uint32_t value = 0;

	for (size_t i = 0; i < n; i++) {
		value = value * 10 + (uint32_t)(digits[i] - '0');
	}
	return value;
}

static bool has_date_shape(const char *text)
{
	if (strlen(text) != DATE_CHARS) {
		return false;
	}
	for (size_t i = 0; i < DATE_CHARS; i++) {
		bool dash = i == 4 || i == 7;

		if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9') {
			return false;
		}
	}
	return true;
}

/** A day of the Gregorian calendar, as YYYY-MM-DD. */
static bool is_date(const char *text)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (!has_date_shape(text)) {
		return false;
	}

	uint32_t year = number_of(text, 4);
	uint32_t month = number_of(text + 5, 2);
	uint32_t day = number_of(text + 8, 2);
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (year == 0 || month < 1 || month > 12 || day < 1) {
		return false;
	}
	return day <= days[month - 1] + (leap && month == 2 ? 1u : 0u);
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

/** Each member by itself; the code becomes the rule's own spelling. */
static int check_members(const struct json_at *at, struct ignore_row *row)
{
	const struct rule *rule = row->code != NULL ? rule_find(row->code) : NULL;

	if (row->code != NULL && rule == NULL) {
		return json_bad_at(at, "code", "no rule has this code; see `tcaudit explain`");
	}
	row->code = rule != NULL ? rule->code : NULL;
	if (row->vendor != NULL && is_blank(row->vendor)) {
		return json_bad_at(at, "vendor", "must not be empty");
	}
	if (row->device != NULL && !text_glob_ok(row->device)) {
		return json_bad_at(at, "device", "not a pattern of interface names");
	}
	if (is_blank(row->reason)) {
		return json_bad_at(at, "reason", "must not be empty");
	}
	if (row->expires != NULL && !is_date(row->expires)) {
		return json_bad_at(at, "expires", "not a date that exists, as YYYY-MM-DD");
	}
	if (row->code == NULL && row->vendor == NULL && row->device == NULL) {
		return json_bad_at(at, NULL,
		                   "needs a code, a vendor or a device: without any of "
		                   "them it would suppress everything");
	}
	return 0;
}

static uint64_t hash_choice(uint64_t seed, const char *text)
{
	/* A missing member differs from an empty one, and "ab","c" from "a","bc". */
	seed = text_hash(seed, text != NULL ? "+" : "-", 1);
	return text != NULL ? text_hash(seed, text, strlen(text) + 1) : seed;
}

static bool choose_same(const struct ignore_row *a, const struct ignore_row *b)
{
	return text_eq(a->code, b->code) && text_eq(a->vendor, b->vendor) &&
	       text_eq(a->device, b->device);
}

/** Two rows that choose the same contradict each other in reason or expiry, or one is useless. */
static int check_distinct(const struct json_at *at, struct reading *r, const struct ignore_row *row)
{
	uint64_t key = hash_choice(TEXT_HASH_SEED, row->code);

	key = hash_choice(key, row->vendor);
	key = hash_choice(key, row->device);

	uint32_t other = keytab_find(&r->seen, key);

	if (other == SNAP_NONE) {
		return keytab_put(&r->seen, key, r->n) < 0 ? json_no_memory(at) : 0;
	}
	if (choose_same(&r->rows[other], row)) {
		return err_set(at->err, -EBADMSG, "ignore[%u]: chooses the same as ignore[%u]",
		               r->n, other);
	}
	return 0; /* equal by hash alone */
}

static int read_row(const struct json_at *at, void *ctx)
{
	static const struct json_field fields[] = {
		{"code", FIELD_TEXT, false, offsetof(struct ignore_row, code), 0, 0},
		{"vendor", FIELD_TEXT, false, offsetof(struct ignore_row, vendor), 0, 0},
		{"device", FIELD_TEXT, false, offsetof(struct ignore_row, device), 0, 0},
		{"reason", FIELD_TEXT, true, offsetof(struct ignore_row, reason), 0, 0},
		{"expires", FIELD_TEXT, false, offsetof(struct ignore_row, expires), 0, 0},
	};
	struct reading *reading = ctx;
	struct ignore_row row = {0};
	int r = json_check_keys(at, row_keys, COUNT_OF(row_keys));

	if (r == 0) {
		r = json_read_fields(at, fields, COUNT_OF(fields), &row);
	}
	if (r == 0) {
		r = check_members(at, &row);
	}
	if (r == 0) {
		r = check_distinct(at, reading, &row);
	}
	if (r == 0) {
		reading->rows[reading->n++] = row;
	}
	return r;
}

static int check_schema(const struct json_at *at)
{
	const char *schema = NULL;
	int r = json_get_text(at->obj, "schema", true, at->arena, &schema, NULL, at->err);

	if (r == 0 && strcmp(schema, IGNORE_SCHEMA) != 0) {
		r = err_set(at->err, -EBADMSG, "schema: \"%.64s\" is not %s", schema,
		            IGNORE_SCHEMA);
	}
	return r;
}

static int read_document(const struct json_at *at, struct reading *reading)
{
	const cJSON *array = NULL;

	if (!cJSON_IsObject(at->obj)) {
		return err_set(at->err, -EBADMSG, "not an object");
	}

	int r = check_schema(at);

	if (r == 0) {
		r = json_check_keys(at, document_keys, COUNT_OF(document_keys));
	}
	if (r == 0) {
		r = json_get_array(at->obj, "ignore", true, &array, NULL, at->err);
	}
	if (r < 0) {
		return r;
	}

	size_t n = (size_t)cJSON_GetArraySize(array);

	if (n > IGNORE_MAX_ROWS) {
		return err_set(at->err, -EFBIG, "ignore: %zu rows, more than %u", n,
		               IGNORE_MAX_ROWS);
	}
	reading->rows = arena_alloc(at->arena, (n + 1) * sizeof(*reading->rows));
	if (reading->rows == NULL) {
		return json_no_memory(at);
	}
	return json_each(at, "ignore", true, read_row, reading);
}

static int read_text(const char *text, size_t len, struct reading *reading, struct err *err)
{
	if (len > IGNORE_MAX_BYTES) {
		return err_set(err, -EFBIG, "larger than %zu bytes", IGNORE_MAX_BYTES);
	}

	cJSON *root = json_parse(text, len, err);

	if (root == NULL) {
		return err->code;
	}

	const struct json_at at = {root, NULL, reading->arena, err};
	int r = read_document(&at, reading);

	cJSON_Delete(root);
	return r;
}

int ignore_parse(const char *text, size_t len, const char *file, struct arena *arena,
                 struct ignore_list *ret, struct err *err)
{
	struct reading reading = {.arena = arena, .seen = {.arena = arena}};
	struct err why = {0};
	int r = read_text(text, len, &reading, &why);

	if (r < 0) {
		return err_set(err, r, "%s: %s", file, why.text);
	}
	*ret = (struct ignore_list){.file = file, .rows = reading.rows, .n = reading.n};
	return 0;
}

bool ignore_expired(const struct ignore_row *row, const char *today)
{
	/* Both have the shape of a date, which sorts as text. */
	return row->expires != NULL && today != NULL && strcmp(today, row->expires) > 0;
}

static bool is_match(const struct ignore_row *row, const char *code, const char *vendor,
                     const char *device)
{
	if (row->code != NULL && !text_eq(row->code, code)) {
		return false;
	}
	if (row->vendor != NULL && (vendor == NULL || strcasecmp(row->vendor, vendor) != 0)) {
		return false;
	}
	return row->device == NULL || (device != NULL && text_glob(row->device, device));
}

const struct ignore_row *ignore_find(const struct ignore_list *list, const char *code,
                                     const char *vendor, const char *device, const char *today)
{
	for (uint32_t i = 0; i < list->n; i++) {
		const struct ignore_row *row = &list->rows[i];

		if (!ignore_expired(row, today) && is_match(row, code, vendor, device)) {
			return row;
		}
	}
	return NULL;
}
