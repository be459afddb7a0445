/* SPDX-License-Identifier: Apache-2.0 */
/* layers: model */
#include "model/json.h"
#include "model/json_scan.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct parse_case {
	const char *text;
	const char *error; /**< NULL: it is JSON. */
} parse_cases[] = {
	{"{}", NULL},
	{" [ ] \n", NULL},
	{"null", NULL},
	{"true", NULL},
	{"-0.5e+10", NULL},
	{"0", NULL},
	{"\"\\u00e9\\ud83d\\ude00\\n\"", NULL},
	{"{\"a\":[1,{\"b\":[]},\"c\"],\"a\":{}}", NULL},
	{"[\"raw \xff bytes\"]", NULL},
	{"", "byte 0: the document ends too early"},
	{"   ", "byte 3: the document ends too early"},
	{"{", "byte 1: the document ends too early"},
	{"[1", "byte 2: the document ends too early"},
	{"[1,", "byte 3: the document ends too early"},
	{"[1,]", "byte 3: no value begins like this"},
	{"[1 2]", "byte 3: a comma or a closing bracket is missing"},
	{"[1}", "byte 2: a comma or a closing bracket is missing"},
	{"{\"a\"}", "byte 4: a colon is missing"},
	{"{\"a\" 1}", "byte 5: a colon is missing"},
	{"{\"a\":1,}", "byte 7: a key is missing"},
	{"{a:1}", "byte 1: a key is missing"},
	{"{\"a\":}", "byte 5: no value begins like this"},
	{"{} {}", "byte 3: something follows the document"},
	{"nul", "byte 0: no value begins like this"},
	{"NaN", "byte 0: no value begins like this"},
	{"\xef\xbb\xbf{}", "byte 0: no value begins like this"},
	{"01", "byte 1: something follows the document"},
	{"-", "byte 1: a digit is missing"},
	{"1.", "byte 2: a digit is missing"},
	{"1e", "byte 2: a digit is missing"},
	{"+1", "byte 0: no value begins like this"},
	{"\"", "byte 1: the text does not end"},
	{"\"\\", "byte 2: the text does not end"},
	{"\"\\x\"", "byte 2: unknown escape"},
	{"\"a\nb\"", "byte 2: a control character in a text"},
	{"\"\\u12\"", "byte 5: \\u needs four hexadecimal digits"},
	{"\"\\u0000\"", "byte 7: a text cannot hold the character \\u0000"},
	{"\"\\ud800\"", "half of a surrogate pair"},
	{"\"\\udc00\"", "half of a surrogate pair"},
	{"\"\\ud800\\u0041\"", "half of a surrogate pair"},
	{"1234567890123456789012345678901234567890123456789012345678901234",
         "a number of too many digits"},
	{"123456789012345678901234567890123456789012345678901234567890123", NULL},
};

Test(json, parse)
{
	for (size_t i = 0; i < COUNT_OF(parse_cases); i++) {
		const struct parse_case *c = &parse_cases[i];
		size_t len = strlen(c->text);
		char *exact = malloc(len > 0 ? len : 1); /* reading behind it is an error */
		struct err err = {0};

		cr_assert_not_null(exact);
		memcpy(exact, c->text, len);
		cJSON *root = json_parse(exact, len, &err);

		cr_expect_eq(root != NULL, c->error == NULL, "%s: %s", c->text, err.text);
		cr_expect_eq(err.code, c->error ? -EBADMSG : 0, "%s: %d", c->text, err.code);
		cr_expect(!c->error || strstr(err.text, c->error), "%s: %s", c->text, err.text);
		cJSON_Delete(root);
		free(exact);
	}
}

Test(json, embedded_nul)
{
	struct err err = {0};

	cr_expect_null(json_parse("[\"a\0b\"]", 7, &err));
	cr_expect(strstr(err.text, "byte 3: a control character"), "%s", err.text);
	err = (struct err){0};
	cr_expect_null(json_parse("{}\0", 3, &err));
	cr_expect(strstr(err.text, "byte 2: something follows"), "%s", err.text);
}

Test(json, depth)
{
	for (int depth = CJSON_NESTING_LIMIT - 1; depth <= CJSON_NESTING_LIMIT + 1; depth++) {
		char text[2 * (CJSON_NESTING_LIMIT + 2)];
		struct err err = {0};
		bool good = depth <= CJSON_NESTING_LIMIT;

		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		cJSON *root = json_parse(text, 2 * (size_t)depth, &err);

		cr_expect_eq(root != NULL, good, "depth %d: %s", depth, err.text);
		cr_expect(good || strstr(err.text, "nested too deeply"), "depth %d: %s", depth,
		          err.text);
		cJSON_Delete(root);
	}
}

Test(json, number_of_values)
{
	static const char text[] = "{\"a\":[1,2,{}],\"b\":\"c\"}"; /* 6 values */

	for (size_t max = 0; max < 8; max++) {
		struct err err = {0};

		cr_expect_eq(json_scan(text, sizeof(text) - 1, max, &err), max < 6 ? -EFBIG : 0,
		             "%zu: %s", max, err.text);
	}
}

