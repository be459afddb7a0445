/* SPDX-License-Identifier: Apache-2.0 */
/* layers: netlink model */
#include "netlink/attrs.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stdalign.h>
#include <string.h>

enum {
	HDR = 5, /* of the message, aligned to 8 */
};

static const struct attr_want want[] = {
	[1] = ATTR_U32,       [2] = ATTR_TEXT, [3] = ATTR_ANY,
	[4] = ATTR_STRUCT(8), [6] = ATTR_U16,  [7] = ATTR_U8,
};

/** Bytes behind the header of a message, as they lie there (little or big endian alike). */
static const struct index_case {
	const char *name;
	struct {
		uint16_t len, type;
		const char *bytes;
	} attrs[4];   /* len 0 ends the list */
	size_t stray; /* further bytes behind them */
	int want;
	unsigned found; /* bit for each number */
} index_cases[] = {
	{"nothing", {{0}}, 0, 0, 0},
	{"one of each",
         {{8, 1, "abcd"}, {7, 2, "ab"}, {4, 3, ""}, {12, 4, "abcdefgh"}},
         0,
         0,
         0x1e},
	{"struct grown", {{16, 4, "abcdefghijkl"}}, 0, 0, 0x10},
	{"struct too short", {{11, 4, "abcdefg"}}, 0, -EBADMSG, 0},
	{"number too short", {{7, 1, "abc"}}, 0, -EBADMSG, 0},
	{"number too long", {{12, 1, "abcdefgh"}}, 0, -EBADMSG, 0},
	{"text without end", {{7, 2, "abc"}}, 0, -EBADMSG, 0},
	{"text without bytes", {{4, 2, ""}}, 0, -EBADMSG, 0},
	{"number nobody wants", {{8, 5, "abcd"}, {5, 7, "a"}}, 0, 0, 0x80},
	{"number of the future", {{8, 99, "abcd"}, {6, 6, "ab"}}, 0, 0, 0x40},
	{"nested flag is no part of the number", {{4, 3 | NLA_F_NESTED, ""}}, 0, 0, 0x08},
	{"last attribute without padding", {{5, 7, "a"}}, 0, 0, 0x80},
	{"length below its header", {{3, 1, ""}}, 0, -EBADMSG, 0},
	{"length beyond the end", {{40, 3, "abcd"}}, 0, -EBADMSG, 0},
	{"stray bytes", {{8, 1, "abcd"}}, 3, -EBADMSG, 0},
};

/** @return bytes used; the last attribute keeps no padding. */
static size_t put(unsigned char *to, const struct index_case *c)
{
	size_t used = 0;

	for (size_t i = 0; i < COUNT_OF(c->attrs) && c->attrs[i].len != 0; i++) {
		const struct nlattr head = {.nla_len = c->attrs[i].len,
		                            .nla_type = c->attrs[i].type};
		size_t bytes = strlen(c->attrs[i].bytes);

		used = MNL_ALIGN(used);
		memcpy(to + used, &head, sizeof(head));
		memcpy(to + used + sizeof(head), c->attrs[i].bytes, bytes);
		used += sizeof(head) + bytes;
		/* A text's NUL is not in strlen(). */
		used += bytes + sizeof(head) < c->attrs[i].len && c->attrs[i].len < 40;
	}
	return (c->stray > 0 ? MNL_ALIGN(used) : used) + c->stray;
}

static void expect(const struct index_case *c, int got, const struct nlattr *const tb[])
{
	unsigned found = 0;

	cr_expect_eq(got, c->want, "%s: %d", c->name, got);
	for (size_t i = 0; got == 0 && i < COUNT_OF(want); i++) {
		found |= (unsigned)(tb[i] != NULL) << i;
	}
	cr_expect_eq(found, c->found, "%s: found 0x%x", c->name, found);
}

Test(attrs, index)
{
	for (size_t i = 0; i < COUNT_OF(index_cases); i++) {
		const struct index_case *c = &index_cases[i];
		alignas(16) unsigned char buf[256] = {0};
		struct nlmsghdr *nlh = (void *)buf;
		struct nlattr *nest = (void *)(buf + 128);
		const struct nlattr *tb[COUNT_OF(want)];
		size_t len = put(buf + 24, c);

		nlh->nlmsg_len = (uint32_t)(24 + len);
		expect(c, attrs_index(nlh, HDR, want, COUNT_OF(want), tb, NULL), tb);
		(void)put(buf + 132, c);
		nest->nla_len = (uint16_t)(4 + len);
		expect(c, attrs_nested(nest, want, COUNT_OF(want), tb, NULL), tb);
	}
}

Test(attrs, short_header)
{
	alignas(16) unsigned char buf[64] = {0};
	struct nlmsghdr *nlh = (void *)buf;
	const struct nlattr *tb[COUNT_OF(want)];
	struct err err = {0};

	for (uint32_t len = 16; len <= 24; len++) {
		nlh->nlmsg_len = len;
		cr_expect_eq(attrs_index(nlh, HDR, want, COUNT_OF(want), tb, &err),
		             len < 24 ? -EBADMSG : 0, "%u bytes", len);
	}
	cr_expect_eq(attrs_nested(NULL, want, COUNT_OF(want), tb, NULL), 0, "no nest");
}

Test(attrs, values)
{
	alignas(16) char buf[128];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	const struct nlattr *tb[COUNT_OF(want)];
	struct arena arena;
	const char *text;

	mnl_attr_put_u32(nlh, 1, 0xfffffffe);
	mnl_attr_put_strz(nlh, 2, "n\xff");
	mnl_attr_put_u8(nlh, 7, 200);
	cr_assert_eq(attrs_index(nlh, 0, want, COUNT_OF(want), tb, NULL), 0);
	cr_expect_eq(attrs_u32(tb[1], 1), 0xfffffffe);
	cr_expect_eq(attrs_u32(tb[3], 1), 1);
	cr_expect_eq(attrs_u8(tb[7], 1), 200);
	cr_expect_eq(attrs_u8(NULL, 3), 3);
	cr_expect(attrs_text_is(tb[2], "n\xff"));
	cr_expect_not(attrs_text_is(tb[2], "n"));
	cr_expect_not(attrs_text_is(NULL, ""));

	arena_init(&arena, 1 << 16);
	text = attrs_import(&arena, tb[2]);
	cr_expect_str_eq(text, "n\\xff");
	arena_done(&arena);
	arena_init(&arena, 1);
	cr_expect_null(attrs_import(&arena, tb[2]), "at the limit");
	arena_done(&arena);
}

Test(attrs, walk)
{
	alignas(16) char buf[128];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *nest = mnl_attr_nest_start(nlh, 9);
	const struct nlattr *at = NULL;
	unsigned seen = 0;

	mnl_attr_put_u8(nlh, 7, 1);
	mnl_attr_put_u32(nlh, 1, 1);
	mnl_attr_nest_end(nlh, nest);
	cr_expect_not(attrs_has_other(nest, want, COUNT_OF(want)), "all are known");
	while ((at = attrs_next(nest, at)) != NULL) {
		seen = seen * 10 + mnl_attr_get_type(at);
	}
	cr_expect_eq(seen, 71, "in their order: %u", seen);
	mnl_attr_put_u32(nlh, 5, 1);
	mnl_attr_nest_end(nlh, nest);
	cr_expect(attrs_has_other(nest, want, COUNT_OF(want)), "number 5 is not wanted");
}
