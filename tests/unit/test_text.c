/* SPDX-License-Identifier: Apache-2.0 */
/* layers: model */
#include "model/out.h"
#include "model/text.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct utf8_case {
	const char *name;
	const char *bytes;
	size_t len; /**< Expected length of the first character, 0: none. */
	uint32_t cp;
} utf8_cases[] = {
	{"ascii", "a", 1, 'a'},
	{"two", "\xc3\xa9", 2, 0xe9},
	{"three", "\xe2\x82\xac", 3, 0x20ac},
	{"four", "\xf0\x9f\x98\x80", 4, 0x1f600},
	{"last", "\xf4\x8f\xbf\xbf", 4, 0x10ffff},
	{"beyond the last", "\xf4\x90\x80\x80", 0, 0},
	{"five bytes", "\xf8\x88\x80\x80\x80", 0, 0},
	{"overlong two", "\xc0\x80", 0, 0},
	{"overlong slash", "\xc1\xaf", 0, 0},
	{"overlong three", "\xe0\x9f\xbf", 0, 0},
	{"overlong four", "\xf0\x8f\xbf\xbf", 0, 0},
	{"surrogate", "\xed\xa0\x80", 0, 0},
	{"before surrogates", "\xed\x9f\xbf", 3, 0xd7ff},
	{"lone continuation", "\x80", 0, 0},
	{"cut short", "\xe2\x82", 0, 0},
	{"second byte wrong", "\xe2(\xac", 0, 0},
	{"all ones", "\xff", 0, 0},
};

Test(text, utf8_next)
{
	for (size_t i = 0; i < COUNT_OF(utf8_cases); i++) {
		const struct utf8_case *c = &utf8_cases[i];
		uint32_t cp = 0;

		cr_expect_eq(text_utf8_next(c->bytes, strlen(c->bytes), &cp), c->len, "%s",
		             c->name);
		cr_expect_eq(cp, c->cp, "%s: U+%04X", c->name, cp);
		cr_expect_eq(text_is_utf8(c->bytes, strlen(c->bytes)), c->len != 0, "%s", c->name);
	}
}

static const struct shown_case {
	const char *name;
	const char *bytes;
	const char *import; /**< text_import(). */
	const char *term;   /**< out_term(). */
	size_t columns;
} shown_cases[] = {
	{"plain", "eth0", "eth0", "eth0", 4},
	{"empty", "", "", "", 0},
	{"backslash", "a\\x41", "a\\x41", "a\\x41", 5},
	{"each bad byte",
         "a\xff\xfe"
         "b",
         "a\\xff\\xfeb", "a\\xff\\xfeb", 10},
	{"cut at the end", "\xe2\x82", "\\xe2\\x82", "\\xe2\\x82", 8},
	{"good after bad", "\xe2\xc3\xa9", "\\xe2\xc3\xa9", "\\xe2\xc3\xa9", 5},
	{"escape sequence", "\033[31m", "\033[31m", "\\x1b[31m", 8},
	{"new line", "a\nb", "a\nb", "a\\x0ab", 6},
	{"delete", "\x7f", "\x7f", "\\x7f", 4},
	{"c1", "\xc2\x9b", "\xc2\x9b", "\\u{009b}", 8},
	{"no-break space", "\xc2\xa0", "\xc2\xa0", "\xc2\xa0", 1},
	{"line separator", "\xe2\x80\xa8", "\xe2\x80\xa8", "\\u{2028}", 8},
	{"paragraph separator", "\xe2\x80\xa9", "\xe2\x80\xa9", "\\u{2029}", 8},
	{"left-to-right mark", "\xe2\x80\x8e", "\xe2\x80\x8e", "\\u{200e}", 8},
	{"zero-width joiner stays", "\xe2\x80\x8d", "\xe2\x80\x8d", "\xe2\x80\x8d", 1},
	{"override", "\xe2\x80\xae", "\xe2\x80\xae", "\\u{202e}", 8},
	{"isolate", "\xe2\x81\xa6", "\xe2\x81\xa6", "\\u{2066}", 8},
	{"after the isolates", "\xe2\x81\xaa", "\xe2\x81\xaa", "\xe2\x81\xaa", 1},
	{"arabic letter mark", "\xd8\x9c", "\xd8\x9c", "\\u{061c}", 8},
	{"byte order mark", "\xef\xbb\xbf", "\xef\xbb\xbf", "\\u{feff}", 8},
	{"emoji", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 1},
};

Test(text, shown)
{
	for (size_t i = 0; i < COUNT_OF(shown_cases); i++) {
		const struct shown_case *c = &shown_cases[i];
		struct out_mem mem = {0};
		struct out o;
		struct arena arena;

		arena_init(&arena, 4096);
		cr_expect_str_eq(text_import(&arena, c->bytes, SIZE_MAX), c->import, "%s", c->name);
		arena_done(&arena);

		out_init(&o, out_mem_write, &mem);
		out_term(&o, c->bytes);
		cr_expect_eq(out_flush(&o), 0, "%s", c->name);
		cr_expect_str_eq(mem.bytes ? mem.bytes : "", c->term, "%s", c->name);
		cr_expect_eq(text_columns(c->bytes), c->columns, "%s: %zu columns", c->name,
		             text_columns(c->bytes));
		out_mem_done(&mem);
	}
	cr_expect_eq(text_columns(NULL), 1);
}

Test(text, import_bounds)
{
	struct arena arena;

	arena_init(&arena, 4096);
	cr_expect_str_eq(text_import(&arena, "abc", 2), "ab");
	cr_expect_str_eq(text_import(&arena, "a\0b", 3), "a");
	cr_expect_str_eq(text_import(&arena, "\xc3\xa9", 1), "\\xc3");
	arena_done(&arena);

	arena_init(&arena, 8);
	cr_expect_null(text_import(&arena, "abc", 3));
	cr_expect_null(text_import(&arena, "\xff", 1));
	arena_done(&arena);
}

