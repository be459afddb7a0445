/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/order.h"
#include "model/attrs.h"
#include "tests/unit/build.h"

static char letter(enum effect effect)
{
	static const char letters[] = {
		[EFFECT_NEVER] = 'N', [EFFECT_ON] = 'O',    [EFFECT_MAY_END] = 'M',
		[EFFECT_ENDS] = 'E',  [EFFECT_DROPS] = 'D',
	};

	return letters[effect];
}

/** Effect of an entry alone on a hook, with one program 1 that returns @p codes. */
static struct outcome outcome_alone(enum hook_type type, struct snap_entry entry, uint32_t codes,
                                    bool exact)
{
	struct snapshot snap;
	struct outcome got;

	snap_init(&snap, BUILD_BYTES);
	uint32_t link = build_link(&snap, build_netns(&snap, 1, true), 2, "eth0");
	uint32_t idx = build_entry(&snap, build_hook(&snap, link, type), entry);

	if (exact) {
		build_prog(&snap, 1, "p", codes);
	} else {
		build_prog_superset(&snap, 1, "p", codes);
	}
	build_seal(&snap);
	got = outcome_of(&snap, &snap.entries[idx]);
	snap_done(&snap);
	return got;
}

/* Codes in the order of enum code: unspec ok reclassify shot pipe stolen queued repeat redirect
 * trap other. */
static const struct matrix_row {
	const char *name;
	enum hook_type type;
	struct snap_entry entry;
	const char *want;
} matrix[] = {
	{"tcx/ingress", HOOK_TCX_INGRESS, {ATTACHED(1)}, "OEODOOOOEOO"},
	{"tcx/egress", HOOK_TCX_EGRESS, {ATTACHED(1)}, "OEODOOOOEOO"},
	{"netkit/primary", HOOK_NETKIT_PRIMARY, {ATTACHED(1)}, "OODDDDDDEDD"},
	{"netkit/peer", HOOK_NETKIT_PEER, {ATTACHED(1)}, "OODDDDDDEDD"},
	{"xdp", HOOK_XDP, {ATTACHED(1)}, "DODDDDDDEDD"},
	{"clsact/ingress", HOOK_CLSACT_INGRESS, {BPF(5, 1)}, "OEODOEOOEEO"},
	{"clsact/egress", HOOK_CLSACT_EGRESS, {BPF(5, 1)}, "OEODOEOOEEO"},
	{"ingress", HOOK_INGRESS, {BPF(5, 1)}, "OEODOEOOEEO"},
	{"for one protocol", HOOK_CLSACT_INGRESS, {IP_BPF(5, 1)}, "OEODOEOOEEO"},
	{"hardware only", HOOK_CLSACT_INGRESS, {BPF(5, 1), .skip_sw = true}, "NNNNNNNNNNN"},
	{"held priority", HOOK_CLSACT_INGRESS, {HELD("bpf", 5)}, "NNNNNNNNNNN"},
	{"not direct-action, no action", HOOK_CLSACT_INGRESS, {INDIRECT(5, 1)}, "EOEEEEEEEEE"},
};

Test(order, every_code_on_every_hook)
{
	for (size_t i = 0; i < COUNT_OF(matrix); i++) {
		const struct matrix_row *row = &matrix[i];

		cr_assert_eq(strlen(row->want), N_CODES);
		for (unsigned int code = 0; code < N_CODES; code++) {
			struct outcome got =
				outcome_alone(row->type, row->entry, CODE_BIT(code), true);

			cr_expect_eq(letter(outcome_effect(&got)), row->want[code], "%s, %s: %c",
			             row->name, code_word((enum code)code),
			             letter(outcome_effect(&got)));
		}
	}
}

