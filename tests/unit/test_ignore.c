/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/ignore.h"
#include "model/attrs.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_BYTES ((size_t)64 << 20)

#define DOC(rows)   "{\"schema\": \"tcaudit.ignore/1\", \"ignore\": [" rows "]}"
#define GOOD        "{\"code\": \"TC102\", \"reason\": \"known\"}"
#define DATED(date) DOC("{\"code\": \"TC102\", \"reason\": \"r\", \"expires\": \"" date "\"}")

static const struct bad_case {
	const char *name;
	const char *text;
	const char *want; /**< The whole message. */
} bad_cases[] = {
	{"no JSON", "ignore:", "f.json: not JSON at byte 0: "},
	{"empty", "", "f.json: not JSON at byte 0: "},
	{"list", "[]", "f.json: not an object"},
	{"no schema", "{\"ignore\": []}", "f.json: schema: missing"},
	{"other schema", "{\"schema\": \"tcaudit.report/1\"}",
         "f.json: schema: \"tcaudit.report/1\" is not tcaudit.ignore/1"},
	{"newer schema", "{\"schema\": \"tcaudit.ignore/2\"}",
         "f.json: schema: \"tcaudit.ignore/2\" is not tcaudit.ignore/1"},
	{"no rows", "{\"schema\": \"tcaudit.ignore/1\"}", "f.json: ignore: missing"},
	{"rows are none", "{\"schema\": \"tcaudit.ignore/1\", \"ignore\": {}}",
         "f.json: ignore: not an array"},
	{"unknown key", "{\"schema\": \"tcaudit.ignore/1\", \"ignores\": []}",
         "f.json: ignores: unknown key"},
	{"key twice", "{\"schema\": \"tcaudit.ignore/1\", \"ignore\": [], \"ignore\": []}",
         "f.json: ignore: twice in one object"},
	{"row is none", DOC(GOOD ", 7"), "f.json: ignore[1]: not an object"},
	{"unknown key of a row", DOC("{\"cod\": \"TC102\", \"reason\": \"r\"}"),
         "f.json: ignore[0].cod: unknown key"},
	{"key of a row twice", DOC("{\"code\": \"TC102\", \"reason\": \"r\", \"code\": \"TC101\"}"),
         "f.json: ignore[0].code: twice in one object"},
	{"unknown code", DOC(GOOD ", {\"code\": \"TC999\", \"reason\": \"r\"}"),
         "f.json: ignore[1].code: no rule has this code; see `tcaudit explain`"},
	{"code is a number", DOC("{\"code\": 102, \"reason\": \"r\"}"),
         "f.json: ignore[0].code: not a text"},
	{"no reason", DOC("{\"code\": \"TC102\"}"), "f.json: ignore[0].reason: missing"},
	{"blank reason", DOC("{\"code\": \"TC102\", \"reason\": \" \\t\"}"),
         "f.json: ignore[0].reason: must not be empty"},
	{"chooses everything", DOC("{\"reason\": \"r\"}"),
         "f.json: ignore[0]: needs a code, a vendor or a device"},
	{"chooses everything by null", DOC("{\"code\": null, \"reason\": \"r\"}"),
         "f.json: ignore[0]: needs a code, a vendor or a device"},
	{"empty vendor", DOC("{\"vendor\": \"\", \"reason\": \"r\"}"),
         "f.json: ignore[0].vendor: must not be empty"},
	{"empty device", DOC("{\"device\": \"\", \"reason\": \"r\"}"),
         "f.json: ignore[0].device: not a pattern"},
	{"open bracket", DOC("{\"device\": \"eth[0\", \"reason\": \"r\"}"),
         "f.json: ignore[0].device: not a pattern"},
	{"equal rows", DOC(GOOD ", {\"vendor\": \"x\", \"reason\": \"r\"}, " GOOD),
         "f.json: ignore[2]: chooses the same as ignore[0]"},
	{"equal choice", DOC(GOOD ", {\"code\": \"tc102\", \"reason\": \"another\"}"),
         "f.json: ignore[1]: chooses the same as ignore[0]"},
	{"date with words", DATED("tomorrow"), "f.json: ignore[0].expires: not a date"},
	{"short date", DATED("2026-1-31"), "f.json: ignore[0].expires: not a date"},
	{"date with time", DATED("2026-01-31T00:00:00Z"), "f.json: ignore[0].expires: not a"},
	{"month 0", DATED("2026-00-10"), "f.json: ignore[0].expires: not a date"},
	{"month 13", DATED("2026-13-10"), "f.json: ignore[0].expires: not a date"},
	{"day 0", DATED("2026-01-00"), "f.json: ignore[0].expires: not a date"},
	{"day 32", DATED("2026-01-32"), "f.json: ignore[0].expires: not a date"},
	{"day 31 of April", DATED("2026-04-31"), "f.json: ignore[0].expires: not a date"},
	{"no leap year", DATED("2026-02-29"), "f.json: ignore[0].expires: not a date"},
	{"no leap century", DATED("2100-02-29"), "f.json: ignore[0].expires: not a date"},
	{"year 0", DATED("0000-01-01"), "f.json: ignore[0].expires: not a date"},
	{"something behind it", DOC("") "x", "f.json: not JSON at byte"},
};

