/* SPDX-License-Identifier: Apache-2.0 */
/* layers: netlink model */
/* Recorded answers against what was understood of them, and messages no kernel here would send. */
#include "netlink/capture.h"
#include "netlink/decode.h"
#include "tests/tools/snap_lines.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <glob.h>
#include <linux/filter.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** A snapshot with one namespace, ready for messages. */
static void start(struct snapshot *snap, struct collect_replay *ctx)
{
	const struct snap_netns netns = {.dev = 4, .inode = 4026531840};

	snap_init(snap, SNAP_ARENA_BYTES);
	*ctx = (struct collect_replay){.snap = snap};
	cr_assert_eq(snap_add_netns(snap, &netns, &ctx->netns), 0);
}

static int replay_datagram(const void *bytes, size_t len, void *arg, struct err *err)
{
	const struct nlmsghdr *nlh = bytes;
	int left = (int)len;
	int r = 0;

	for (; r == 0 && mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		r = collect_replay_message(arg, nlh, err);
	}
	return r;
}

/** @return the lines of a capture, to be freed. */
static char *replay_lines(const char *pcap)
{
	struct collect_replay ctx;
	struct snapshot snap;
	struct err err = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL) {
		cr_assert_fail("no memory");
		return NULL;
	}
	start(&snap, &ctx);
	cr_expect_eq(capture_read(pcap, replay_datagram, &ctx, &err), 0, "%s: %s", pcap, err.text);
	cr_expect_eq(snap_seal(&snap, &err), 0, "%s: %s", pcap, err.text);
	lines_write(out, &snap);
	cr_assert_eq(fclose(out), 0);
	snap_done(&snap);
	return text;
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file, "%s", path);
	cr_assert_geq(fputs(text, file), 0);
	cr_assert_eq(fclose(file), 0);
}

/** @return the whole file, to be freed; NULL when it cannot be read. */
static char *read_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t len = 0;

	if (file != NULL) {
		if (getdelim(&text, &len, '\0', file) < 0) {
			free(text);
			text = NULL;
		}
		(void)fclose(file);
	}
	return text;
}

/** Lines against the golden file, which UPDATE_GOLDEN=1 rewrites first. */
static void check_lines(const char *path, const char *got)
{
	char *want;

	if (getenv("UPDATE_GOLDEN") != NULL) {
		write_text(path, got);
	}
	want = read_text(path);
	cr_expect(want != NULL && strcmp(got, want) == 0, "%s: is now\n%s", path, got);
	free(want);
}

static void check_capture(const char *pcap)
{
	int stem = (int)(strlen(pcap) - strlen(".pcap"));
	char *got = replay_lines(pcap);
	char path[512];

	(void)snprintf(path, sizeof(path), "%.*s.txt", stem, pcap);
	cr_expect_eq(access(path, R_OK), 0, "%s: must say how the capture was made", path);
	(void)snprintf(path, sizeof(path), "%.*s.want", stem, pcap);
	check_lines(path, got);
	free(got);
}

Test(decode, captures)
{
	glob_t found;

	cr_assert_eq(glob("testdata/netlink/*.pcap", 0, NULL, &found), 0, "no captures here");
	for (size_t i = 0; i < found.gl_pathc; i++) {
		check_capture(found.gl_pathv[i]);
	}
	globfree(&found);
}

/* --- messages made by hand ----------------------------------------------------------------------
 */

/** Room for one message. */
struct message {
	alignas(16) char buf[2048];
	struct nlmsghdr *nlh;
	struct nlattr *nest;
};

static void put_link(struct message *m, int32_t ifindex, const char *name)
{
	struct ifinfomsg *ifi;

	m->nlh = mnl_nlmsg_put_header(m->buf);
	m->nlh->nlmsg_type = RTM_NEWLINK;
	ifi = mnl_nlmsg_put_extra_header(m->nlh, sizeof(*ifi));
	ifi->ifi_index = ifindex;
	if (name != NULL) {
		mnl_attr_put_strz(m->nlh, IFLA_IFNAME, name);
	}
}