/** The bytes are never touched when there are too many. */
Test(json, size)
{
	struct err err = {0};

	cr_expect_null(json_parse("{}", JSON_MAX_BYTES + 1, &err));
	cr_expect_eq(err.code, -EFBIG);
}

/** Take a document apart with every reader; members are named after what they are. */
static const char reader_doc[] =
	"{\"text\":\"a\\u00e9\",\"bad\":\"\xff\",\"yes\":true,\"no\":false,\"nil\":null,"
	"\"zero\":0,\"max\":4294967295,\"over\":4294967296,\"minus\":-1,\"half\":0.5,"
	"\"big\":9007199254740992,\"huge\":1e300,\"inf\":1e999,\"digits\":\"18446744073709551615\","
	"\"toomany\":\"18446744073709551616\",\"hex\":\"0x10\",\"space\":\" 1\",\"empty\":\"\","
	"\"list\":[],\"map\":{},\"twice\":1,\"twice\":2}";

static const struct u32_case {
	const char *key;
	bool need;
	int want;
	uint32_t value;
} u32_cases[] = {
	{"zero", true, 0, 0},           {"max", true, 0, UINT32_MAX},
	{"twice", true, 0, 1},          {"nil", false, 0, 77},
	{"absent", false, 0, 77},       {"nil", true, -EBADMSG, 77},
	{"absent", true, -EBADMSG, 77}, {"over", false, -EBADMSG, 77},
	{"minus", false, -EBADMSG, 77}, {"half", false, -EBADMSG, 77},
	{"huge", false, -EBADMSG, 77},  {"inf", false, -EBADMSG, 77},
	{"text", false, -EBADMSG, 77},  {"yes", false, -EBADMSG, 77},
	{"list", false, -EBADMSG, 77},
};

static const struct u64_case {
	const char *key;
	int want;
	uint64_t value;
} u64_cases[] = {
	{"zero", 0, 0},
	{"over", 0, UINT64_C(4294967296)},
	{"big", 0, UINT64_C(9007199254740992)},
	{"digits", 0, UINT64_MAX},
	{"nil", 0, 77},
	{"toomany", -EBADMSG, 77},
	{"huge", -EBADMSG, 77},
	{"inf", -EBADMSG, 77},
	{"minus", -EBADMSG, 77},
	{"half", -EBADMSG, 77},
	{"hex", -EBADMSG, 77},
	{"space", -EBADMSG, 77},
	{"empty", -EBADMSG, 77},
	{"map", -EBADMSG, 77},
};

static cJSON *parse_reader_doc(void)
{
	struct err err = {0};
	cJSON *root = json_parse(reader_doc, sizeof(reader_doc) - 1, &err);

	cr_assert_not_null(root, "%s", err.text);
	return root;
}

Test(json, numbers)
{
	cJSON *root = parse_reader_doc();

	for (size_t i = 0; i < COUNT_OF(u32_cases); i++) {
		const struct u32_case *c = &u32_cases[i];
		uint32_t got = 77;
		struct err err = {0};

		cr_expect_eq(json_get_u32(root, c->key, c->need, &got, NULL, &err), c->want, "%s",
		             c->key);
		cr_expect_eq(got, c->value, "%s: %u", c->key, got);
		cr_expect_eq(err.code, c->want, "%s", c->key);
	}
	for (size_t i = 0; i < COUNT_OF(u64_cases); i++) {
		const struct u64_case *c = &u64_cases[i];
		uint64_t got = 77;
		struct err err = {0};

		cr_expect_eq(json_get_u64(root, c->key, false, &got, NULL, &err), c->want, "%s",
		             c->key);
		cr_expect_eq(got, c->value, "%s", c->key);
	}
	cJSON_Delete(root);
}

Test(json, texts_and_others)
{
	cJSON *root = parse_reader_doc();
	struct arena arena;
	struct err err = {0};
	const char *text = NULL;
	const cJSON *item = root;
	bool yes = false;

	arena_init(&arena, 4096);
	cr_expect_eq(json_get_text(root, "text", true, &arena, &text, NULL, &err), 0);
	cr_expect_str_eq(text, "a\xc3\xa9");
	cr_expect_eq(json_get_text(root, "bad", true, &arena, &text, NULL, &err), 0);
	cr_expect_str_eq(text, "\\xff");
	cr_expect_eq(json_get_bool(root, "yes", true, &yes, NULL, &err), 0);
	cr_expect(yes);
	cr_expect_eq(json_get_bool(root, "no", true, &yes, NULL, &err), 0);
	cr_expect(!yes);
	cr_expect_eq(json_get_array(root, "list", true, &item, NULL, &err), 0);
	cr_expect(cJSON_IsArray(item));
	cr_expect_eq(json_get_object(root, "map", true, &item, NULL, &err), 0);
	cr_expect(cJSON_IsObject(item));
	cr_expect_eq(json_get_object(root, "nil", false, &item, NULL, &err), 0);
	cr_expect_null(item);
	cr_expect_eq(err.code, 0, "%s", err.text);
	cr_expect_eq(json_get_text(root, "zero", false, &arena, &text, NULL, NULL), -EBADMSG);
	cr_expect_eq(json_get_bool(root, "zero", false, &yes, NULL, NULL), -EBADMSG);
	cr_expect_eq(json_get_array(root, "map", false, &item, NULL, NULL), -EBADMSG);
	cr_expect_eq(json_get_object(root, "list", false, &item, NULL, NULL), -EBADMSG);
	arena_done(&arena);
	arena_init(&arena, 4);
	cr_expect_eq(json_get_text(root, "text", true, &arena, &text, NULL, &err), -ENOMEM);
	arena_done(&arena);
	cJSON_Delete(root);
}

