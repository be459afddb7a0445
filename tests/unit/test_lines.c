/* SPDX-License-Identifier: Apache-2.0 */
/* layers: reports model */
#include "reports/lines.h"
#include "tests/unit/report_fixture.h"

/** 300 bytes of two-byte characters without a space, and what surrounds them. */
#define E10  "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
#define E150 E10 E10 E10 E10 E10 E10 E10 E10 E10 E10 E10 E10 E10 E10 E10

static const struct {
	const char *name;
	uint32_t indent, width;
	const char *text;
	const char *want;
} wrap_cases[] = {
	{"fits", 2, 20, "one two three", "one two three\n"},
	{"exactly", 2, 9, "one two", "one two\n"},
	{"one too narrow", 2, 8, "one two", "one\n  two\n"},
	{"hanging", 3, 11, "one two three four", "one two\n   three\n   four\n"},
	{"no room at all", 4, 3, "one two", "one\n    two\n"},
	{"long word is not torn", 0, 5, "a bbbbbbbbbb c", "a\nbbbbbbbbbb\nc\n"},
	{"spaces are one", 0, 40, "  a   b  ", "a b\n"},
	{"empty", 2, 40, "", "\n"},
	{"nothing", 2, 40, NULL, "\n"},
	{"escapes count as printed", 0, 9, "\x01\x01 ab", "\\x01\\x01\nab\n"},
	{"line ends are escaped", 0, 40, "a\nb", "a\\x0ab\n"},
	{"wide characters count as one column", 0, 5, "\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9",
         "\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9\n"},
	{"longer than the buffer of a piece", 0, 40, "x" E150 " y", "x" E150 "\ny\n"},
};

Test(lines, wrap)
{
	for (size_t i = 0; i < COUNT_OF(wrap_cases); i++) {
		struct out_mem mem = {0};
		struct out o;

		out_init(&o, out_mem_write, &mem);
		lines_wrap(&o, wrap_cases[i].indent, wrap_cases[i].width, wrap_cases[i].text);
		cr_assert_eq(out_flush(&o), 0);
		cr_expect_str_eq(mem.bytes, wrap_cases[i].want, "%s: %s", wrap_cases[i].name,
		                 mem.bytes);
		out_mem_done(&mem);
	}
}

static const struct {
	uint32_t columns, want;
} width_cases[] = {{0, 100}, {1, 40}, {40, 40}, {80, 80}, {300, 300}};

Test(lines, width)
{
	for (size_t i = 0; i < COUNT_OF(width_cases); i++) {
		struct report rep = {.columns = width_cases[i].columns};

		cr_expect_eq(lines_width(&rep), width_cases[i].want, "%u", rep.columns);
	}
}

Test(lines, count)
{
	struct out_mem mem = {0};
	struct out o;

	out_init(&o, out_mem_write, &mem);
	lines_count(&o, 0, "link", NULL);
	lines_count(&o, 1, "link", NULL);
	lines_count(&o, 2, "entry", "entries");
	cr_assert_eq(out_flush(&o), 0);
	cr_expect_str_eq(mem.bytes, "0 links1 link2 entries");
	out_mem_done(&mem);
}