static struct tcmsg *put_tcmsg(struct message *m, uint16_t type, uint32_t ifindex, uint32_t parent,
                               const char *kind)
{
	struct tcmsg *tcm;

	m->nlh = mnl_nlmsg_put_header(m->buf);
	m->nlh->nlmsg_type = type;
	tcm = mnl_nlmsg_put_extra_header(m->nlh, sizeof(*tcm));
	tcm->tcm_ifindex = (int32_t)ifindex;
	tcm->tcm_parent = parent;
	mnl_attr_put_strz(m->nlh, TCA_KIND, kind);
	return tcm;
}

/** A filter on clsact's ingress of link 1, its options open. */
static void put_filter(struct message *m, const char *kind)
{
	struct tcmsg *tcm =
		put_tcmsg(m, RTM_NEWTFILTER, 1, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), kind);

	tcm->tcm_info = TC_H_MAKE(3u << 16, htons(0x0800));
	tcm->tcm_handle = 1;
	m->nest = mnl_attr_nest_start(m->nlh, TCA_OPTIONS);
}

/** One action with the parameters every action begins with, its options still open. */
static struct nlattr *put_action(struct message *m, const char *kind, uint16_t parms,
                                 int32_t control)
{
	const struct tc_mirred bytes = {
		.index = 9, .action = control, .eaction = TCA_INGRESS_MIRROR, .ifindex = 4};
	struct nlattr *one = mnl_attr_nest_start(m->nlh, 1);

	mnl_attr_put_strz(m->nlh, TCA_ACT_KIND, kind);

	struct nlattr *options = mnl_attr_nest_start(m->nlh, TCA_ACT_OPTIONS);

	mnl_attr_put(m->nlh, parms, sizeof(bytes), &bytes);
	(void)one; /* closed by end_action() */
	return options;
}

static void end_action(struct message *m, struct nlattr *list, struct nlattr *options)
{
	mnl_attr_nest_end(m->nlh, options);
	/* The action is the first thing in the list. */
	mnl_attr_nest_end(m->nlh, mnl_attr_get_payload(list));
	mnl_attr_nest_end(m->nlh, list);
}

static void feed(struct collect_replay *ctx, struct message *m, const char *name)
{
	struct err err = {0};

	if (m->nest != NULL) {
		mnl_attr_nest_end(m->nlh, m->nest);
		m->nest = NULL;
	}
	cr_expect_eq(collect_replay_message(ctx, m->nlh, &err), 0, "%s: %s", name, err.text);
	cr_expect_eq(err.code, 0, "%s: nothing is left in err", name);
}

/** Link 1 with a clsact. */
static void start_clsact(struct snapshot *snap, struct collect_replay *ctx)
{
	struct message m = {0};

	start(snap, ctx);
	put_link(&m, 1, "d1");
	feed(ctx, &m, "link");
	put_tcmsg(&m, RTM_NEWQDISC, 1, TC_H_CLSACT, "clsact")->tcm_handle = 0xffff0000;
	feed(ctx, &m, "clsact");
}

static void put_nothing(struct message *m)
{
	(void)m;
}

static void put_flower_plain(struct message *m)
{
	mnl_attr_put_u16(m->nlh, TCA_FLOWER_KEY_ETH_TYPE, htons(0x0800));
	mnl_attr_put_u32(m->nlh, TCA_FLOWER_FLAGS, TCA_CLS_FLAGS_SKIP_SW | TCA_CLS_FLAGS_IN_HW);
	mnl_attr_put_u32(m->nlh, TCA_FLOWER_CLASSID, 0x10001);
}

static void put_flower_key(struct message *m)
{
	put_flower_plain(m);
	mnl_attr_put_u8(m->nlh, TCA_FLOWER_KEY_IP_PROTO, 6);
}

