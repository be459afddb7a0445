/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/vendors_fields.h"

#include "model/text.h"

#include <errno.h>
#include <string.h>

static bool find_word(const struct field_word words[], size_t n, const char *text, uint32_t *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(words[i].word, text) == 0) {
			*ret = words[i].value;
			return true;
		}
	}
	return false;
}

/** Words of hooks as a set. */
static bool hook_bit(const char *text, uint32_t *ret)
{
	for (uint32_t type = 0; type < N_HOOK_TYPES; type++) {
		if (strcmp(hook_type_word((enum hook_type)type), text) == 0) {
			*ret = VENDOR_HOOK(type);
			return true;
		}
	}
	return false;
}

static bool has_control(const char *text, bool lines)
{
	for (; *text != '\0'; text++) {
		if (((unsigned char)*text < 0x20 && !(lines && *text == '\n')) || *text == 0x7f) {
			return true;
		}
	}
	return false;
}

/** Is a text that is there fit to be shown? */
static int check_text(const struct json_at *at, const char *key, size_t max, const char *text)
{
	if (text == NULL) {
		return 0;
	}
	if (text[0] == '\0') {
		return json_bad_at(at, key, "empty");
	}
	if (strlen(text) > max) {
		return json_bad_at(at, key, "too long");
	}
	return has_control(text, max == MAX_PASTE_BYTES)
	               ? json_bad_at(at, key, "holds a control character")
	               : 0;
}

int field_text(const struct json_at *at, const char *key, bool need, size_t max, const char **ret)
{
	int r = json_get_text(at->obj, key, need, at->arena, ret, at->path, at->err);

	return r < 0 ? r : check_text(at, key, max, *ret);
}

int field_bool(const struct json_at *at, const char *key, bool *ret)
{
	return json_get_bool(at->obj, key, false, ret, at->path, at->err);
}

int field_word(const struct json_at *at, const char *key, const struct field_word words[], size_t n,
               uint32_t *ret)
{
	const char *text = NULL;
	int r = field_text(at, key, true, MAX_NAME_BYTES, &text);

	if (r < 0) {
		return r;
	}
	return find_word(words, n, text, ret) ? 0 : json_bad_at(at, key, "no such word");
}

int field_pattern(const struct json_at *at, const char *key, const struct pattern **ret)
{
	const char *text = NULL;
	int r = field_text(at, key, false, PATTERN_MAX_BYTES, &text);

	if (r < 0 || text == NULL) {
		return r;
	}

	const char *wrong = pattern_read(text, at->arena, ret);

	if (wrong != NULL) {
		return json_bad_at(at, key, wrong);
	}
	return *ret != NULL ? 0 : json_no_memory(at);
}

/** A list of texts that may be absent. */
int field_list(const struct json_at *at, const char *key, size_t max, const char *const **ret,
               uint32_t *ret_n)
{
	const struct json_path list_path = {.up = at->path, .key = key};
	struct json_path path = {.up = &list_path};
	const struct json_at inside = {NULL, &path, at->arena, at->err};
	const char **texts = NULL;
	uint32_t n = 0;

	if (cJSON_GetObjectItemCaseSensitive(at->obj, key) == NULL) {
		return 0;
	}

	int r = json_read_texts(at, key, &texts, &n);

	if (r == 0 && n > MAX_ROWS) {
		return json_bad_at(at, key, "too many");
	}
	for (; r == 0 && path.index < n; path.index++) {
		r = check_text(&inside, NULL, max, texts[path.index]);
	}
	*ret = texts;
	*ret_n = n;
	return r;
}