Test(ignore, bad_files)
{
	for (size_t i = 0; i < COUNT_OF(bad_cases); i++) {
		const struct bad_case *c = &bad_cases[i];
		struct ignore_list list = {.n = 77};
		struct arena arena;
		struct err err = {0};

		arena_init(&arena, LIMIT_BYTES);
		cr_expect_eq(ignore_parse(c->text, strlen(c->text), "f.json", &arena, &list, &err),
		             -EBADMSG, "%s: %s", c->name, err.text);
		cr_expect_eq(strncmp(err.text, c->want, strlen(c->want)), 0, "%s: %s", c->name,
		             err.text);
		cr_expect_eq(list.n, 77, "%s: written", c->name);
		arena_done(&arena);
	}
}

static const char *const good_files[] = {
	DOC(""),
	DOC(GOOD),
	DATED("2024-02-29"),
	DATED("2000-02-29"),
	DATED("9999-12-31"),
	DOC("{\"device\": \"veth*\", \"reason\": \"r\", \"expires\": null}"),
	DOC(GOOD ", {\"code\": \"TC102\", \"device\": \"*\", \"reason\": \"r\"}"),
	DOC("{\"vendor\": \"ab\", \"device\": \"c\", \"reason\": \"r\"}, "
            "{\"vendor\": \"a\", \"device\": \"bc\", \"reason\": \"r\"}"),
};

Test(ignore, good_files)
{
	for (size_t i = 0; i < COUNT_OF(good_files); i++) {
		struct ignore_list list = {0};
		struct arena arena;
		struct err err = {0};

		arena_init(&arena, LIMIT_BYTES);
		cr_expect_eq(ignore_parse(good_files[i], strlen(good_files[i]), "f", &arena, &list,
		                          &err),
		             0, "%zu: %s", i, err.text);
		cr_expect_str_eq(list.file, "f", "%zu", i);
		arena_done(&arena);
	}
}

/** A document of @p n rows, to be freed. */
static char *many_rows(uint32_t n)
{
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);

	cr_assert_not_null(file);
	(void)fputs("{\"schema\": \"tcaudit.ignore/1\", \"ignore\": [", file);
	for (uint32_t i = 0; i < n; i++) {
		(void)fprintf(file, "%s{\"device\": \"eth%u\", \"reason\": \"r\"}", i ? "," : "",
		              i);
	}
	(void)fputs("]}", file);
	cr_assert_eq(fclose(file), 0);
	return text;
}

Test(ignore, bounds)
{
	static const struct {
		const char *name;
		uint32_t rows;
		size_t limit;
		int want;
	} cases[] = {
		{"as many as may be", IGNORE_MAX_ROWS, LIMIT_BYTES, 0},
		{"one more", IGNORE_MAX_ROWS + 1, LIMIT_BYTES, -EFBIG},
		{"little memory", IGNORE_MAX_ROWS, 70000, -ENOMEM},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *text = many_rows(cases[i].rows);
		struct ignore_list list = {0};
		struct arena arena;
		struct err err = {0};

		arena_init(&arena, cases[i].limit);
		cr_expect_eq(ignore_parse(text, strlen(text), "f", &arena, &list, &err),
		             cases[i].want, "%s: %s", cases[i].name, err.text);
		cr_expect_eq(list.n, cases[i].want == 0 ? cases[i].rows : 0, "%s", cases[i].name);
		arena_done(&arena);
		free(text);
	}
}