static void put_flower_future(struct message *m)
{
	mnl_attr_put_u8(m->nlh, 1000, 6);
}

static void put_flower_bad(struct message *m)
{
	mnl_attr_put_u8(m->nlh, TCA_FLOWER_FLAGS, 6);
}

static void put_ematches(struct message *m, uint16_t n)
{
	const struct tcf_ematch_tree_hdr hdr = {.nmatches = n};
	struct nlattr *tree = mnl_attr_nest_start(m->nlh, TCA_BASIC_EMATCHES);

	mnl_attr_put(m->nlh, TCA_EMATCH_TREE_HDR, sizeof(hdr), &hdr);
	mnl_attr_nest_end(m->nlh, tree);
}

static void put_basic_some(struct message *m)
{
	put_ematches(m, 1);
}

static void put_basic_all(struct message *m)
{
	put_ematches(m, 0);
	mnl_attr_put_u32(m->nlh, TCA_BASIC_CLASSID, 0x10002);
}

static void put_matchall(struct message *m)
{
	mnl_attr_put_u32(m->nlh, TCA_MATCHALL_FLAGS, TCA_CLS_FLAGS_SKIP_HW);
}

static void put_u32_sel(struct message *m, uint32_t mask, unsigned char nkeys, unsigned char flags)
{
	const struct tc_u32_sel sel = {.nkeys = nkeys, .flags = flags};
	const struct tc_u32_key key = {.mask = mask};
	unsigned char bytes[sizeof(sel) + sizeof(key)];

	memcpy(bytes, &sel, sizeof(sel));
	memcpy(bytes + sizeof(sel), &key, sizeof(key));
	mnl_attr_put(m->nlh, TCA_U32_SEL, sizeof(bytes), bytes);
}

static void put_u32_lies(struct message *m)
{
	put_u32_sel(m, 0, 200, TC_U32_TERMINAL);
}

static void put_police_old(struct message *m)
{
	const struct tc_police police = {.index = 5, .action = TC_ACT_SHOT};
	struct nlattr *nest;

	put_u32_sel(m, 0, 1, TC_U32_TERMINAL);
	nest = mnl_attr_nest_start(m->nlh, TCA_U32_POLICE);
	mnl_attr_put(m->nlh, TCA_POLICE_TBF, sizeof(police), &police);
	mnl_attr_put_u32(m->nlh, TCA_POLICE_RESULT, TC_ACT_PIPE);
	mnl_attr_nest_end(m->nlh, nest);
}

static void put_one(struct message *m, uint16_t list_type, const char *kind, uint16_t parms,
                    int32_t control)
{
	struct nlattr *list = mnl_attr_nest_start(m->nlh, list_type);

	end_action(m, list, put_action(m, kind, parms, control));
}

static void put_gact_goto(struct message *m)
{
	put_one(m, TCA_MATCHALL_ACT, "gact", TCA_GACT_PARMS, TC_ACT_GOTO_CHAIN | 7);
}

static void put_gact_jump(struct message *m)
{
	put_one(m, TCA_MATCHALL_ACT, "gact", TCA_GACT_PARMS, TC_ACT_JUMP | 2);
}

static void put_gact_random(struct message *m, int32_t control, int paction)
{
	const struct tc_gact_p prob = {.ptype = PGACT_DETERM, .pval = 2, .paction = paction};
	struct nlattr *list = mnl_attr_nest_start(m->nlh, TCA_MATCHALL_ACT);
	struct nlattr *options = put_action(m, "gact", TCA_GACT_PARMS, control);

	mnl_attr_put(m->nlh, TCA_GACT_PROB, sizeof(prob), &prob);
	end_action(m, list, options);
}

static void put_gact_or_drop(struct message *m)
{
	put_gact_random(m, TC_ACT_PIPE, TC_ACT_SHOT);
}

static void put_gact_or_pass(struct message *m)
{
	put_gact_random(m, TC_ACT_PIPE, TC_ACT_OK);
}