/** A list of words as a set of bits; absent: none. @param words NULL: of hooks. */
int field_set(const struct json_at *at, const char *key, const struct field_word words[], size_t n,
              uint32_t *ret)
{
	const struct json_path list_path = {.up = at->path, .key = key};
	struct json_path path = {.up = &list_path};
	const char *const *texts = NULL;
	uint32_t n_texts = 0;
	uint32_t set = 0;
	int r = field_list(at, key, MAX_NAME_BYTES, &texts, &n_texts);

	for (; r == 0 && path.index < n_texts; path.index++) {
		uint32_t bit = 0;
		bool found = words != NULL ? find_word(words, n, texts[path.index], &bit)
		                           : hook_bit(texts[path.index], &bit);

		if (!found) {
			return json_bad(&path, NULL, "no such word", at->err);
		}
		set |= bit;
	}
	if (r == 0) {
		*ret = set;
	}
	return r;
}

int field_codes(const struct json_at *at, const char *key, uint32_t *ret)
{
	const struct json_path list_path = {.up = at->path, .key = key};
	struct json_path path = {.up = &list_path};
	const char *const *texts = NULL;
	uint32_t n = 0;
	int r = field_list(at, key, MAX_NAME_BYTES, &texts, &n);

	for (; r == 0 && path.index < n; path.index++) {
		enum code code = CODE_OTHER;

		if (!code_from_word(texts[path.index], &code)) {
			return json_bad(&path, NULL, "no such code", at->err);
		}
		*ret |= CODE_BIT(code);
	}
	return r;
}

static int read_release(const struct json_at *at, const char *key, bool *ret_has,
                        struct release *ret)
{
	const char *text = NULL;
	int r = field_text(at, key, false, MAX_ID_BYTES, &text);

	if (r < 0 || text == NULL) {
		return r;
	}
	if (!release_parse(text, ret)) {
		return json_bad_at(at, key, "not a version such as 1.16 or 7.39.2");
	}
	*ret_has = true;
	return 0;
}

int field_range(const struct json_at *at, struct release_range *ret)
{
	int r = read_release(at, "since", &ret->has_since, &ret->since);

	if (r == 0) {
		r = read_release(at, "before", &ret->has_before, &ret->before);
	}
	if (r == 0 && ret->has_since && ret->has_before &&
	    release_cmp(ret->since, ret->before) >= 0) {
		r = json_bad_at(at, "before", "not behind since");
	}
	return r;
}

int field_when(const struct json_at *at, struct vendor_when *ret)
{
	int r = field_range(at, &ret->versions);

	return r < 0 ? r : field_set(at, "hooks", NULL, 0, &ret->hooks);
}

/** A number, or a list of the smallest and the largest one. */
int field_span(const struct json_at *at, const char *key, struct vendor_span *ret)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(at->obj, key);
	const uint32_t *ends = NULL;
	uint32_t n = 0;

	if (item == NULL) {
		return 0;
	}
	ret->has = true;
	if (!cJSON_IsArray(item)) {
		int r = json_get_u32(at->obj, key, true, &ret->min, at->path, at->err);

		ret->max = ret->min;
		return r;
	}

	int r = json_read_numbers(at, key, true, &ends, &n);

	if (r < 0) {
		return r;
	}
	if (n != 2 || ends[0] > ends[1]) {
		return json_bad_at(at, key, "not a number, nor two in order");
	}
	ret->min = ends[0];
	ret->max = ends[1];
	return 0;
}

static int read_row(const struct json_at *at, void *ctx)
{
	struct row_list *list = ctx;
	int r = list->read(at, list->rows + list->n * list->row_bytes);

	list->n++;
	return r;
}

/** A list of objects. @return as the reader. */
int field_rows(const struct json_at *at, const char *key, uint32_t max, struct row_list *list)
{
	const cJSON *array = NULL;
	int r = json_get_array(at->obj, key, false, &array, at->path, at->err);

	if (r < 0 || array == NULL) {
		return r;
	}

	int n = cJSON_GetArraySize(array);

	if (n > (int)max) {
		return json_bad_at(at, key, "too many");
	}
	list->rows = arena_alloc(at->arena, ((size_t)n + 1) * list->row_bytes);
	return list->rows != NULL ? json_each(at, key, true, read_row, list) : json_no_memory(at);
}
