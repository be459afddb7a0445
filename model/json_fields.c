/* SPDX-License-Identifier: Apache-2.0 */
#include "model/json_fields.h"

#include "model/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int json_bad_at(const struct json_at *at, const char *key, const char *what)
{
	return json_bad(at->path, key, what, at->err);
}

int json_no_memory(const struct json_at *at)
{
	return err_set(at->err, -ENOMEM,
	               "the document needs more memory than the limit of %zu bytes",
	               at->arena->limit_bytes);
}

/** Bytes shown of a key that nobody knows. */
#define KEY_SHOWN_BYTES 40u

static bool is_key(const char *key, const char *const keys[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(keys[i], key) == 0) {
			return true;
		}
	}
	return false;
}

/** A misspelt key would widen what is ignored: only the known ones, and each once. */
int json_check_keys(const struct json_at *at, const char *const keys[], size_t n)
{
	/* Known keys only, so the second loop has at most one turn more than there are keys. */
	for (const cJSON *child = at->obj->child; child != NULL; child = child->next) {
		if (!is_key(child->string, keys, n)) {
			const char *shown = text_import(at->arena, child->string, KEY_SHOWN_BYTES);

			if (shown == NULL) {
				return json_no_memory(at);
			}
			return json_bad_at(at, shown, "unknown key");
		}
		for (const cJSON *other = at->obj->child; other != child; other = other->next) {
			if (strcmp(other->string, child->string) == 0) {
				return json_bad_at(at, child->string, "twice in one object");
			}
		}
	}
	return 0;
}

/** A number within the bounds of its field. */
static int read_u32(const struct json_at *at, const struct json_field *field, uint32_t *ret)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(at->obj, field->key);
	uint32_t max = field->max != 0 ? field->max : UINT32_MAX;
	uint32_t value = 0;
	char what[64];

	if (!item || cJSON_IsNull(item)) {
		return json_get_u32(at->obj, field->key, field->need, ret, at->path, at->err);
	}
	if (json_is_u32(item, &value) && value >= field->min && value <= max) {
		*ret = value;
		return 0;
	}
	(void)snprintf(what, sizeof(what), "not a number from %" PRIu32 " to %" PRIu32, field->min,
	               max);
	return json_bad_at(at, field->key, what);
}

static int read_field(const struct json_at *at, const struct json_field *field, void *row)
{
	void *to = (char *)row + field->offset;

	switch (field->type) {
	case FIELD_TEXT:
		return json_get_text(at->obj, field->key, field->need, at->arena, to, at->path,
		                     at->err);
	case FIELD_BOOL:
		return json_get_bool(at->obj, field->key, field->need, to, at->path, at->err);
	case FIELD_U32:
		return read_u32(at, field, to);
	case FIELD_U64:
		return json_get_u64(at->obj, field->key, field->need, to, at->path, at->err);
	}
	return 0;
}

int json_read_fields(const struct json_at *at, const struct json_field fields[], size_t n,
                     void *row)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		r = read_field(at, &fields[i], row);
	}
	return r;
}

int json_each(const struct json_at *at, const char *key, bool need, json_each_fn *fn, void *ctx)
{
	const struct json_path list_path = {.up = at->path, .key = key};
	struct json_path path = {.up = &list_path};
	const cJSON *list = NULL;
	const cJSON *item = NULL;
	int r = json_get_array(at->obj, key, need, &list, at->path, at->err);

	if (r < 0) {
		return r;
	}
	cJSON_ArrayForEach (item, list) {
		struct json_at each = {item, &path, at->arena, at->err};

		if (!cJSON_IsObject(item)) {
			return json_bad_at(&each, NULL, "not an object");
		}
		r = fn(&each, ctx);
		if (r < 0) {
			return r;
		}
		path.index++;
	}
	return 0;
}

int json_read_numbers(const struct json_at *at, const char *key, bool need, const uint32_t **ret,
                      uint32_t *ret_n)
{
	const struct json_path list_path = {.up = at->path, .key = key};
	struct json_path path = {.up = &list_path};
	const cJSON *list = NULL;
	const cJSON *item = NULL;
	int r = json_get_array(at->obj, key, need, &list, at->path, at->err);
	size_t n = list ? (size_t)cJSON_GetArraySize(list) : 0;

	if (r < 0 || n == 0) {
		return r;
	}

	uint32_t *numbers = arena_alloc(at->arena, n * sizeof(*numbers));

	if (!numbers) {
		return json_no_memory(at);
	}
	cJSON_ArrayForEach (item, list) {
		if (!json_is_u32(item, &numbers[path.index])) {
			return json_bad(&path, NULL, JSON_WANT_U32, at->err);
		}
		path.index++;
	}
	*ret = numbers;
	*ret_n = path.index;
	return 0;
}

int json_read_texts(const struct json_at *at, const char *key, const char ***ret, uint32_t *ret_n)
{
	const struct json_path list_path = {.up = at->path, .key = key};
	struct json_path path = {.up = &list_path};
	const cJSON *list = NULL;
	const cJSON *item = NULL;
	int r = json_get_array(at->obj, key, true, &list, at->path, at->err);
	size_t n = list ? (size_t)cJSON_GetArraySize(list) : 0;

	if (r < 0 || n == 0) {
		return r;
	}

	const char **texts = arena_alloc(at->arena, n * sizeof(*texts));

	if (!texts) {
		return json_no_memory(at);
	}
	cJSON_ArrayForEach (item, list) {
		if (!cJSON_IsString(item)) {
			return json_bad(&path, NULL, "not a text", at->err);
		}
		texts[path.index] = text_import(at->arena, item->valuestring, SIZE_MAX);
		if (!texts[path.index]) {
			return json_no_memory(at);
		}
		path.index++;
	}
	*ret = texts;
	*ret_n = path.index;
	return 0;
}