static void put_mirred_block(struct message *m)
{
	struct nlattr *list = mnl_attr_nest_start(m->nlh, TCA_MATCHALL_ACT);
	struct nlattr *options = put_action(m, "mirred", TCA_MIRRED_PARMS, TC_ACT_PIPE);

	mnl_attr_put_u32(m->nlh, 4, 33); /* TCA_MIRRED_BLOCKID */
	end_action(m, list, options);
}

static void put_pedit_ex(struct message *m)
{
	put_one(m, TCA_MATCHALL_ACT, "pedit", 4 /* TCA_PEDIT_PARMS_EX */, TC_ACT_PIPE);
}

static void put_action_unknown(struct message *m)
{
	put_one(m, TCA_MATCHALL_ACT, "later", 2, TC_ACT_PIPE);
}

static void put_action_bare(struct message *m)
{
	put_one(m, TCA_MATCHALL_ACT, "gact", 9, TC_ACT_PIPE);
}

static void put_unknown_cls(struct message *m)
{
	mnl_attr_put_u32(m->nlh, 1, 7);
	put_one(m, 5, "gact", TCA_GACT_PARMS, TC_ACT_SHOT);
}

static const struct filter_case {
	const char *name, *kind;
	void (*put)(struct message *m);
	const char *want; /* part of the lines */
	bool gap;
} filter_cases[] = {
	{"flower without keys", "flower", put_flower_plain,
         "flower pref=3 handle=0x1 chain=0 protocol=ip match=all skip_sw in_hw classid=0x10001",
         false},
	{"flower with a key", "flower", put_flower_key, "match=some skip_sw", false},
	{"flower of the future", "flower", put_flower_future, "match=some", false},
	{"flower that does not fit stays, unknown", "flower", put_flower_bad, "match=unknown",
         true},
	{"basic without conditions", "basic", put_basic_all, "match=all classid=0x10002", false},
	{"basic with one", "basic", put_basic_some, "match=some", false},
	{"matchall", "matchall", put_matchall, "match=all skip_hw classid=0x0", false},
	{"fw", "fw", put_nothing, "match=some", false},
	{"flow", "flow", put_nothing, "match=unknown", false},
	{"u32 with fewer keys than it says", "u32", put_u32_lies, "match=some", false},
	{"u32 with the old policer", "u32", put_police_old,
         "action 0 police index=5 control=pipe/0 op=-", false},
	{"goto", "matchall", put_gact_goto, "action 0 gact index=9 control=goto_chain/7 op=-",
         false},
	{"jump", "matchall", put_gact_jump, "control=jump/2", false},
	{"sometimes drops", "matchall", put_gact_or_drop, "control=pipe/0", false},
	{"sometimes ends", "matchall", put_gact_or_pass, "control=unknown/0", false},
	{"mirror to a block", "matchall", put_mirred_block,
         "mirred index=9 control=pipe/0 op=mirror direction=ingress dev=4 block=33", false},
	{"pedit with extended keys", "matchall", put_pedit_ex, "pedit index=9 control=pipe/0",
         false},
	{"action of unknown kind", "matchall", put_action_unknown,
         "action 0 later index=0 control=unknown/0", false},
	{"action without parameters", "matchall", put_action_bare,
         "action 0 gact index=0 control=unknown", true},
	{"classifier of unknown kind with actions", "later", put_unknown_cls,
         "action 0 gact index=9 control=shot/0", false},
	{"classifier of unknown kind without", "later", put_nothing, "later pref=3", true},
};

static char *seal_lines(struct snapshot *snap, const char *name)
{
	struct err err = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL) {
		cr_assert_fail("no memory");
		return NULL;
	}
	cr_expect_eq(snap_seal(snap, &err), 0, "%s: %s", name, err.text);
	lines_write(out, snap);
	cr_assert_eq(fclose(out), 0);
	return text;
}

