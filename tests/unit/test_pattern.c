/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/pattern.h"
#include "model/text.h"

#include <criterion/criterion.h>
#include <string.h>

#define ARENA_BYTES ((size_t)1 << 20)

static const struct fit_case {
	const char *pattern;
	const char *subject;
	const char *device;
	bool cut;
	bool fits;
} fits[] = {
	{"cil_*", "cil_from_contai", NULL, false, true},
	{"cil_*", "cil_", NULL, false, true},
	{"cil_*", "cil", NULL, false, false},
	{"cil_*", "ciL_x", NULL, false, false},
	{"cil_*", "", NULL, false, false},
	{"cil_*", NULL, NULL, false, false},
	{"*", "", NULL, false, true},
	{"*.o:[*]", "bpf_lxc.o:[from-container]", NULL, false, true},
	{"*.o:[*]", "a.o:[x].o:[y]", NULL, false, true},
	{"*.o:[*]", "a.o:[x", NULL, false, false},
	{"a?c", "abc", NULL, false, true},
	{"a?c", "ac", NULL, false, false},
	{"x:[#]", "x:[231]", NULL, false, true},
	{"x:[#]", "x:[]", NULL, false, false},
	{"x:[#]", "x:[2a]", NULL, false, false},
	{"#_#", "12_7", NULL, false, true},
	{"##", "7", NULL, false, false},
	{"{a,b}c", "ac", NULL, false, true},
	{"{a,b}c", "bc", NULL, false, true},
	{"{a,b}c", "c", NULL, false, false},
	{"{a,}c", "c", NULL, false, true},
	{"{a}c", "ac", NULL, false, true},
	{"x{ab,a}b", "xab", NULL, false, true},
	{"{lxc*,eni#}", "lxc12ab", NULL, false, true},
	{"{lxc*,eni#}", "eni12", NULL, false, true},
	{"{lxc*,eni#}", "eni", NULL, false, false},
	{"a,b", "a,b", NULL, false, true},
	{"cilium-%", "cilium-eth0", "eth0", false, true},
	{"cilium-%", "cilium-eth1", "eth0", false, false},
	{"cilium-%", "cilium-", "", false, false},
	{"cilium-%", "cilium-eth0", NULL, false, false},
	{"%-%", "eth0-eth0", "eth0", false, true},
	{"\\*\\{", "*{", NULL, false, true},
	{"\\*", "x", NULL, false, false},
	{"classifier_egress", "classifier_egre", NULL, true, true},
	{"classifier_egress", "classifier_egre", NULL, false, false},
	{"classifier_egress", "classifier_ingr", NULL, true, false},
	{"classifier_egress", "classifier_egress2", NULL, true, false},
	{"{tc,tcx}_{ingress,egress}_flow", "tcx_egress", NULL, true, true},
	{"\xc3\xa9*", "\xc3\xa9t\xc3\xa9", NULL, false, true},
};

Test(pattern, fits)
{
	struct arena arena;

	arena_init(&arena, ARENA_BYTES);
	for (size_t i = 0; i < COUNT_OF(fits); i++) {
		const struct fit_case *c = &fits[i];
		const struct pattern *pattern = NULL;
		const char *wrong = pattern_read(c->pattern, &arena, &pattern);

		cr_assert_null(wrong, "%s: %s", c->pattern, wrong);
		cr_assert_not_null(pattern);
		cr_expect_eq(pattern_fits(pattern, c->subject, c->device, c->cut), c->fits,
		             "%s, subject %s", c->pattern, c->subject);
		cr_expect_str_eq(pattern_text(pattern), c->pattern);
	}
	arena_done(&arena);
}

static const struct {
	const char *pattern;
	const char *why;
} wrongs[] = {
	{"", "an empty pattern"},        {"{a", "a { without its }"},
	{"a}", "a } without its {"},     {"{a,{b}}", "braces inside braces"},
	{"a\\", "a pattern ends in \\"}, {"{a\\", "a pattern ends in \\"},
};

Test(pattern, wrong)
{
	char longest[PATTERN_MAX_BYTES + 2] = "";
	char commas[PATTERN_MAX_BYTES + 1] = "{";
	const struct pattern *pattern = NULL;
	struct arena arena;

	arena_init(&arena, ARENA_BYTES);
	for (size_t i = 0; i < COUNT_OF(wrongs); i++) {
		const char *why = pattern_read(wrongs[i].pattern, &arena, &pattern);

		cr_assert_not_null(why, "%s", wrongs[i].pattern);
		cr_expect_str_eq(why, wrongs[i].why, "%s: %s", wrongs[i].pattern, why);
		cr_expect_null(pattern, "%s", wrongs[i].pattern);
	}
	memset(longest, 'a', PATTERN_MAX_BYTES);
	cr_expect_null(pattern_read(longest, &arena, &pattern));
	longest[PATTERN_MAX_BYTES] = 'a';
	cr_expect_str_eq(pattern_read(longest, &arena, &pattern), "a pattern that is too long");
	memset(commas + 1, ',', PATTERN_MAX_BYTES - 2);
	commas[PATTERN_MAX_BYTES - 1] = '}';
	cr_expect_str_eq(pattern_read(commas, &arena, &pattern), "a pattern with too many parts");
	arena_done(&arena);
	arena_init(&arena, 16);
	cr_expect_null(pattern_read("abc", &arena, &pattern));
	cr_expect_null(pattern, "no memory");
	arena_done(&arena);
}

/* What takes ages with backtracking takes its length here. */
Test(pattern, hostile, .timeout = 5)
{
	char stars[PATTERN_MAX_BYTES + 1] = "";
	char subject[PATTERN_MAX_SUBJECT + 2] = "";
	const struct pattern *pattern = NULL;
	struct arena arena;

	for (size_t i = 0; i < PATTERN_MAX_BYTES - 1; i++) {
		stars[i] = i % 2 == 0 ? '*' : 'a';
	}
	stars[PATTERN_MAX_BYTES - 1] = 'b';
	memset(subject, 'a', PATTERN_MAX_SUBJECT);
	arena_init(&arena, ARENA_BYTES);
	cr_assert_null(pattern_read(stars, &arena, &pattern));
	for (int i = 0; i < 100; i++) {
		cr_expect_not(pattern_fits(pattern, subject, NULL, false));
	}
	cr_assert_null(pattern_read("a*", &arena, &pattern));
	cr_expect(pattern_fits(pattern, subject, NULL, false));
	subject[PATTERN_MAX_SUBJECT] = 'a';
	cr_expect_not(pattern_fits(pattern, subject, NULL, false), "a subject that is too long");
	arena_done(&arena);
}