Test(ignore, large_file)
{
	size_t len = IGNORE_MAX_BYTES + 1;
	char *text = malloc(len);
	struct ignore_list list = {0};
	struct arena arena;
	struct err err = {0};

	cr_assert_not_null(text);
	memset(text, ' ', len);
	arena_init(&arena, LIMIT_BYTES);
	cr_expect_eq(ignore_parse(text, len, "f", &arena, &list, &err), -EFBIG, "%s", err.text);
	arena_done(&arena);
	free(text);
}

static const struct match_case {
	const char *name;
	struct ignore_row row;
	const char *code, *vendor, *device;
	const char *today;
	bool want;
} match_cases[] = {
	{"code", {.code = "TC102"}, "TC102", NULL, "eth0", NULL, true},
	{"other code", {.code = "TC102"}, "TC101", NULL, "eth0", NULL, false},
	{"code, no place", {.code = "TC901"}, "TC901", NULL, NULL, NULL, true},
	{"vendor", {.vendor = "cilium"}, "TC102", "cilium", "eth0", NULL, true},
	{"vendor in capitals", {.vendor = "Cilium"}, "TC102", "cilium", "eth0", NULL, true},
	{"other vendor", {.vendor = "cilium"}, "TC102", "calico", "eth0", NULL, false},
	{"vendor not known", {.vendor = "cilium"}, "TC102", NULL, "eth0", NULL, false},
	{"device", {.device = "veth*"}, "TC102", NULL, "veth1", NULL, true},
	{"other device", {.device = "veth*"}, "TC102", NULL, "eth1", NULL, false},
	{"no device", {.device = "*"}, "TC102", NULL, NULL, NULL, false},
	{"both", {.code = "TC102", .device = "lo"}, "TC102", NULL, "lo", NULL, true},
	{"one of both", {.code = "TC102", .device = "lo"}, "TC102", NULL, "eth0", NULL, false},
	{"all three", {"TC102", "x", "lo", "r", NULL}, "TC102", "x", "lo", NULL, true},
	{"two of three", {"TC102", "x", "lo", "r", NULL}, "TC102", "y", "lo", NULL, false},
	{"day before",
         {.code = "TC102", .expires = "2026-01-31"},
         "TC102",
         NULL,
         "lo",
         "2026-01-30",
         true},
	{"last day",
         {.code = "TC102", .expires = "2026-01-31"},
         "TC102",
         NULL,
         "lo",
         "2026-01-31",
         true},
	{"day after",
         {.code = "TC102", .expires = "2026-01-31"},
         "TC102",
         NULL,
         "lo",
         "2026-02-01",
         false},
	{"no clock", {.code = "TC102", .expires = "2026-01-31"}, "TC102", NULL, "lo", NULL, true},
};

Test(ignore, matches)
{
	for (size_t i = 0; i < COUNT_OF(match_cases); i++) {
		const struct match_case *c = &match_cases[i];
		struct ignore_list list = {.file = "f", .rows = &c->row, .n = 1};
		const struct ignore_row *got =
			ignore_find(&list, c->code, c->vendor, c->device, c->today);

		cr_expect_eq(got, c->want ? &c->row : NULL, "%s", c->name);
	}
}

Test(ignore, first_row_in_date_counts)
{
	static const struct ignore_row rows[] = {
		{.code = "TC102", .reason = "late", .expires = "2025-12-31"},
		{.device = "veth*", .reason = "second"},
		{.vendor = "cilium", .reason = "third"},
	};
	const struct ignore_list list = {.file = "f", .rows = rows, .n = COUNT_OF(rows)};

	cr_expect_eq(ignore_find(&list, "TC102", "cilium", "veth1", "2026-01-01"), &rows[1]);
	cr_expect_eq(ignore_find(&list, "TC102", "cilium", "eth0", "2026-01-01"), &rows[2]);
	cr_expect_null(ignore_find(&list, "TC102", NULL, "eth0", "2026-01-01"));
}