static const struct set_case {
	const char *name;
	enum hook_type type;
	uint32_t codes;
	bool exact;
	enum effect want;
} set_cases[] = {
	{"unknown on clsact", HOOK_CLSACT_INGRESS, CODES_ALL, false, EFFECT_MAY_END},
	{"unknown on TCX", HOOK_TCX_INGRESS, CODES_ALL, false, EFFECT_MAY_END},
	{"unknown on netkit", HOOK_NETKIT_PEER, CODES_ALL, false, EFFECT_MAY_END},
	{"unknown on XDP", HOOK_XDP, CODES_ALL, false, EFFECT_MAY_END},
	{"ok or unspec, exact", HOOK_CLSACT_EGRESS, BIT(OK) | BIT(UNSPEC), true, EFFECT_ENDS},
	{"ok or unspec, superset", HOOK_CLSACT_EGRESS, BIT(OK) | BIT(UNSPEC), false,
         EFFECT_MAY_END},
	{"superset that always ends", HOOK_CLSACT_EGRESS, BIT(OK) | BIT(TRAP), false, EFFECT_ENDS},
	{"superset: ends or drops", HOOK_CLSACT_EGRESS, BIT(OK) | BIT(SHOT), false, EFFECT_ENDS},
	{"superset that never ends", HOOK_CLSACT_EGRESS, BIT(SHOT) | BIT(UNSPEC), false, EFFECT_ON},
	{"superset of one", HOOK_CLSACT_EGRESS, BIT(SHOT), false, EFFECT_DROPS},
	{"drops or goes on", HOOK_TCX_EGRESS, BIT(SHOT) | BIT(UNSPEC), true, EFFECT_ON},
	{"drops or stops the list", HOOK_TCX_EGRESS, BIT(SHOT) | BIT(PIPE), true, EFFECT_ON},
	{"netkit passes or drops", HOOK_NETKIT_PEER, BIT(OK) | BIT(OTHER), true, EFFECT_ON},
};

Test(order, sets_of_codes)
{
	for (size_t i = 0; i < COUNT_OF(set_cases); i++) {
		const struct set_case *c = &set_cases[i];
		bool tc = c->type == HOOK_CLSACT_INGRESS || c->type == HOOK_CLSACT_EGRESS;
		struct snap_entry filter = {BPF(5, 1)};
		struct snap_entry attached = {ATTACHED(1)};
		struct outcome got =
			outcome_alone(c->type, tc ? filter : attached, c->codes, c->exact);

		cr_expect_eq(outcome_effect(&got), c->want, "%s: %c", c->name,
		             letter(outcome_effect(&got)));
	}
}

#define MAX_ACTIONS 3

