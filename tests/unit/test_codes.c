/* SPDX-License-Identifier: Apache-2.0 */
/* layers: model */
#include "model/abi.h"
#include "model/codes.h"
#include "model/findings.h"
#include "model/snapshot.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct result_case {
	int32_t result;
	enum code tc, xdp;
} result_cases[] = {
	{INT32_MIN, CODE_OTHER, CODE_OTHER}, {-2, CODE_OTHER, CODE_OTHER},
	{-1, CODE_UNSPEC, CODE_OTHER},       {0, CODE_OK, CODE_SHOT},
	{1, CODE_RECLASSIFY, CODE_SHOT},     {2, CODE_SHOT, CODE_OK},
	{3, CODE_PIPE, CODE_REDIRECT},       {4, CODE_STOLEN, CODE_REDIRECT},
	{5, CODE_QUEUED, CODE_OTHER},        {6, CODE_REPEAT, CODE_OTHER},
	{7, CODE_REDIRECT, CODE_OTHER},      {8, CODE_TRAP, CODE_OTHER},
	{9, CODE_OTHER, CODE_OTHER},         {INT32_MAX, CODE_OTHER, CODE_OTHER},
};

Test(codes, of_results)
{
	for (size_t i = 0; i < COUNT_OF(result_cases); i++) {
		const struct result_case *c = &result_cases[i];

		cr_expect_eq(code_of_result(c->result), c->tc, "%d", c->result);
		cr_expect_eq(code_of_xdp_result(c->result), c->xdp, "xdp %d", c->result);
	}
}

Test(codes, words)
{
	static const char *const want[] = {"unspec",   "ok",     "reclassify", "shot",
	                                   "pipe",     "stolen", "queued",     "repeat",
	                                   "redirect", "trap",   "other"};
	enum code code = CODE_OTHER;

	cr_expect_eq(COUNT_OF(want), N_CODES);
	for (uint32_t i = 0; i < N_CODES; i++) {
		cr_expect_str_eq(code_word((enum code)i), want[i]);
		cr_expect(code_from_word(want[i], &code), "%s", want[i]);
		cr_expect_eq(code, i, "%s", want[i]);
	}
	cr_expect(!code_from_word("OK", &code));
	cr_expect(!code_from_word("", &code));
	cr_expect_eq(CODES_ALL, 0x7ffu);
}

static const struct hook_case {
	const char *word;
	bool known;
	enum hook_type type;
	uint32_t classid;
} hook_cases[] = {
	{"xdp", true, HOOK_XDP, 0},
	{"tcx/ingress", true, HOOK_TCX_INGRESS, 0},
	{"tcx/egress", true, HOOK_TCX_EGRESS, 0},
	{"clsact/ingress", true, HOOK_CLSACT_INGRESS, 0},
	{"clsact/egress", true, HOOK_CLSACT_EGRESS, 0},
	{"ingress", true, HOOK_INGRESS, 0},
	{"netkit/primary", true, HOOK_NETKIT_PRIMARY, 0},
	{"netkit/peer", true, HOOK_NETKIT_PEER, 0},
	{"qdisc/1:10", true, HOOK_QDISC, 0x10010},
	{"qdisc/8001:0", true, HOOK_QDISC, 0x80010000},
	{"qdisc/ffff:ffff", true, HOOK_QDISC, 0xffffffff},
	{"qdisc", false, HOOK_XDP, 0},
	{"qdisc/", false, HOOK_XDP, 0},
	{"qdisc/1", false, HOOK_XDP, 0},
	{"qdisc/1:", false, HOOK_XDP, 0},
	{"qdisc/:1", false, HOOK_XDP, 0},
	{"qdisc/10000:1", false, HOOK_XDP, 0},
	{"qdisc/1:10000", false, HOOK_XDP, 0},
	{"qdisc/1:1 ", false, HOOK_XDP, 0},
	{"qdisc/-1:1", false, HOOK_XDP, 0},
	{"qdisc/0x1:1", false, HOOK_XDP, 0},
	{"", false, HOOK_XDP, 0},
	{"XDP", false, HOOK_XDP, 0},
};

Test(words, hooks)
{
	for (size_t i = 0; i < COUNT_OF(hook_cases); i++) {
		const struct hook_case *c = &hook_cases[i];
		struct snap_hook hook = {.type = HOOK_XDP};
		char buf[32];

		cr_expect_eq(hook_type_from_word(c->word, &hook.type, &hook.classid), c->known,
		             "%s", c->word);
		cr_expect_eq(hook.type, c->type, "%s", c->word);
		cr_expect_eq(hook.classid, c->classid, "%s", c->word);
		if (c->known) {
			cr_expect_str_eq(snap_hook_word(&hook, buf, sizeof(buf)), c->word);
		}
	}
	cr_expect_str_eq(hook_type_word(HOOK_QDISC), "qdisc");
}