Test(json, path_in_messages)
{
	const struct json_path list = {.key = "namespaces"};
	const struct json_path third = {.up = &list, .index = 3};
	const struct json_path links = {.up = &third, .key = "links"};
	const struct json_path first = {.up = &links, .index = 0};
	struct err err = {0};

	cr_expect_eq(json_bad(&first, "pref", "wrong", &err), -EBADMSG);
	cr_expect_str_eq(err.text, "namespaces[3].links[0].pref: wrong");
	err = (struct err){0};
	cr_expect_eq(json_bad(&first, NULL, "wrong", &err), -EBADMSG);
	cr_expect_str_eq(err.text, "namespaces[3].links[0]: wrong");
	err = (struct err){0};
	cr_expect_eq(json_bad(NULL, "tool", "missing", &err), -EBADMSG);
	cr_expect_str_eq(err.text, "tool: missing");
	err = (struct err){0};
	cr_expect_eq(json_bad(NULL, NULL, "wrong", &err), -EBADMSG);
	cr_expect_str_eq(err.text, "document: wrong");
}

/** Build a document that uses every builder. */
static cJSON *build(struct json_build *b)
{
	cJSON *root = json_new_object(b);
	cJSON *inner = json_add_object(b, root, "o");
	cJSON *list = json_add_array(b, root, "l");

	json_add_text(b, inner, "t", "a\"\n\xc3\xa9\xff");
	json_add_text(b, inner, "n", NULL);
	json_add_bool(b, inner, "b", true);
	json_add_null(b, inner, "z");
	json_add_number(b, inner, "i", 9007199254740992.0);
	json_add_opt(b, inner, "p", true, 4294967295.0);
	json_add_opt(b, inner, "q", false, 1);
	json_add_u64(b, inner, "u", UINT64_MAX);
	json_push_text(b, list, "x");
	json_push_number(b, list, 1.5);
	json_push_number(b, list, 999999999999999.0);
	json_push_number(b, list, -1000000000000001.0);
	json_push(b, list, json_new_array(b));
	return root;
}

static const char built[] =
	"{\"o\":{\"t\":\"a\\\"\\n\xc3\xa9\\\\xff\",\"n\":null,\"b\":true,\"z\":null,"
	"\"i\":9007199254740992,\"p\":4294967295,\"q\":null,"
	"\"u\":\"18446744073709551615\"},\"l\":[\"x\",1.5,999999999999999,-1000000000000001,[]]}";

Test(json, builders)
{
	struct json_build b = {0};
	struct out_mem mem = {0};
	struct out o;

	out_init(&o, out_mem_write, &mem);
	json_emit(&b, &o, build(&b), false);
	cr_expect_eq(out_flush(&o), 0);
	cr_expect(!b.failed);
	cr_expect_str_eq(mem.bytes, built);
	out_mem_done(&mem);
}

/* cJSON's hooks take plain functions, so the countdown has to be global. */
static int allocations_left;

static void *failing_malloc(size_t bytes)
{
	return allocations_left-- > 0 ? malloc(bytes) : NULL;
}

/** Each allocation fails once: failed is set, nothing is written, nothing leaks. */
Test(json, builders_out_of_memory)
{
	cJSON_Hooks hooks = {.malloc_fn = failing_malloc, .free_fn = free};
	int n = -1;
	bool failed = true;

	cJSON_InitHooks(&hooks);
	while (failed) {
		struct json_build b = {0};
		struct out_mem mem = {0};
		struct out o;

		allocations_left = ++n;
		out_init(&o, out_mem_write, &mem);
		json_emit(&b, &o, build(&b), false);
		failed = b.failed;
		cr_assert_eq(out_flush(&o), 0);
		cr_expect_eq(mem.len, failed ? 0 : strlen(built), "%d allocations", n);
		out_mem_done(&mem);
		cr_assert_lt(n, 1000, "never enough");
	}
	cr_expect_gt(n, 10);
	cJSON_InitHooks(NULL);
}

Test(json, parse_out_of_memory)
{
	cJSON_Hooks hooks = {.malloc_fn = failing_malloc, .free_fn = free};
	cJSON *root = NULL;

	cJSON_InitHooks(&hooks);
	for (int n = 0; !root; n++) {
		struct err err = {0};

		allocations_left = n;
		root = json_parse(built, sizeof(built) - 1, &err);
		cr_expect_eq(err.code, root ? 0 : -ENOMEM, "%d allocations: %s", n, err.text);
		cr_assert_lt(n, 1000, "never enough");
	}
	cJSON_Delete(root);
	cJSON_InitHooks(NULL);
}