/* Filters of other kinds, and bpf ones that are not direct-action, whose program matches. */
static const struct action_case {
	const char *name;
	struct snap_entry entry;
	struct snap_action actions[MAX_ACTIONS]; /**< Ends at kind NULL. */
	enum effect want;
} action_cases[] = {
	{"no action", {PLAIN("flower", 5)}, {{0}}, EFFECT_ENDS},
	{"u32 with a class", {PLAIN("u32", 5), .classid = 0x10001}, {{0}}, EFFECT_ENDS},
	{"u32 that may only link", {PLAIN("u32", 5)}, {{0}}, EFFECT_MAY_END},
	{"hardware only", {PLAIN("flower", 5), .skip_sw = true}, {{0}}, EFFECT_NEVER},
	{"held priority", {HELD("flower", 5)}, {{0}}, EFFECT_NEVER},
	{"fw without options sorts by mark", {HELD("fw", 5)}, {{0}}, EFFECT_ENDS},
	{"continue", {PLAIN("u32", 5)}, {{.kind = "gact", .control = ACT_UNSPEC}}, EFFECT_ON},
	{"ok", {PLAIN("u32", 5)}, {{.kind = "gact", .control = ACT_OK}}, EFFECT_ENDS},
	{"reclassify",
         {PLAIN("u32", 5)},
         {{.kind = "gact", .control = ACT_RECLASSIFY}},
         EFFECT_MAY_END},
	{"shot", {PLAIN("u32", 5)}, {{.kind = "gact", .control = ACT_SHOT}}, EFFECT_DROPS},
	{"pipe at the end",
         {PLAIN("u32", 5)},
         {{.kind = "gact", .control = ACT_PIPE}},
         EFFECT_ENDS},
	{"stolen", {PLAIN("u32", 5)}, {{.kind = "mirred", .control = ACT_STOLEN}}, EFFECT_ENDS},
	{"queued", {PLAIN("u32", 5)}, {{.kind = "gact", .control = ACT_QUEUED}}, EFFECT_ENDS},
	{"repeat", {PLAIN("u32", 5)}, {{.kind = "gact", .control = ACT_REPEAT}}, EFFECT_MAY_END},
	{"redirect", {PLAIN("u32", 5)}, {{.kind = "gact", .control = ACT_REDIRECT}}, EFFECT_ENDS},
	{"trap", {PLAIN("u32", 5)}, {{.kind = "gact", .control = ACT_TRAP}}, EFFECT_ENDS},
	{"jump", {PLAIN("u32", 5)}, {{.kind = "gact", .control = ACT_JUMP}}, EFFECT_MAY_END},
	{"goto", {PLAIN("u32", 5)}, {{.kind = "gact", .control = ACT_GOTO_CHAIN}}, EFFECT_ENDS},
	{"unknown", {PLAIN("u32", 5)}, {{.kind = "new", .control = ACT_UNKNOWN}}, EFFECT_MAY_END},
	{"mirror, then continue",
         {PLAIN("matchall", 5)},
         {{.kind = "mirred", .control = ACT_PIPE}, {.kind = "gact", .control = ACT_UNSPEC}},
         EFFECT_ON},
	{"mirror, then shot",
         {PLAIN("matchall", 5)},
         {{.kind = "mirred", .control = ACT_PIPE}, {.kind = "gact", .control = ACT_SHOT}},
         EFFECT_DROPS},
	{"the first that is no pipe decides",
         {PLAIN("matchall", 5)},
         {{.kind = "skbedit", .control = ACT_PIPE},
          {.kind = "gact", .control = ACT_UNSPEC},
          {.kind = "gact", .control = ACT_OK}},
         EFFECT_ON},
	{"police ok", {PLAIN("u32", 5)}, {{.kind = "police", .control = ACT_OK}}, EFFECT_ENDS},
	{"police drop",
         {PLAIN("u32", 5)},
         {{.kind = "police", .control = ACT_SHOT}},
         EFFECT_MAY_END},
	{"police pipe, then continue",
         {PLAIN("u32", 5)},
         {{.kind = "police", .control = ACT_PIPE}, {.kind = "gact", .control = ACT_UNSPEC}},
         EFFECT_MAY_END},
	{"bpf, matches, continue",
         {INDIRECT(5, 1)},
         {{.kind = "gact", .control = ACT_UNSPEC}},
         EFFECT_ON},
	{"bpf, matches, shot",
         {INDIRECT(5, 1)},
         {{.kind = "gact", .control = ACT_SHOT}},
         EFFECT_DROPS},
	{"bpf, never matches", {INDIRECT(5, 2)}, {{.kind = "gact", .control = ACT_OK}}, EFFECT_ON},
	{"bpf, unknown", {INDIRECT(5, 3)}, {{.kind = "gact", .control = ACT_OK}}, EFFECT_MAY_END},
	{"bpf, unknown, but only continues",
         {INDIRECT(5, 3)},
         {{.kind = "gact", .control = ACT_UNSPEC}},
         EFFECT_ON},
	{"direct-action ignores actions",
         {BPF(5, 4)},
         {{.kind = "gact", .control = ACT_OK}},
         EFFECT_ON},
	{"program gone", {BPF(5, 77)}, {{0}}, EFFECT_MAY_END},
	{"classic, one instruction: no match",
         {INDIRECT(5, 0), .classic = "1,6 0 0 0", .classic_codes = BIT(OK)},
         {{0}},
         EFFECT_ON},
	{"classic, one instruction: match",
         {INDIRECT(5, 0), .classic = "1,6 0 0 4294967295", .classic_codes = BIT(UNSPEC)},
         {{0}},
         EFFECT_ENDS},
	{"classic, several: a load may fail",
         {BPF(5, 0), .classic = "2,40 0 0 12,6 0 0 4294967295",
          .classic_codes = BIT(UNSPEC) | BIT(OK)},
         {{0}},
         EFFECT_ENDS},
	{"classic, what it computed",
         {BPF(5, 0), .classic = "2,40 0 0 12,22 0 0 0", .classic_codes = CODES_ALL},
         {{0}},
         EFFECT_MAY_END},
	{"classic, not decoded", {BPF(5, 0), .classic = "1,6 0 0 0"}, {{0}}, EFFECT_MAY_END},
	{"act_bpf decides: pipe, then continue",
         {PLAIN("u32", 5)},
         {{.kind = "bpf", .control = ACT_OK, .prog_id = 5},
          {.kind = "gact", .control = ACT_UNSPEC}},
         EFFECT_ON},
	{"act_bpf leaves it to the control",
         {PLAIN("u32", 5)},
         {{.kind = "bpf", .control = ACT_OK, .prog_id = 4}},
         EFFECT_ENDS},
	{"act_bpf unknown",
         {PLAIN("u32", 5)},
         {{.kind = "bpf", .control = ACT_UNSPEC, .prog_id = 3}},
         EFFECT_MAY_END},
};