Test(decode, filters)
{
	for (size_t i = 0; i < COUNT_OF(filter_cases); i++) {
		const struct filter_case *c = &filter_cases[i];
		struct collect_replay ctx;
		struct snapshot snap;
		struct message m = {0};
		char *got;

		start_clsact(&snap, &ctx);
		put_filter(&m, c->kind);
		c->put(&m);
		feed(&ctx, &m, c->name);
		cr_expect_eq(snap.n_entries, 1, "%s: %u entries", c->name, snap.n_entries);
		cr_expect_eq(snap.n_gaps, c->gap, "%s: %u gaps", c->name, snap.n_gaps);
		got = seal_lines(&snap, c->name);
		cr_expect_not_null(strstr(got, c->want), "%s: want %s in\n%s", c->name, c->want,
		                   got);
		free(got);
		snap_done(&snap);
	}
}

static void feed_row(struct collect_replay *ctx, uint32_t pref, uint32_t handle, uint32_t chain)
{
	struct message m = {0};
	struct tcmsg *tcm =
		put_tcmsg(&m, RTM_NEWTFILTER, 1, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), "bpf");

	tcm->tcm_info = TC_H_MAKE(pref << 16, htons(3));
	tcm->tcm_handle = handle;
	mnl_attr_put_u32(m.nlh, TCA_CHAIN, chain);
	if (handle != 0) {
		m.nest = mnl_attr_nest_start(m.nlh, TCA_OPTIONS);
	}
	feed(ctx, &m, "row");
}

/** Rows as the kernel lists them, with a row for each priority, and what is left of them. */
static const struct order_case {
	const char *name;
	struct {
		uint32_t pref, handle, chain;
	} rows[8], want[8]; /* pref 0 ends the list */
} order_cases[] = {
	{"priority with filters", {{5, 0, 0}, {5, 7, 0}, {5, 1, 0}}, {{5, 7, 0}, {5, 1, 0}}},
	{"priority without", {{5, 0, 0}, {6, 0, 0}, {6, 1, 0}}, {{5, 0, 0}, {6, 1, 0}}},
	{"last priority without", {{5, 0, 0}, {5, 1, 0}, {6, 0, 0}}, {{5, 1, 0}, {6, 0, 0}}},
	{"same priority in two chains", {{5, 0, 0}, {5, 0, 2}, {5, 1, 2}}, {{5, 0, 0}, {5, 1, 2}}},
	{"chains made out of order",
         {{1, 0, 9}, {1, 1, 9}, {4, 0, 0}, {4, 2, 0}, {4, 1, 0}, {2, 0, 3}, {2, 1, 3}},
         {{4, 2, 0}, {4, 1, 0}, {2, 1, 3}, {1, 1, 9}}},
};

Test(decode, order)
{
	for (size_t i = 0; i < COUNT_OF(order_cases); i++) {
		const struct order_case *c = &order_cases[i];
		struct collect_replay ctx;
		struct snapshot snap;
		uint32_t n = 0;

		start_clsact(&snap, &ctx);
		for (size_t k = 0; k < COUNT_OF(c->rows) && c->rows[k].pref != 0; k++) {
			feed_row(&ctx, c->rows[k].pref, c->rows[k].handle, c->rows[k].chain);
		}
		cr_expect_eq(snap_seal(&snap, NULL), 0, "%s", c->name);
		while (n < COUNT_OF(c->want) && c->want[n].pref != 0) {
			n++;
		}
		cr_assert_eq(snap.n_entries, n, "%s: %u entries", c->name, snap.n_entries);
		for (uint32_t k = 0; k < n; k++) {
			const struct snap_entry *e = &snap.entries[k];

			cr_expect(e->order == k && e->pref == c->want[k].pref &&
			                  e->handle == c->want[k].handle &&
			                  e->chain == c->want[k].chain,
			          "%s: entry %u is pref %u handle %u chain %u", c->name, e->order,
			          e->pref, e->handle, e->chain);
		}
		snap_done(&snap);
	}
}

