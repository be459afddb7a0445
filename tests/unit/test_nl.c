/* SPDX-License-Identifier: Apache-2.0 */
/* layers: netlink model */
#include "model/attrs.h"
#include "netlink/collect.h"
#include "netlink/nl_parse.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdalign.h>
#include <string.h>

enum {
	PORT = 77,
	SEQ = 5,
	ROWS_FAIL = 3, /* the row function fails at this row */
};

/** One message of a datagram made by hand. Zeroed type ends the list. */
struct part {
	uint16_t type;
	uint16_t flags;
	uint32_t seq, port; /* 0: the right one */
	int code;           /* of NLMSG_ERROR and NLMSG_DONE */
	const char *text;   /* extended acknowledgement */
	size_t cut;         /* bytes missing at the end of the datagram */
	uint32_t len;       /* wrong nlmsg_len */
	bool whole;         /* the error quotes a request of 8 bytes more */
};

static const struct parse_case {
	const char *name;
	bool get;
	struct part parts[5];
	int want;
	unsigned rows;
	bool refused;
	const char *text; /* part of the description */
} parse_cases[] = {
	{"rows, more to come", false, {{.type = 16}, {.type = 16}}, 0, 2, false, NULL},
	{"rows and the end", false, {{.type = 16}, {.type = NLMSG_DONE}}, 1, 1, false, NULL},
	{"end with a length", false, {{.type = NLMSG_DONE, .code = 20}}, 1, 0, false, NULL},
	{"nothing behind the end is read",
         false,
         {{.type = NLMSG_DONE}, {.type = 16}},
         1,
         0,
         false,
         NULL},
	{"end with an error",
         false,
         {{.type = 16}, {.type = NLMSG_DONE, .code = -EPERM}},
         -EPERM,
         1,
         true,
         "Operation not permitted"},
	{"end with an error and its text",
         false,
         {{.type = NLMSG_DONE, .code = -EINVAL, .flags = NLM_F_ACK_TLVS, .text = "no such thing"}},
         -EINVAL,
         0,
         true,
         "Invalid argument: no such thing"},
	{"end with an impossible error",
         false,
         {{.type = NLMSG_DONE, .code = -5000}},
         -EBADMSG,
         0,
         false,
         "impossible"},
	{"end of a dump for a get",
         true,
         {{.type = NLMSG_DONE}},
         -EBADMSG,
         0,
         false,
         "nobody asked"},
	{"refused",
         false,
         {{.type = NLMSG_ERROR, .code = -EOPNOTSUPP}},
         -EOPNOTSUPP,
         0,
         true,
         "Operation not supported"},
	{"refused, with words",
         false,
         {{.type = NLMSG_ERROR,
           .flags = NLM_F_CAPPED | NLM_F_ACK_TLVS,
           .code = -EPERM,
           .text = "why"}},
         -EPERM,
         0,
         true,
         "permitted: why"},
	{"refused, with words behind the whole request",
         false,
         {{.type = NLMSG_ERROR,
           .flags = NLM_F_ACK_TLVS,
           .code = -EPERM,
           .text = "why",
           .whole = true}},
         -EPERM,
         0,
         true,
         "permitted: why"},
	{"refused with a positive number",
         false,
         {{.type = NLMSG_ERROR, .code = 1}},
         -EBADMSG,
         0,
         false,
         "impossible"},
	{"refused, too short to say",
         false,
         {{.type = NLMSG_ERROR, .len = 18, .cut = 0}},
         -EBADMSG,
         0,
         false,
         NULL},
	{"acknowledged get", true, {{.type = 16}, {.type = NLMSG_ERROR}}, 1, 1, false, NULL},
	{"acknowledged dump", false, {{.type = NLMSG_ERROR}}, -EBADMSG, 0, false, "without an end"},
	{"interrupted",
         false,
         {{.type = 16}, {.type = 16, .flags = NLM_F_DUMP_INTR}},
         -EINTR,
         1,
         false,
         "changed"},
	{"interrupted at its end",
         false,
         {{.type = NLMSG_DONE, .flags = NLM_F_DUMP_INTR}},
         -EINTR,
         0,
         false,
         "changed"},
	{"flag of dumps on a get",
         true,
         {{.type = 16, .flags = NLM_F_DUMP_INTR}},
         0,
         1,
         false,
         NULL},
	{"overrun", false, {{.type = NLMSG_OVERRUN}}, -ENOBUFS, 0, false, "overrun"},
	{"nothing to say", false, {{.type = NLMSG_NOOP}, {.type = 16}}, 0, 1, false, NULL},
	{"other sequence", false, {{.type = 16, .seq = 4}}, -EBADMSG, 0, false, "request 4"},
	{"other port", false, {{.type = 16, .port = 9}}, -EBADMSG, 0, false, "port 9"},
	{"header cut off",
         false,
         {{.type = 16}, {.type = 16, .cut = 8}},
         -EBADMSG,
         1,
         false,
         "no message"},
	{"length below a header",
         false,
         {{.type = 16, .len = 15}},
         -EBADMSG,
         0,
         false,
         "no message"},
	{"length beyond the datagram",
         false,
         {{.type = 16, .len = 4096}},
         -EBADMSG,
         0,
         false,
         "no message"},
	{"length that is negative as int",
         false,
         {{.type = 16, .len = 0x80000010}},
         -EBADMSG,
         0,
         false,
         "no message"},
	{"row function fails",
         false,
         {{.type = 16}, {.type = 16}, {.type = 16}, {.type = NLMSG_DONE}},
         -ENOMEM,
         3,
         false,
         NULL},
};

