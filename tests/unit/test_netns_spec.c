/* SPDX-License-Identifier: Apache-2.0 */
/* layers: netlink model */
#include "model/attrs.h"
#include "netlink/netns_spec.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static const struct spec_case {
	const char *text;
	int want;
	enum netns_spec_kind kind;
	uint64_t number;
} spec_cases[] = {
	{"all", 0, NETNS_SPEC_ALL, 0},
	{"host", 0, NETNS_SPEC_HOST, 0},
	{"blue", 0, NETNS_SPEC_NAME, 0},
	{"All", 0, NETNS_SPEC_NAME, 0},
	{"inode", 0, NETNS_SPEC_NAME, 0},
	{"/run/netns/blue", 0, NETNS_SPEC_PATH, 0},
	{"./blue", 0, NETNS_SPEC_PATH, 0},
	{"inode:4026531840", 0, NETNS_SPEC_INODE, 4026531840},
	{"inode:18446744073709551615", 0, NETNS_SPEC_INODE, UINT64_MAX},
	{"pid:1", 0, NETNS_SPEC_PID, 1},
	{"pid:2147483647", 0, NETNS_SPEC_PID, INT32_MAX},
	{"", -EINVAL, 0, 0},
	{"inode:", -EINVAL, 0, 0},
	{"inode:0", -EINVAL, 0, 0},
	{"inode:x", -EINVAL, 0, 0},
	{"inode:1x", -EINVAL, 0, 0},
	{"inode: 1", -EINVAL, 0, 0},
	{"inode:+1", -EINVAL, 0, 0},
	{"inode:18446744073709551616", -EINVAL, 0, 0},
	{"pid:", -EINVAL, 0, 0},
	{"pid:-1", -EINVAL, 0, 0},
	{"pid:0", -EINVAL, 0, 0},
	{"pid:2147483648", -EINVAL, 0, 0},
	{"pid:1/2", -EINVAL, 0, 0},
};

Test(netns_spec, parse)
{
	for (size_t i = 0; i < COUNT_OF(spec_cases); i++) {
		const struct spec_case *c = &spec_cases[i];
		struct netns_spec got = {0};
		struct err err = {0};
		int r = netns_spec_parse(c->text, &got, &err);

		cr_expect_eq(r, c->want, "'%s': %d", c->text, r);
		if (c->want < 0) {
			cr_expect(strstr(err.text, c->text), "'%s': text %s", c->text, err.text);
			cr_expect_null(strchr(err.text, '\n'), "'%s': one line", c->text);
			continue;
		}
		cr_expect_eq(got.kind, c->kind, "'%s': kind %d", c->text, (int)got.kind);
		cr_expect_eq(got.number, c->number, "'%s': number", c->text);
		cr_expect_eq(got.text, c->text, "'%s': text", c->text);
	}
}

static const struct distance_case {
	const char *a, *b;
	size_t want;
} distance_cases[] = {
	{"", "", 0},          {"", "abc", 3},           {"blue", "blue", 0},
	{"blue", "bleu", 2},  {"blue", "lue", 1},       {"blue", "x", 4},
	{"blue", "blues", 1}, {"kitten", "sitting", 3}, {"aaaa", "aabaa", 1},
};

Test(netns_spec, distance)
{
	for (size_t i = 0; i < COUNT_OF(distance_cases); i++) {
		const struct distance_case *c = &distance_cases[i];

		cr_expect_eq(netns_spec_distance(c->a, c->b), c->want, "%s, %s", c->a, c->b);
		cr_expect_eq(netns_spec_distance(c->b, c->a), c->want, "%s, %s", c->b, c->a);
	}
}

Test(netns_spec, distance_is_bounded)
{
	char a[1000];
	char b[1000];

	memset(a, 'a', sizeof(a) - 1);
	memset(b, 'b', sizeof(b) - 1);
	a[sizeof(a) - 1] = b[sizeof(b) - 1] = '\0';
	cr_expect_eq(netns_spec_distance(a, b), 64);
}