#define OP(code, jt, jf, k)                                                                        \
	{                                                                                          \
		(code), (jt), (jf), (k)                                                            \
	}
#define RET_K(k)    OP(BPF_RET | BPF_K, 0, 0, (k))
#define LOAD(mode)  OP(BPF_LD | BPF_H | (mode), 0, 0, 12)
#define JUMP(t, f)  OP(BPF_JMP | BPF_JEQ | BPF_K, (t), (f), 1)
#define MINUS_ONE   0xffffffffu
#define CODE(which) CODE_BIT(CODE_##which)

static const struct classic_case {
	const char *name;
	uint32_t want;
	struct sock_filter ops[6];
	size_t n, extra_bytes;
} classic_cases[] = {
	{"one return", CODE(SHOT), {RET_K(2)}, 1, 0},
	{"minus one", CODE(UNSPEC), {RET_K(MINUS_ONE)}, 1, 0},
	{"number without a name", CODE(OTHER), {RET_K(99)}, 1, 0},
	{"returns the accumulator", CODES_ALL, {OP(BPF_RET | BPF_A, 0, 0, 0)}, 1, 0},
	{"two ways",
         CODE(SHOT) | CODE(REDIRECT),
         {OP(BPF_LD | BPF_IMM, 0, 0, 1), JUMP(0, 1), RET_K(2), RET_K(7)},
         4,
         0},
	{"one way is never gone",
         CODE(SHOT),
         {OP(BPF_JMP | BPF_JA, 0, 0, 1), RET_K(7), RET_K(2)},
         3,
         0},
	{"load may leave the packet", CODE(OK) | CODE(SHOT), {LOAD(BPF_ABS), RET_K(2)}, 2, 0},
	{"load from a register may", CODE(OK) | CODE(SHOT), {LOAD(BPF_IND), RET_K(2)}, 2, 0},
	{"load of metadata does not",
         CODE(SHOT),
         {OP(BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)SKF_AD_OFF + SKF_AD_MARK), RET_K(2)},
         2,
         0},
	{"division by a register",
         CODE(OK) | CODE(SHOT),
         {OP(BPF_ALU | BPF_DIV | BPF_X, 0, 0, 0), RET_K(2)},
         2,
         0},
	{"falls off the end", CODES_ALL, {LOAD(BPF_ABS)}, 1, 0},
	{"jumps off the end", CODES_ALL, {JUMP(0, 5), RET_K(2)}, 2, 0},
	{"jumps far off the end",
         CODES_ALL,
         {OP(BPF_JMP | BPF_JA, 0, 0, MINUS_ONE), RET_K(2)},
         2,
         0},
	{"nothing", CODES_ALL, {{0}}, 0, 0},
	{"half an instruction more", CODES_ALL, {RET_K(2)}, 1, 4},
};

Test(decode, classic_codes)
{
	for (size_t i = 0; i < COUNT_OF(classic_cases); i++) {
		const struct classic_case *c = &classic_cases[i];
		size_t bytes = c->n * sizeof(c->ops[0]) + c->extra_bytes;
		uint32_t got = cls_bpf_classic_codes(c->ops, bytes);

		cr_expect_eq(got, c->want, "%s: 0x%x, want 0x%x", c->name, got, c->want);
	}
}

Test(decode, classic_limit)
{
	struct sock_filter *ops = calloc(BPF_MAXINSNS + 1, sizeof(*ops));

	cr_assert_not_null(ops);
	ops[BPF_MAXINSNS - 1] = (struct sock_filter)RET_K(2);
	for (size_t i = 0; i < BPF_MAXINSNS - 1; i++) {
		ops[i].code = BPF_LD | BPF_IMM;
	}
	cr_expect_eq(cls_bpf_classic_codes(ops, BPF_MAXINSNS * sizeof(*ops)), CODE(SHOT));
	cr_expect_eq(cls_bpf_classic_codes(ops, (BPF_MAXINSNS + 1) * sizeof(*ops)), CODES_ALL);
	free(ops);
}