static void check_actions(const struct action_case *c)
{
	struct snapshot snap;

	snap_init(&snap, BUILD_BYTES);
	uint32_t link = build_link(&snap, build_netns(&snap, 1, true), 2, "eth0");
	uint32_t idx = build_entry(&snap, build_hook(&snap, link, HOOK_CLSACT_INGRESS), c->entry);

	for (size_t i = 0; i < MAX_ACTIONS && c->actions[i].kind != NULL; i++) {
		build_action(&snap, idx, c->actions[i]);
	}
	build_prog(&snap, 1, "matches", BIT(OTHER));
	build_prog(&snap, 2, "never", BIT(OK));
	build_prog(&snap, 3, "unknown", CODES_ALL);
	build_prog(&snap, 4, "unspec", BIT(UNSPEC));
	build_prog(&snap, 5, "pipe", BIT(PIPE));
	build_seal(&snap);

	struct outcome got = outcome_of(&snap, &snap.entries[idx]);

	cr_expect_eq(outcome_effect(&got), c->want, "%s: %c", c->name,
	             letter(outcome_effect(&got)));
	snap_done(&snap);
}

Test(order, actions)
{
	for (size_t i = 0; i < COUNT_OF(action_cases); i++) {
		check_actions(&action_cases[i]);
	}
}

Test(order, goto_is_told_apart)
{
	struct snapshot snap;

	snap_init(&snap, BUILD_BYTES);
	uint32_t link = build_link(&snap, build_netns(&snap, 1, true), 2, "eth0");
	uint32_t hook = build_hook(&snap, link, HOOK_CLSACT_INGRESS);
	uint32_t idx = build_entry(&snap, hook, (struct snap_entry){PLAIN("flower", 3)});

	build_action(&snap, idx, (struct snap_action){.kind = "gact", .control = ACT_PIPE});
	build_action(
		&snap, idx,
		(struct snap_action){.kind = "gact", .control = ACT_GOTO_CHAIN, .control_arg = 42});
	build_seal(&snap);

	struct outcome got = outcome_of(&snap, &snap.entries[idx]);

	cr_expect_eq(got.set, OUTCOME_GOTO);
	cr_expect_eq(got.goto_chain, 42);
	cr_expect(got.proven);
	cr_expect(got.all);
	snap_done(&snap);
}

/* --- walks ----------------------------------------------------------------------------------- */

/** A walk as text: prefs of filters, letters of what is attached, A for the Agent. */
struct trace {
	const struct snapshot *snap;
	char text[256];
};

static void trace_step(void *data, const struct step *step)
{
	struct trace *trace = data;
	size_t len = strlen(trace->text);
	char *end = trace->text + len;
	size_t left = sizeof(trace->text) - len;

	if (step->agent) {
		(void)snprintf(end, left, "A ");
		return;
	}

	const struct snap_entry *entry = &trace->snap->entries[step->entry];

	cr_expect_eq(step->hook, entry->hook);
	if (entry->is_filter) {
		(void)snprintf(end, left, "%u%c ", entry->pref, letter(step->effect));
	} else {
		(void)snprintf(end, left, "%s%c ",
		               hook_type_word(trace->snap->hooks[entry->hook].type),
		               letter(step->effect));
	}
}

/** One entry of a walk. Programs: 1 ok, 2 unspec, 3 shot, 4 pipe, 5 unknown, 6 redirect, 7 Agent.
 */
struct walk_row {
	enum hook_type type;
	struct snap_entry entry;
};