static void put_code(struct nlmsghdr *nlh, const struct part *p)
{
	if (p->type == NLMSG_ERROR) {
		struct nlmsgerr *body = mnl_nlmsg_put_extra_header(nlh, sizeof(*body));

		body->error = p->code;
		body->msg.nlmsg_len = sizeof(body->msg);
		if (p->whole) {
			(void)mnl_nlmsg_put_extra_header(nlh, 8);
			body->msg.nlmsg_len += 8;
		}
	} else if (p->type == NLMSG_DONE) {
		int *code = mnl_nlmsg_put_extra_header(nlh, sizeof(*code));

		*code = p->code;
	}
	if (p->text != NULL) {
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, p->text);
	}
}

static size_t make(char *buf, const struct part *parts, size_t n)
{
	size_t used = 0;

	for (size_t i = 0; i < n && parts[i].type != 0; i++) {
		struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf + used);

		nlh->nlmsg_type = parts[i].type;
		nlh->nlmsg_flags = parts[i].flags;
		nlh->nlmsg_seq = parts[i].seq != 0 ? parts[i].seq : SEQ;
		nlh->nlmsg_pid = parts[i].port != 0 ? parts[i].port : PORT;
		put_code(nlh, &parts[i]);
		used += MNL_ALIGN(nlh->nlmsg_len) - parts[i].cut;
		nlh->nlmsg_len = parts[i].len != 0 ? parts[i].len : nlh->nlmsg_len;
	}
	return used;
}

static int count_row(const struct nlmsghdr *nlh, void *arg, struct err *err)
{
	unsigned *rows = arg;

	(void)nlh;
	(void)err;
	return ++*rows == ROWS_FAIL ? -ENOMEM : 0;
}

Test(nl, parse)
{
	for (size_t i = 0; i < COUNT_OF(parse_cases); i++) {
		const struct parse_case *c = &parse_cases[i];
		alignas(16) char buf[1024] = {0};
		size_t len = make(buf, c->parts, COUNT_OF(c->parts));
		struct nl_answer answer = {
			.what = "test", .port = PORT, .seq = SEQ, .dump = !c->get};
		struct err err = {0};
		unsigned rows = 0;
		int got = nl_parse(buf, len, &answer, count_row, &rows, &err);

		cr_expect_eq(got, c->want, "%s: %d (%s)", c->name, got, err.text);
		cr_expect_eq(rows, c->rows, "%s: %u rows", c->name, rows);
		cr_expect_eq(answer.refused, c->refused, "%s: refused", c->name);
		if (c->text != NULL) {
			cr_expect_not_null(strstr(err.text, c->text), "%s: %s", c->name, err.text);
		}
	}
}

static int count_links(const struct nlmsghdr *nlh, void *arg, struct err *err)
{
	unsigned *links = arg;

	(void)err;
	*links += nlh->nlmsg_type == RTM_NEWLINK;
	return 0;
}

/** A real socket: a refusal leaves it usable, and its numbers go on. */
Test(nl, live)
{
	alignas(16) char buf[64];
	struct nl *nl = NULL;
	struct err err = {0};
	unsigned links = 0;

	cr_assert_eq(nl_open(NULL, &nl, &err), 0, "%s", err.text);
	for (int round = 0; round < 2; round++) {
		struct nlmsghdr *req = mnl_nlmsg_put_header(buf);
		struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(req, sizeof(*ifi));

		req->nlmsg_type = RTM_GETLINK;
		ifi->ifi_index = INT32_MAX;
		cr_expect_eq(nl_get(nl, req, count_links, &links, NULL), -ENODEV, "round %d",
		             round);
		cr_expect(nl_usable(nl), "round %d: usable", round);
		ifi->ifi_index = 0;
		cr_expect_eq(nl_dump(nl, req, count_links, &links, &err), 0, "round %d: %s", round,
		             err.text);
		cr_expect_gt(links, 0, "round %d: no link", round);
		links = 0;
	}
	nl_close(nl);
}

/** Of two links that were seen only the one that is still there stays alive. */
Test(nl, check_links)
{
	const struct snap_netns netns = {.inode = 1};
	struct snap_link link = {.name = "lo", .ifindex = 1};
	struct snapshot snap;
	struct nl *nl = NULL;
	struct err err = {0};

	snap_init(&snap, SNAP_ARENA_BYTES);
	cr_assert_eq(snap_add_netns(&snap, &netns, NULL), 0);
	cr_assert_eq(snap_add_link(&snap, &link, NULL), 0);
	link.ifindex = INT32_MAX;
	cr_assert_eq(snap_add_link(&snap, &link, NULL), 0);
	cr_assert_eq(nl_open(NULL, &nl, &err), 0, "%s", err.text);
	cr_expect_eq(collect_check_links(nl, 0, &snap, &err), 0, "%s", err.text);
	cr_expect_not(snap.links[0].dead, "lo");
	cr_expect(snap.links[1].dead, "a number nobody has");
	nl_close(nl);
	snap_done(&snap);
}
