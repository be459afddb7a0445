/* SPDX-License-Identifier: Apache-2.0 */
/* layers: reports model */
#include "tests/unit/report_fixture.h"

/** Every combination of what can hold and of what was asked for, from design.md section 3. */
Test(formats, exit_code_and_verdict)
{
	for (uint32_t bits = 0; bits < 64; bits++) {
		bool fail = bits & 1u;
		bool warn = bits & 2u;
		bool gap = bits & 4u;
		uint32_t on = (bits & 8u ? FAIL_ON_FAIL : 0u) | (bits & 16u ? FAIL_ON_WARN : 0u) |
		              (bits & 32u ? FAIL_ON_INCOMPLETE : 0u);
		struct snapshot snap = {.n_gaps = gap};
		struct findings f = {.n_fail = fail, .n_warn = warn, .n_info = 1};
		int want = 0;
		enum verdict verdict = VERDICT_PASS;

		/* In the order of importance from below. */
		if (warn && (bits & 16u) != 0) {
			want = 4;
		}
		if (gap && (bits & 32u) != 0) {
			want = 5;
		}
		if (fail && (bits & 8u) != 0) {
			want = 3;
		}
		verdict = warn ? VERDICT_WARN : verdict;
		verdict = gap ? VERDICT_INCOMPLETE : verdict;
		verdict = fail ? VERDICT_FAIL : verdict;
		cr_expect_eq(report_exit_code(&snap, &f, on), want, "bits %u", bits);
		cr_expect_eq(report_verdict(&snap, &f), verdict, "bits %u", bits);
	}
}

static const struct {
	const char *name;
	uint32_t fail, warn, gaps, on;
	int want;
} spelled_cases[] = {
	{"nothing", 0, 0, 0, 7, 0},
	{"a problem", 2, 0, 0, 7, 3},
	{"a problem wins over gaps", 1, 1, 1, 7, 3},
	{"a gap wins over a caution", 0, 1, 1, 7, 5},
	{"a caution", 0, 1, 0, 7, 4},
	{"never", 1, 1, 1, 0, 0},
	{"problems not asked for, gaps are", 1, 1, 1, FAIL_ON_INCOMPLETE | FAIL_ON_WARN, 5},
	{"only cautions asked for", 1, 1, 1, FAIL_ON_WARN, 4},
};

Test(formats, exit_code_spelled_out)
{
	for (size_t i = 0; i < COUNT_OF(spelled_cases); i++) {
		struct snapshot snap = {.n_gaps = spelled_cases[i].gaps};
		struct findings f = {.n_fail = spelled_cases[i].fail,
		                     .n_warn = spelled_cases[i].warn};

		cr_expect_eq(report_exit_code(&snap, &f, spelled_cases[i].on),
		             spelled_cases[i].want, "%s", spelled_cases[i].name);
	}
}

Test(formats, scan_has_no_findings)
{
	struct snapshot whole = {0};
	struct snapshot gappy = {.n_gaps = 1};
	uint32_t all = FAIL_ON_FAIL | FAIL_ON_WARN | FAIL_ON_INCOMPLETE;

	cr_expect_eq(report_verdict(&whole, NULL), VERDICT_PASS);
	cr_expect_eq(report_exit_code(&whole, NULL, all), 0);
	cr_expect_eq(report_verdict(&gappy, NULL), VERDICT_INCOMPLETE);
	cr_expect_eq(report_exit_code(&gappy, NULL, all), 5);
	cr_expect_eq(report_exit_code(&gappy, NULL, FAIL_ON_FAIL), 0);
}

Test(formats, words_and_table)
{
	cr_expect_str_eq(verdict_word(VERDICT_PASS), "pass");
	cr_expect_str_eq(verdict_word(VERDICT_WARN), "warn");
	cr_expect_str_eq(verdict_word(VERDICT_FAIL), "fail");
	cr_expect_str_eq(verdict_word(VERDICT_INCOMPLETE), "incomplete");
	cr_assert_geq(n_formats, 2);
	cr_expect_str_eq(formats[0].name, "text");
	cr_expect_str_eq(formats[1].name, "json");
	for (uint32_t i = 0; i < n_formats; i++) {
		cr_expect(formats[i].what != NULL && *formats[i].what != '\0', "%s",
		          formats[i].name);
		cr_expect(formats[i].check != NULL || formats[i].scan != NULL, "%s",
		          formats[i].name);
	}
}