Test(decode, events_of_red)
{
	struct collect_replay ctx;
	struct snapshot snap;
	struct message m = {0};
	char *got;

	start(&snap, &ctx);
	put_link(&m, 1, "d1");
	feed(&ctx, &m, "link");
	put_tcmsg(&m, RTM_NEWQDISC, 1, TC_H_ROOT, "red")->tcm_handle = 0x10000;
	m.nest = mnl_attr_nest_start(m.nlh, TCA_OPTIONS);
	mnl_attr_put_u32(m.nlh, TCA_RED_EARLY_DROP_BLOCK, 10);
	mnl_attr_put_u32(m.nlh, TCA_RED_MARK_BLOCK, 11);
	feed(&ctx, &m, "red");
	for (uint32_t block = 10; block <= 11; block++) {
		put_tcmsg(&m, RTM_NEWTFILTER, 0xffffffff, block, "matchall")->tcm_handle = block;
		m.nest = mnl_attr_nest_start(m.nlh, TCA_OPTIONS);
		feed(&ctx, &m, "filter");
	}
	got = seal_lines(&snap, "red");
	cr_expect_not_null(strstr(got, "hook qdisc/1:0 block=10 chains=0\n    entry 0 matchall"),
	                   "%s", got);
	cr_expect_null(strstr(got, "entry 1"), "%s", got);
	cr_expect_not_null(strstr(got, "gap not-understood error=qdisc\\x20red:\\x20filters"), "%s",
	                   got);
	free(got);
	snap_done(&snap);
}

/** IFLA_XDP in the forms it has had. */
static const struct xdp_case {
	const char *name;
	uint8_t attached;
	uint32_t id, drv, skb, hw; /* 0: not there */
	const char *want;          /* modes and programs in order */
} xdp_cases[] = {
	{"none", XDP_ATTACHED_NONE, 0, 0, 0, 0, ""},
	{"native", XDP_ATTACHED_DRV, 7, 7, 0, 0, "native 7;"},
	{"generic", XDP_ATTACHED_SKB, 8, 0, 8, 0, "generic 8;"},
	{"all of them", XDP_ATTACHED_MULTI, 0, 7, 8, 9, "offload 9;native 7;generic 8;"},
	{"before there were numbers per mode", XDP_ATTACHED_SKB, 8, 0, 0, 0, "generic 8;"},
	{"before there were numbers", XDP_ATTACHED_DRV, 0, 0, 0, 0, "native 0;"},
};

Test(decode, xdp)
{
	for (size_t i = 0; i < COUNT_OF(xdp_cases); i++) {
		const struct xdp_case *c = &xdp_cases[i];
		const uint32_t ids[] = {c->id, c->drv, c->skb, c->hw};
		const uint16_t types[] = {IFLA_XDP_PROG_ID, IFLA_XDP_DRV_PROG_ID,
		                          IFLA_XDP_SKB_PROG_ID, IFLA_XDP_HW_PROG_ID};
		struct collect_replay ctx;
		struct snapshot snap;
		struct message m = {0};
		char got[128] = "";

		start(&snap, &ctx);
		put_link(&m, 1, "d1");
		m.nest = mnl_attr_nest_start(m.nlh, IFLA_XDP);
		mnl_attr_put_u8(m.nlh, IFLA_XDP_ATTACHED, c->attached);
		for (size_t k = 0; k < COUNT_OF(ids); k++) {
			if (ids[k] != 0) {
				mnl_attr_put_u32(m.nlh, types[k], ids[k]);
			}
		}
		feed(&ctx, &m, c->name);
		cr_expect_eq(snap.n_hooks, c->want[0] != '\0', "%s: %u hooks", c->name,
		             snap.n_hooks);
		for (uint32_t k = 0; k < snap.n_entries; k++) {
			size_t used = strlen(got);

			(void)snprintf(got + used, sizeof(got) - used, "%s %u;",
			               snap.entries[k].mode, snap.entries[k].prog_id);
		}
		cr_expect_str_eq(got, c->want, "%s: %s", c->name, got);
		snap_done(&snap);
	}
}

