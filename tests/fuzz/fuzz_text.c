/* SPDX-License-Identifier: Apache-2.0 */
/* layers: model */
/*
 * Any bytes as a name: what is imported is UTF-8, what goes to a terminal steers nothing, what goes
 * into JSON comes back.
 */
#include "model/json.h"
#include "model/out.h"
#include "model/text.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define LIMIT_BYTES ((size_t)8 << 20)

/** Nothing that a terminal acts on, nothing that reorders or breaks the line. */
static void check_term(const char *text)
{
	struct out_mem mem = {0};
	struct out o;

	out_init(&o, out_mem_write, &mem);
	out_term(&o, text);
	FUZZ_PROMISE(out_flush(&o) == 0);
	FUZZ_PROMISE(text_is_utf8(mem.bytes ? mem.bytes : "", mem.len));

	size_t columns = 0;

	for (size_t at = 0; at < mem.len; columns++) {
		uint32_t cp = 0;

		at += text_utf8_next(mem.bytes + at, mem.len - at, &cp);
		FUZZ_PROMISE(cp >= 0x20 && !(cp >= 0x7f && cp <= 0x9f));
		FUZZ_PROMISE(cp != 0x61c && cp != 0x200e && cp != 0x200f && cp != 0xfeff);
		FUZZ_PROMISE(!(cp >= 0x2028 && cp <= 0x202e) && !(cp >= 0x2066 && cp <= 0x2069));
	}
	FUZZ_PROMISE(columns == text_columns(text));
	out_mem_done(&mem);
}

/** What a JSON reader gets is what text_import() makes of the bytes. */
static void check_json(const char *text, const char *imported)
{
	struct json_build b = {0};
	struct out_mem mem = {0};
	struct err err = {0};
	struct out o;
	cJSON *obj = json_new_object(&b);

	json_add_text(&b, obj, "name", text);
	out_init(&o, out_mem_write, &mem);
	json_emit(&b, &o, obj, false);
	FUZZ_PROMISE(!b.failed && out_flush(&o) == 0);

	cJSON *back = json_parse(mem.bytes, mem.len, &err);
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(back, "name");

	FUZZ_PROMISE(cJSON_IsString(name) && strcmp(name->valuestring, imported) == 0);
	cJSON_Delete(back);
	out_mem_done(&mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;

	arena_init(&arena, LIMIT_BYTES);
	const char *imported = text_import(&arena, (const char *)data, size);
	const char *raw = arena_strndup(&arena, (const char *)data, size);

	if (imported && raw) {
		FUZZ_PROMISE(text_is_utf8(imported, strlen(imported)));
		FUZZ_PROMISE(text_eq(imported, text_import(&arena, imported, SIZE_MAX)));
		check_term(imported);
		check_term(raw);
		check_json(raw, imported);
		check_json(imported, imported);
	}
	arena_done(&arena);
	return 0;
}
