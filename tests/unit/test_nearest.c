/* SPDX-License-Identifier: Apache-2.0 */
/* layers: cli */
#include "cli/nearest.h"
#include "model/attrs.h"

#include <criterion/criterion.h>

static const struct {
	const char *name, *a, *b;
	size_t want;
} distance_cases[] = {
	{"equal", "format", "format", 0},
	{"one insert", "fomat", "format", 1},
	{"one delete", "formaat", "format", 1},
	{"one change", "formot", "format", 1},
	{"swap is one", "ofrmat", "format", 1},
	{"from nothing", "", "json", 4},
	{"too long", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a", NEAREST_MAX_LEN + 1},
};

Test(nearest, distance)
{
	for (size_t i = 0; i < COUNT_OF(distance_cases); i++) {
		size_t got = nearest_distance(distance_cases[i].a, distance_cases[i].b);

		cr_expect_eq(got, distance_cases[i].want, "%s: %zu", distance_cases[i].name, got);
		got = nearest_distance(distance_cases[i].b, distance_cases[i].a);
		cr_expect_eq(got, distance_cases[i].want, "%s reversed: %zu",
		             distance_cases[i].name, got);
	}
}

static const struct {
	const char *name, *typed, *want;
} offer_cases[] = {
	{"slip", "chekc", "check"},
	{"beginning", "exp", "explain"},
	{"nothing like it", "zzzzzz", NULL},
	{"short words need to be close", "xy", NULL},
};

Test(nearest, offer)
{
	static const char *const words[] = {"check", "scan", "explain"};

	for (size_t i = 0; i < COUNT_OF(offer_cases); i++) {
		struct nearest near = {.word = offer_cases[i].typed};

		for (size_t j = 0; j < COUNT_OF(words); j++) {
			nearest_offer(&near, words[j]);
		}
		const char *got = nearest_result(&near);

		if (offer_cases[i].want == NULL) {
			cr_expect_null(got, "%s: %s", offer_cases[i].name, got);
		} else {
			cr_expect_str_eq(got, offer_cases[i].want, "%s", offer_cases[i].name);
		}
	}
}