static const struct walk_case {
	const char *name;
	enum direction direction;
	uint32_t priority;
	struct walk_row rows[5]; /**< Ends at kind NULL. */
	const char *trace;
	enum sight sight;
	enum cause cause;
	uint32_t decider; /**< Index into rows. */
} walk_cases[] = {
	{"nothing there", DIR_RECEIVE, 10, {{0}}, "A ", SIGHT_FULL, CAUSE_NONE, SNAP_NONE},
	{"behind an ender",
         DIR_RECEIVE,
         10,
         {{HOOK_CLSACT_INGRESS, {BPF(5, 1)}}},
         "5E A ",
         SIGHT_BLIND,
         CAUSE_FILTER,
         0},
	{"in front of it",
         DIR_RECEIVE,
         4,
         {{HOOK_CLSACT_INGRESS, {BPF(5, 1)}}},
         "A 5E ",
         SIGHT_FULL,
         CAUSE_NONE,
         SNAP_NONE},
	{"beside it",
         DIR_RECEIVE,
         5,
         {{HOOK_CLSACT_INGRESS, {BPF(5, 1)}}},
         "5E A ",
         SIGHT_BLIND,
         CAUSE_FILTER,
         0},
	{"in the other direction",
         DIR_SEND,
         10,
         {{HOOK_CLSACT_INGRESS, {BPF(5, 1)}}},
         "A ",
         SIGHT_FULL,
         CAUSE_NONE,
         SNAP_NONE},
	{"the whole way in",
         DIR_RECEIVE,
         10,
         {{HOOK_NETKIT_PEER, {ATTACHED(2)}},
          {HOOK_XDP, {ATTACHED(6)}},
          {HOOK_TCX_INGRESS, {ATTACHED(2)}},
          {HOOK_CLSACT_INGRESS, {BPF(3, 2)}},
          {HOOK_CLSACT_INGRESS, {BPF(30, 1)}}},
         "netkit/peerO xdpE tcx/ingressO 3O A 30E ",
         SIGHT_FULL,
         CAUSE_NONE,
         SNAP_NONE},
	{"the first of the worst",
         DIR_RECEIVE,
         10,
         {{HOOK_TCX_INGRESS, {ATTACHED(5)}},
          {HOOK_CLSACT_INGRESS, {BPF(3, 1)}},
          {HOOK_CLSACT_INGRESS, {BPF(4, 1)}}},
         "tcx/ingressM 3E 4E A ",
         SIGHT_BLIND,
         CAUSE_FILTER,
         1},
	{"TCX passes",
         DIR_SEND,
         1,
         {{HOOK_TCX_EGRESS, {ATTACHED(1)}}},
         "tcx/egressE A ",
         SIGHT_BLIND,
         CAUSE_TCX,
         0},
	{"TCX with an unknown code still lets clsact run",
         DIR_SEND,
         10,
         {{HOOK_TCX_EGRESS, {ATTACHED(4)}}, {HOOK_TCX_EGRESS, {ATTACHED(1)}}},
         "tcx/egressO tcx/egressE A ",
         SIGHT_FULL,
         CAUSE_NONE,
         SNAP_NONE},
	{"netkit redirects",
         DIR_RECEIVE,
         10,
         {{HOOK_NETKIT_PEER, {ATTACHED(6)}}},
         "netkit/peerE A ",
         SIGHT_BLIND,
         CAUSE_NETKIT,
         0},
	{"netkit passes",
         DIR_RECEIVE,
         10,
         {{HOOK_NETKIT_PEER, {ATTACHED(1)}}, {HOOK_NETKIT_PEER, {ATTACHED(6)}}},
         "netkit/peerO netkit/peerE A ",
         SIGHT_FULL,
         CAUSE_NONE,
         SNAP_NONE},
	{"netkit of the primary's own sending",
         DIR_SEND,
         10,
         {{HOOK_NETKIT_PRIMARY, {ATTACHED(6)}}},
         "A ",
         SIGHT_FULL,
         CAUSE_NONE,
         SNAP_NONE},
	{"what is dropped is not granted",
         DIR_RECEIVE,
         10,
         {{HOOK_CLSACT_INGRESS, {BPF(3, 3)}}, {HOOK_CLSACT_INGRESS, {BPF(5, 1)}}},
         "3D 5E A ",
         SIGHT_FULL,
         CAUSE_NONE,
         SNAP_NONE},
	{"dropped for one protocol only",
         DIR_RECEIVE,
         10,
         {{HOOK_CLSACT_INGRESS, {IP_BPF(3, 3)}}, {HOOK_CLSACT_INGRESS, {BPF(5, 1)}}},
         "3D 5E A ",
         SIGHT_BLIND,
         CAUSE_FILTER,
         1},
	{"other kind on the priority",
         DIR_RECEIVE,
         10,
         {{HOOK_CLSACT_INGRESS, {PLAIN("u32", 10), .skip_sw = true}}},
         "10N A ",
         SIGHT_BLIND,
         CAUSE_REFUSED,
         0},
	{"other protocol on the priority",
         DIR_RECEIVE,
         10,
         {{HOOK_CLSACT_INGRESS, {IP_BPF(10, 2)}}},
         "10O A ",
         SIGHT_BLIND,
         CAUSE_REFUSED,
         0},
	{"tied",
         DIR_RECEIVE,
         10,
         {{HOOK_CLSACT_INGRESS, {BPF(10, 2)}}},
         "10O A ",
         SIGHT_UNSURE,
         CAUSE_TIED,
         0},
	{"own filters never matter",
         DIR_RECEIVE,
         10,
         {{HOOK_CLSACT_INGRESS, {BPF(5, 7)}}, {HOOK_CLSACT_INGRESS, {BPF(10, 7)}}},
         "5M 10M A ",
         SIGHT_FULL,
         CAUSE_NONE,
         SNAP_NONE},
	{"another chain is not entered",
         DIR_RECEIVE,
         10,
         {{HOOK_CLSACT_INGRESS, {BPF(5, 1), .chain = 3}}},
         "A ",
         SIGHT_FULL,
         CAUSE_NONE,
         SNAP_NONE},
	{"ingress qdisc, receive",
         DIR_RECEIVE,
         10,
         {{HOOK_INGRESS, {BPF(20, 1)}}},
         "A 20E ",
         SIGHT_FULL,
         CAUSE_NONE,
         SNAP_NONE},
	{"ingress qdisc, send",
         DIR_SEND,
         10,
         {{HOOK_INGRESS, {BPF(20, 1)}}},
         "",
         SIGHT_BLIND,
         CAUSE_QDISC,
         SNAP_NONE},
};

