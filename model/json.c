/* SPDX-License-Identifier: Apache-2.0 */
#include "model/json.h"

#include "model/json_scan.h"
#include "model/text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/** cJSON grows its print buffer from here by doubling. */
#define PRINT_BYTES 1024

/** Largest number that a double counts to without holes. */
#define MAX_EXACT 9007199254740992.0

/** Whole numbers below this come out of cJSON with all their digits. */
#define MAX_CJSON_WHOLE 1e15

/** Deepest path that a message spells out. */
#define MAX_PATH_STEPS 16u

/** Note a failed allocation. @return @p item. */
static cJSON *made(struct json_build *b, cJSON *item)
{
	b->failed = b->failed || !item;
	return item;
}

cJSON *json_new_object(struct json_build *b)
{
	return made(b, cJSON_CreateObject());
}

cJSON *json_new_array(struct json_build *b)
{
	return made(b, cJSON_CreateArray());
}

/** Text with bytes that are no characters: escaped as everywhere. */
static cJSON *new_escaped(const char *text)
{
	struct arena arena;
	cJSON *item = NULL;

	arena_init(&arena, SIZE_MAX);
	const char *copy = text_import(&arena, text, SIZE_MAX);

	if (copy) {
		item = cJSON_CreateString(copy);
	}
	arena_done(&arena);
	return item;
}

cJSON *json_new_text(struct json_build *b, const char *text)
{
	if (!text) {
		return made(b, cJSON_CreateNull());
	}
	if (!text_is_utf8(text, strlen(text))) {
		return made(b, new_escaped(text));
	}
	return made(b, cJSON_CreateString(text));
}

/** Give @p item to @p obj, or free it. @return the item when @p obj has it now. */
static cJSON *attach(struct json_build *b, cJSON *obj, const char *key, cJSON *item)
{
	if (obj && item && cJSON_AddItemToObjectCS(obj, key, item)) {
		return item;
	}
	b->failed = true;
	cJSON_Delete(item);
	return NULL;
}

cJSON *json_add_object(struct json_build *b, cJSON *obj, const char *key)
{
	return obj ? attach(b, obj, key, cJSON_CreateObject()) : NULL;
}

cJSON *json_add_array(struct json_build *b, cJSON *obj, const char *key)
{
	return obj ? attach(b, obj, key, cJSON_CreateArray()) : NULL;
}

void json_add_text(struct json_build *b, cJSON *obj, const char *key, const char *text)
{
	if (obj) {
		(void)attach(b, obj, key, json_new_text(b, text));
	}
}

void json_add_bool(struct json_build *b, cJSON *obj, const char *key, bool value)
{
	if (obj) {
		(void)attach(b, obj, key, cJSON_CreateBool(value));
	}
}

void json_add_null(struct json_build *b, cJSON *obj, const char *key)
{
	if (obj) {
		(void)attach(b, obj, key, cJSON_CreateNull());
	}
}

/**
 * cJSON (1.7.15, print_number()) is content with 15 digits when they come close, which loses the
 * last one of whole numbers from 10^15 on; these are spelled out here.
 */
static cJSON *new_number(double value)
{
	char digits[sizeof("-9007199254740992")];

	assert(value >= -MAX_EXACT && value <= MAX_EXACT);
	if (value > -MAX_CJSON_WHOLE && value < MAX_CJSON_WHOLE) {
		return cJSON_CreateNumber(value);
	}
	(void)snprintf(digits, sizeof(digits), "%" PRId64, (int64_t)value);
	return cJSON_CreateRaw(digits);
}

void json_add_number(struct json_build *b, cJSON *obj, const char *key, double value)
{
	if (obj) {
		(void)attach(b, obj, key, new_number(value));
	}
}

void json_add_opt(struct json_build *b, cJSON *obj, const char *key, bool have, double value)
{
	if (have) {
		json_add_number(b, obj, key, value);
	} else {
		json_add_null(b, obj, key);
	}
}

void json_add_u64(struct json_build *b, cJSON *obj, const char *key, uint64_t value)
{
	char digits[sizeof("18446744073709551615")];

	(void)snprintf(digits, sizeof(digits), "%" PRIu64, value);
	json_add_text(b, obj, key, digits);
}

void json_push(struct json_build *b, cJSON *array, cJSON *item)
{
	if (array && item && cJSON_AddItemToArray(array, item)) {
		return;
	}
	b->failed = true;
	cJSON_Delete(item);
}

void json_push_text(struct json_build *b, cJSON *array, const char *text)
{
	if (array) {
		json_push(b, array, json_new_text(b, text));
	}
}

void json_push_number(struct json_build *b, cJSON *array, double value)
{
	if (array) {
		json_push(b, array, new_number(value));
	}
}

void json_emit(struct json_build *b, struct out *o, cJSON *item, bool pretty)
{
	char *text = item && !b->failed ? cJSON_PrintBuffered(item, PRINT_BYTES, pretty) : NULL;

	cJSON_Delete(item);
	if (!text) {
		b->failed = true;
		return;
	}
	out_str(o, text);
	cJSON_free(text);
}

cJSON *json_parse(const char *bytes, size_t len, struct err *err)
{
	if (len > JSON_MAX_BYTES) {
		(void)err_set(err, -EFBIG, "%zu bytes: more than %zu are not read", len,
		              JSON_MAX_BYTES);
		return NULL;
	}
	if (json_scan(bytes, len, JSON_MAX_VALUES, err) < 0) {
		return NULL;
	}

	cJSON *root = cJSON_ParseWithLength(bytes, len);

	if (!root) {
		(void)err_set(err, -ENOMEM, "out of memory after reading %zu bytes of JSON", len);
	}
	return root;
}