Test(decode, what_does_not_belong)
{
	struct collect_replay ctx;
	struct snapshot snap;
	struct message m = {0};

	start_clsact(&snap, &ctx);
	put_link(&m, 1, "d1");
	feed(&ctx, &m, "the same link again");
	cr_expect_eq(snap.n_links, 1);
	cr_expect_eq(ctx.n_ignored, 1);
	(void)put_tcmsg(&m, RTM_NEWTFILTER, 9, 0x10000, "bpf");
	feed(&ctx, &m, "filter of an unknown link");
	cr_expect_eq(ctx.n_ignored, 2);
	(void)put_tcmsg(&m, RTM_NEWTCLASS, 1, 0x10000, "htb");
	feed(&ctx, &m, "class");
	cr_expect_eq(ctx.n_ignored, 3);
	(void)put_tcmsg(&m, RTM_NEWQDISC, 9, TC_H_ROOT, "red");
	feed(&ctx, &m, "qdisc of an unknown link");
	cr_expect_eq(snap.n_qdiscs, 1);
	cr_expect_eq(snap.n_gaps, 0);

	put_link(&m, 2, NULL);
	feed(&ctx, &m, "link without a name");
	put_link(&m, -2, "d2");
	feed(&ctx, &m, "link without a number");
	m.nlh->nlmsg_type = RTM_NEWTFILTER;
	m.nlh->nlmsg_len = 20;
	feed(&ctx, &m, "short header");
	cr_expect_eq(snap.n_links, 1);
	cr_expect_eq(snap.n_gaps, 2, "%u gaps, equal ones are one", snap.n_gaps);
	cr_expect_eq(snap.gaps[0].kind, GAP_NOT_UNDERSTOOD);
	snap_done(&snap);
}

/** Whatever the arena's limit, a message is either taken or answered with -ENOMEM. */
Test(decode, memory_limit)
{
	bool failed = false;
	bool worked = false;

	for (size_t limit = 512; limit < 65536; limit += 512) {
		const struct snap_netns netns = {.inode = 1};
		struct collect_replay ctx = {0};
		struct snapshot snap;
		int r;

		snap_init(&snap, limit);
		ctx.snap = &snap;
		r = snap_add_netns(&snap, &netns, &ctx.netns);
		if (r == 0) {
			r = capture_read("testdata/netlink/shared-6.18.pcap", replay_datagram, &ctx,
			                 NULL);
		}
		cr_expect(r == 0 || r == -ENOMEM, "limit %zu: %d", limit, r);
		failed = failed || r == -ENOMEM;
		worked = worked || r == 0;
		snap_done(&snap);
	}
	cr_expect(failed && worked, "both must be seen");
}

static const struct {
	const char *kind;
	unsigned traits;
} trait_cases[] = {
	{"atm", QDISC_BLOCK | QDISC_CLASSES},
	{"clsact", QDISC_INGRESS},
	{"tbf", 0},
	{"noqueue", 0},
	{"fq_codel", QDISC_BLOCK},
	{"htb", QDISC_BLOCK | QDISC_CLASSES},
	{"later", QDISC_BLOCK | QDISC_CLASSES},
	{"", QDISC_BLOCK | QDISC_CLASSES},
	{"red", QDISC_QEVENTS},
	{"ingress", QDISC_INGRESS},
};

Test(decode, traits)
{
	for (size_t i = 0; i < COUNT_OF(trait_cases); i++) {
		cr_expect_eq(qdisc_traits(trait_cases[i].kind), trait_cases[i].traits, "%s",
		             trait_cases[i].kind);
	}
}