static void build_walk_progs(struct snapshot *snap)
{
	build_prog(snap, 1, "ok", BIT(OK));
	build_prog(snap, 2, "unspec", BIT(UNSPEC));
	build_prog(snap, 3, "shot", BIT(SHOT));
	build_prog(snap, 4, "pipe", BIT(PIPE));
	build_prog(snap, 5, "unknown", CODES_ALL);
	build_prog(snap, 6, "redirect", BIT(REDIRECT));
	build_prog(snap, 7, "classifier_ingr", CODES_ALL);
}

/** Sealing sorted the hooks; the entry is the one with the same content. */
static bool is_decider(const struct walk_case *c, const struct snapshot *snap, uint32_t entry)
{
	if (c->decider == SNAP_NONE || entry == SNAP_NONE) {
		return c->decider == entry;
	}

	const struct snap_entry *want = &c->rows[c->decider].entry;

	return snap->entries[entry].prog_id == want->prog_id &&
	       snap->entries[entry].pref == want->pref;
}

static void check_walk(const struct walk_case *c)
{
	struct snapshot snap;
	struct judged j;
	uint32_t hooks[N_HOOK_TYPES];

	memset(hooks, 0xff, sizeof(hooks));
	snap_init(&snap, BUILD_BYTES);
	uint32_t link = build_link(&snap, build_netns(&snap, 1, true), 2, "eth0");

	for (size_t i = 0; i < COUNT_OF(c->rows) && c->rows[i].entry.kind != NULL; i++) {
		uint32_t *hook = &hooks[c->rows[i].type];

		if (*hook == SNAP_NONE) {
			*hook = build_hook(&snap, link, c->rows[i].type);
		}
		build_entry(&snap, *hook, c->rows[i].entry);
	}
	build_walk_progs(&snap);
	build_seal(&snap);
	judged_init(&j, &snap, c->priority);

	struct lane lane = order_lane(&j.ctx, 0, c->direction);
	struct trace trace = {.snap = &snap};
	struct sighting got = order_walk(&j.ctx, &lane, c->priority, trace_step, &trace);

	cr_expect_eq(strcmp(trace.text, c->trace), 0, "%s: %s", c->name, trace.text);
	cr_expect_eq(got.sight, c->sight, "%s: sight %d", c->name, (int)got.sight);
	cr_expect_eq(got.cause, c->cause, "%s: cause %d", c->name, (int)got.cause);
	cr_expect(is_decider(c, &snap, got.entry), "%s: entry %u", c->name, got.entry);
	judged_done(&j);
	snap_done(&snap);
}