/** Append to a message that may be full. */
static void ATTR_PRINTF(3, 4) append(char *buf, size_t size, const char *fmt, ...)
{
	size_t used = strlen(buf);
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(buf + used, size - used, fmt, args);
	va_end(args);
}

/** "namespaces[3].links[0].name". */
static void spell(const struct json_path *path, const char *key, char *buf, size_t size)
{
	const struct json_path *steps[MAX_PATH_STEPS];
	uint32_t n = 0;

	for (; path && n < MAX_PATH_STEPS; path = path->up) {
		steps[n++] = path;
	}
	buf[0] = '\0';
	while (n > 0) {
		const struct json_path *step = steps[--n];

		if (step->key) {
			append(buf, size, "%s%s", buf[0] ? "." : "", step->key);
		} else {
			append(buf, size, "[%" PRIu32 "]", step->index);
		}
	}
	if (key) {
		append(buf, size, "%s%s", buf[0] ? "." : "", key);
	}
	if (buf[0] == '\0') {
		append(buf, size, "document");
	}
}

int json_bad(const struct json_path *path, const char *key, const char *what, struct err *err)
{
	char where[ERR_TEXT_BYTES / 2];

	spell(path, key, where, sizeof(where));
	return err_set(err, -EBADMSG, "%s: %s", where, what);
}

/**
 * Look a member up. @p ret gets the item, or NULL when it is absent or null.
 *
 * @return 0, or -EBADMSG when it is needed and not there.
 */
static int look_up(const cJSON *obj, const char *key, bool need, const cJSON **ret,
                   const struct json_path *path, struct err *err)
{
	/* of equal keys this finds the first */
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(obj, key);

	*ret = NULL;
	if (!item || cJSON_IsNull(item)) {
		return need ? json_bad(path, key, item ? "must not be null" : "missing", err) : 0;
	}
	*ret = item;
	return 0;
}

/* Seven parameters: one more than its siblings, for the arena. */
/* NOLINTNEXTLINE(readability-function-size) */
int json_get_text(const cJSON *obj, const char *key, bool need, struct arena *arena,
                  const char **ret, const struct json_path *path, struct err *err)
{
	const cJSON *item = NULL;
	int r = look_up(obj, key, need, &item, path, err);

	if (!item) {
		return r;
	}
	if (!cJSON_IsString(item)) {
		return json_bad(path, key, "not a text", err);
	}

	const char *text = text_import(arena, item->valuestring, SIZE_MAX);

	if (!text) {
		return err_set(err, -ENOMEM, "out of memory at a text of %zu bytes",
		               strlen(item->valuestring));
	}
	*ret = text;
	return 0;
}

int json_get_bool(const cJSON *obj, const char *key, bool need, bool *ret,
                  const struct json_path *path, struct err *err)
{
	const cJSON *item = NULL;
	int r = look_up(obj, key, need, &item, path, err);

	if (!item) {
		return r;
	}
	if (!cJSON_IsBool(item)) {
		return json_bad(path, key, "not true or false", err);
	}
	*ret = cJSON_IsTrue(item);
	return 0;
}

/** A whole number from 0 to @p max? NaN and infinities are not. */
static bool is_whole(const cJSON *item, double max)
{
	return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= max &&
	       item->valuedouble == (double)(uint64_t)item->valuedouble;
}

bool json_is_u32(const cJSON *item, uint32_t *ret)
{
	if (!is_whole(item, UINT32_MAX)) {
		return false;
	}
	*ret = (uint32_t)item->valuedouble;
	return true;
}

int json_get_u32(const cJSON *obj, const char *key, bool need, uint32_t *ret,
                 const struct json_path *path, struct err *err)
{
	const cJSON *item = NULL;
	int r = look_up(obj, key, need, &item, path, err);

	if (!item) {
		return r;
	}
	return json_is_u32(item, ret) ? 0 : json_bad(path, key, JSON_WANT_U32, err);
}

/** Decimal digits and nothing else, which strtoull() would not insist on. */
static bool parse_u64(const char *text, uint64_t *ret)
{
	uint64_t value = 0;

	if (*text == '\0') {
		return false;
	}
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9' ||
		    __builtin_mul_overflow(value, UINT64_C(10), &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value)) {
			return false;
		}
	}
	*ret = value;
	return true;
}

int json_get_u64(const cJSON *obj, const char *key, bool need, uint64_t *ret,
                 const struct json_path *path, struct err *err)
{
	const cJSON *item = NULL;
	int r = look_up(obj, key, need, &item, path, err);

	if (!item) {
		return r;
	}
	if (is_whole(item, MAX_EXACT)) {
		*ret = (uint64_t)item->valuedouble;
		return 0;
	}
	if (cJSON_IsString(item) && parse_u64(item->valuestring, ret)) {
		return 0;
	}
	return json_bad(path, key, "not a number from 0 to 2^53, nor a decimal text up to 2^64 - 1",
	                err);
}

int json_get_array(const cJSON *obj, const char *key, bool need, const cJSON **ret,
                   const struct json_path *path, struct err *err)
{
	const cJSON *item = NULL;
	int r = look_up(obj, key, need, &item, path, err);

	if (item && !cJSON_IsArray(item)) {
		return json_bad(path, key, "not an array", err);
	}
	if (r == 0) {
		*ret = item;
	}
	return r;
}

int json_get_object(const cJSON *obj, const char *key, bool need, const cJSON **ret,
                    const struct json_path *path, struct err *err)
{
	const cJSON *item = NULL;
	int r = look_up(obj, key, need, &item, path, err);

	if (item && !cJSON_IsObject(item)) {
		return json_bad(path, key, "not an object", err);
	}
	if (r == 0) {
		*ret = item;
	}
	return r;
}