static const struct protocol_case {
	const char *word;
	bool known;
	uint16_t protocol;
	const char *again; /**< How it is written; NULL: the same. */
} protocol_cases[] = {
	{"all", true, 3, NULL},          {"ip", true, 0x0800, NULL},
	{"ipv6", true, 0x86dd, NULL},    {"802.1Q", true, 0x8100, NULL},
	{"802.1ad", true, 0x88a8, NULL}, {"arp", true, 0x0806, NULL},
	{"0x88cc", true, 0x88cc, NULL},  {"0x0004", true, 4, NULL},
	{"0x4", true, 4, "0x0004"},      {"0x0003", true, 3, "all"},
	{"0x10000", false, 0, NULL},     {"0x", false, 0, NULL},
	{"0xg", false, 0, NULL},         {"0x1 ", false, 0, NULL},
	{"88cc", false, 0, NULL},        {"", false, 0, NULL},
};

Test(words, protocols)
{
	for (size_t i = 0; i < COUNT_OF(protocol_cases); i++) {
		const struct protocol_case *c = &protocol_cases[i];
		uint16_t got = 0;
		char buf[16];

		cr_expect_eq(protocol_from_word(c->word, &got), c->known, "%s", c->word);
		cr_expect_eq(got, c->protocol, "%s: %x", c->word, got);
		if (c->known) {
			cr_expect_str_eq(protocol_word(got, buf, sizeof(buf)),
			                 c->again ? c->again : c->word);
		}
	}
}

static const struct control_case {
	int32_t number;
	enum act_control control;
	uint32_t arg;
	const char *word;
} control_cases[] = {
	{-1, ACT_UNSPEC, 0, "unspec"},
	{0, ACT_OK, 0, "ok"},
	{1, ACT_RECLASSIFY, 0, "reclassify"},
	{2, ACT_SHOT, 0, "shot"},
	{3, ACT_PIPE, 0, "pipe"},
	{4, ACT_STOLEN, 0, "stolen"},
	{5, ACT_QUEUED, 0, "queued"},
	{6, ACT_REPEAT, 0, "repeat"},
	{7, ACT_REDIRECT, 0, "redirect"},
	{8, ACT_TRAP, 0, "trap"},
	{9, ACT_UNKNOWN, 0, "unknown"},
	{-2, ACT_UNKNOWN, 0, "unknown"},
	{0x10000003, ACT_JUMP, 3, "jump"},
	{0x2000002a, ACT_GOTO_CHAIN, 42, "goto_chain"},
	{0x30000001, ACT_UNKNOWN, 0, "unknown"},
};

Test(words, controls)
{
	for (size_t i = 0; i < COUNT_OF(control_cases); i++) {
		const struct control_case *c = &control_cases[i];
		enum act_control back = ACT_OK;
		uint32_t arg = 77;

		cr_expect_eq(act_control_from_number(c->number, &arg), c->control, "%d", c->number);
		cr_expect_eq(arg, c->arg, "%d: %u", c->number, arg);
		cr_expect_eq(act_control_from_number(c->number, NULL), c->control, "%d", c->number);
		cr_expect_str_eq(act_control_word(c->control), c->word);
		cr_expect(act_control_from_word(c->word, &back), "%s", c->word);
		cr_expect_eq(back, c->control, "%s", c->word);
	}
	cr_expect(!act_control_from_word("pass", &(enum act_control){ACT_OK}));
}

static const struct gap_case {
	enum gap_kind kind;
	const char *word;
	uint32_t breaks; /**< At least these. */
	uint32_t keeps;  /**< None of these. */
} gap_cases[] = {
	{GAP_NETNS_UNREADABLE, "netns-unreadable", FACET_NETNS | FACET_FILTERS | FACET_TCX,
         FACET_PROGS},
	{GAP_NETNS_UNREACHABLE, "netns-unreachable", FACET_NETNS | FACET_LINKS, FACET_PROGS},
	{GAP_PROC_UNREADABLE, "proc-unreadable", FACET_NETNS, FACET_PROGS},
	{GAP_LINKS_UNREADABLE, "links-unreadable", FACET_LINKS | FACET_FILTERS, FACET_NETNS},
	{GAP_QDISCS_UNREADABLE, "qdiscs-unreadable", FACET_QDISCS | FACET_FILTERS, FACET_LINKS},
	{GAP_FILTERS_UNREADABLE, "filters-unreadable", FACET_FILTERS, FACET_QDISCS | FACET_TCX},
	{GAP_TCX_UNREADABLE, "tcx-unreadable", FACET_TCX, FACET_NETKIT | FACET_FILTERS},
	{GAP_NETKIT_UNREADABLE, "netkit-unreadable", FACET_NETKIT, FACET_TCX},
	{GAP_PROGS_UNREADABLE, "programs-unreadable", FACET_PROGS, FACET_FILTERS},
	{GAP_DUMP_CHANGING, "dump-changing", FACET_LINKS | FACET_FILTERS, FACET_NETNS},
	{GAP_NOT_UNDERSTOOD, "not-understood", FACET_FILTERS | FACET_PROGS, FACET_NETNS},
	{GAP_LIMIT, "limit", FACETS_ALL, 0},
	{GAP_TIMEOUT, "timeout", FACETS_ALL, 0},
	{GAP_AGENT_UNREADABLE, "agent-unreadable", FACET_AGENT, FACET_PROCESSES | FACET_FILTERS},
	{GAP_PINS_UNREADABLE, "pins-unreadable", FACET_PINS, FACET_PROGS},
	{GAP_FROM_FILE, "unknown", FACETS_ALL, 0},
};