Test(order, walks)
{
	for (size_t i = 0; i < COUNT_OF(walk_cases); i++) {
		check_walk(&walk_cases[i]);
	}
}

Test(order, shared_block)
{
	struct snapshot snap;
	struct judged j;

	snap_init(&snap, BUILD_BYTES);
	uint32_t link = build_link(&snap, build_netns(&snap, 1, true), 2, "eth0");

	uint32_t hook = build_hook(&snap, link, HOOK_CLSACT_EGRESS);

	snap.hooks[hook].block = 7;
	build_seal(&snap);
	judged_init(&j, &snap, 10);

	struct lane send = order_lane(&j.ctx, 0, DIR_SEND);
	struct lane receive = order_lane(&j.ctx, 0, DIR_RECEIVE);

	cr_expect_eq(order_walk(&j.ctx, &send, 10, NULL, NULL).cause, CAUSE_BLOCK);
	cr_expect_eq(order_walk(&j.ctx, &receive, 10, NULL, NULL).sight, SIGHT_FULL);
	judged_done(&j);
	snap_done(&snap);
}

/** A netkit pair in two namespaces, its programs on the primary. */
static void build_netkit(struct snapshot *snap, bool primary_knows, bool peer_knows)
{
	uint32_t host = build_netns(snap, 1, true);
	uint32_t pod = build_netns(snap, 2, false);
	uint32_t primary = build_link(snap, host, 5, "lxc1");
	uint32_t peer = build_link(snap, pod, 2, "eth0");

	snap->links[primary].has_peer = primary_knows;
	snap->links[primary].peer_ifindex = 2;
	snap->links[primary].peer_inode = primary_knows ? 2 : 0;
	snap->links[peer].has_peer = peer_knows;
	snap->links[peer].peer_ifindex = 5;
	snap->links[peer].peer_inode = peer_knows ? 1 : 0;
	build_entry(snap, build_hook(snap, primary, HOOK_NETKIT_PRIMARY),
	            (struct snap_entry){ATTACHED(6)});
	build_entry(snap, build_hook(snap, primary, HOOK_NETKIT_PEER),
	            (struct snap_entry){ATTACHED(2)});
	build_walk_progs(snap);
	build_seal(snap);
}

static const struct netkit_case {
	const char *name;
	bool primary_knows, peer_knows;
	enum sight pod_sight;
} netkit_cases[] = {
	{"both ends known", true, true, SIGHT_BLIND},
	{"only the primary knows", true, false, SIGHT_BLIND},
	{"only the peer knows", false, true, SIGHT_BLIND},
	{"nobody knows", false, false, SIGHT_FULL},
};

Test(order, netkit_across_namespaces)
{
	for (size_t i = 0; i < COUNT_OF(netkit_cases); i++) {
		const struct netkit_case *c = &netkit_cases[i];
		struct snapshot snap;
		struct judged j;

		snap_init(&snap, BUILD_BYTES);
		build_netkit(&snap, c->primary_knows, c->peer_knows);
		judged_init(&j, &snap, 10);
		for (uint32_t link = 0; link < snap.n_links; link++) {
			bool pod = strcmp(snap.links[link].name, "eth0") == 0;
			struct lane lane = order_lane(&j.ctx, link, DIR_RECEIVE);
			struct sighting got = order_walk(&j.ctx, &lane, 10, NULL, NULL);

			cr_expect_eq(got.sight, pod ? c->pod_sight : SIGHT_FULL, "%s: %s", c->name,
			             snap.links[link].name);
		}
		judged_done(&j);
		snap_done(&snap);
	}
}