Test(text, compare)
{
	cr_expect_eq(text_cmp(NULL, NULL), 0);
	cr_expect_lt(text_cmp(NULL, ""), 0);
	cr_expect_gt(text_cmp("", NULL), 0);
	cr_expect_lt(text_cmp("a", "b"), 0);
	cr_expect(text_eq(NULL, NULL));
	cr_expect(!text_eq(NULL, ""));
	cr_expect(!text_eq("", NULL));
	cr_expect(text_eq("a", "a"));
	cr_expect(text_starts("qdisc/1:", "qdisc/"));
	cr_expect(!text_starts("qd", "qdisc/"));
	cr_expect(!text_starts(NULL, ""));
}

Test(text, hash)
{
	/* published values of 64-bit FNV-1a */
	cr_expect_eq(text_hash(TEXT_HASH_SEED, "", 0), UINT64_C(0xcbf29ce484222325));
	cr_expect_eq(text_hash(TEXT_HASH_SEED, "a", 1), UINT64_C(0xaf63dc4c8601ec8c));
	cr_expect_eq(text_hash(TEXT_HASH_SEED, "foobar", 6), UINT64_C(0x85944171f73967e8));
	cr_expect_eq(text_hash(text_hash(TEXT_HASH_SEED, "foo", 3), "bar", 3),
	             UINT64_C(0x85944171f73967e8));
}

Test(text, hash_keeps_parts_apart)
{
	uint64_t ab_c = text_hash_str(text_hash_str(TEXT_HASH_SEED, "ab"), "c");

	cr_expect_neq(ab_c, text_hash_str(text_hash_str(TEXT_HASH_SEED, "a"), "bc"));
	cr_expect_eq(ab_c, text_hash_part(text_hash_part(TEXT_HASH_SEED, "abX", 2), "c", 1));
	cr_expect_eq(ab_c, text_hash(TEXT_HASH_SEED, "ab\0c", 5));
	cr_expect_eq(text_hash_str(TEXT_HASH_SEED, NULL), text_hash_str(TEXT_HASH_SEED, ""));
}

static const struct glob_case {
	const char *name;
	const char *pattern;
	const char *text;
	bool want;
} glob_cases[] = {
	{"itself", "eth0", "eth0", true},
	{"case", "eth0", "Eth0", false},
	{"longer text", "eth", "eth0", false},
	{"longer pattern", "eth00", "eth0", false},
	{"nothing", "*", "", true},
	{"one of nothing", "?", "", false},
	{"prefix", "veth*", "vethc0ffee", true},
	{"star takes nothing", "veth*", "veth", true},
	{"suffix", "*0", "eth10", true},
	{"middle", "a*c*e", "abcde", true},
	{"comes back", "*aab", "aaaaab", true},
	{"last star only", "a*b*c", "abbbbd", false},
	{"stars in a row", "**?**", "x", true},
	{"one", "eth?", "eth7", true},
	{"one is not two", "eth?", "eth10", false},
	{"one character of two bytes", "?th0", "\xc3\xa9th0", true},
	{"range", "eth[0-3]", "eth2", true},
	{"behind the range", "eth[0-3]", "eth4", false},
	{"list", "[lw]an0", "wan0", true},
	{"not", "eth[!0-3]", "eth4", true},
	{"not, with the other sign", "eth[^0-3]", "eth2", false},
	{"not nothing", "eth[!0]", "eth", false},
	{"bracket as member", "a[]]b", "a]b", true},
	{"dash as last member", "a[x-]b", "a-b", true},
	{"range of characters", "[\xc3\xa0-\xc3\xaf]", "\xc3\xa9", true},
	{"taken as itself", "a\\*b", "a*b", true},
	{"taken as itself only", "a\\*b", "axb", false},
	{"in brackets", "[\\]x]", "]", true},
	{"bytes that are no text", "\xff?", "\xff\xfe", true},
	{"no byte is a character", "[\xc3\xa0-\xc3\xbf]", "\xe9", false},
	{"not closed", "eth[0", "eth0", false},
	{"brackets at the end of the text", "eth0[0-9]", "eth0", false},
};

Test(text, globs)
{
	for (size_t i = 0; i < COUNT_OF(glob_cases); i++) {
		const struct glob_case *c = &glob_cases[i];

		cr_expect_eq(text_glob(c->pattern, c->text), c->want, "%s", c->name);
	}
}

static const struct {
	const char *pattern;
	bool want;
} glob_ok_cases[] = {
	{"*", true},    {"eth[0-9]*", true}, {"[]]", true},    {"[!]]", true}, {"[a-]", true},
	{"\\[", true},  {"[\\]]", true},     {"", false},      {"[", false},   {"[]", false},
	{"[!]", false}, {"eth[0", false},    {"[z-a]", false}, {"a\\", false}, {"[a\\", false},
};

Test(text, globs_that_are_none)
{
	for (size_t i = 0; i < COUNT_OF(glob_ok_cases); i++) {
		cr_expect_eq(text_glob_ok(glob_ok_cases[i].pattern), glob_ok_cases[i].want, "%s",
		             glob_ok_cases[i].pattern);
	}
}

/** A matcher that tries every way would not come back from this one. */
Test(text, glob_work_is_bounded, .timeout = 20)
{
	char pattern[512] = "";
	char text[4096];

	for (size_t i = 0; i + 2 < sizeof(pattern); i += 2) {
		pattern[i] = '*';
		pattern[i + 1] = 'a';
	}
	pattern[sizeof(pattern) - 2] = 'b';
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	cr_expect_not(text_glob(pattern, text));
}