Test(words, gaps)
{
	cr_expect_eq(COUNT_OF(gap_cases), N_GAP_KINDS);
	for (size_t i = 0; i < COUNT_OF(gap_cases); i++) {
		const struct gap_case *c = &gap_cases[i];
		enum gap_kind kind = GAP_FROM_FILE;

		cr_expect_str_eq(gap_kind_word(c->kind), c->word);
		cr_expect_eq(gap_kind_from_word(c->word, &kind), c->kind != GAP_FROM_FILE, "%s",
		             c->word);
		cr_expect_eq(kind, c->kind, "%s", c->word);
		cr_expect_eq(gap_kind_facets(c->kind) & c->breaks, c->breaks, "%s", c->word);
		cr_expect_eq(gap_kind_facets(c->kind) & c->keeps, 0, "%s", c->word);
		cr_expect_gt(strlen(gap_kind_hint(c->kind)), 20, "%s", c->word);
	}
}

Test(codes, facets_have_words_of_their_own)
{
	for (uint32_t a = 1; a <= FACETS_ALL; a <<= 1) {
		const char *words = facet_words((enum snap_facet)a);

		cr_expect_neq(words[0], '\0', "facet %#x", a);
		for (uint32_t b = a << 1; b <= FACETS_ALL << 1; b <<= 1) {
			cr_expect_str_neq(words, facet_words((enum snap_facet)b), "%#x, %#x", a, b);
		}
	}
}

Test(words, findings)
{
	cr_expect_str_eq(severity_word(SEV_INFO), "info");
	cr_expect_str_eq(severity_word(SEV_WARN), "warn");
	cr_expect_str_eq(severity_word(SEV_FAIL), "fail");
	cr_expect_str_eq(finding_state_word(FINDING_OPEN), "open");
	cr_expect_str_eq(finding_state_word(FINDING_SUPPRESSED), "suppressed");
	cr_expect_str_eq(finding_state_word(FINDING_NOT_EVALUATED), "not-evaluated");
	cr_expect_str_eq(effect_word(EFFECT_NEVER), "never");
	cr_expect_str_eq(effect_word(EFFECT_DROPS), "drops");
	cr_expect_str_eq(action_word(ACTION_NONE), "none");
	cr_expect_str_eq(action_word(ACTION_SET_PRIORITY), "set-priority");
	cr_expect_str_eq(action_word(ACTION_FIX_VENDOR), "fix-vendor");
	cr_expect_str_eq(action_word(ACTION_UPGRADE_AGENT), "upgrade-agent");
	cr_expect_str_eq(action_word(ACTION_DISABLE_NETWORK), "disable-network");
	cr_expect_str_eq(action_word(ACTION_INVESTIGATE), "investigate");
	cr_expect_str_eq(priority_source_word(PRIORITY_DEFAULT), "default");
	cr_expect_str_eq(priority_source_word(PRIORITY_RUNNING), "running");
	cr_expect_str_eq(check_status_word(CHECK_PASS), "pass");
	cr_expect_str_eq(check_status_word(CHECK_NOT_APPLICABLE), "not-applicable");
}

Test(findings, init_done)
{
	struct findings f;

	findings_init(&f, 4096);
	cr_expect_eq(f.n, 0);
	cr_expect_not_null(arena_strndup(&f.arena, "x", 1));

	void *rows = f.rows;

	cr_expect_eq(arena_reserve(&f.arena, &rows, 0, &f.cap, 8), 0);
	f.rows = rows;
	arena_release(&f.arena, &rows, &f.cap, 8);
	f.rows = NULL;
	findings_done(&f);
	findings_done(&f);
	findings_done(NULL);
	cr_expect_eq(f.arena.used_bytes, 0);
}
