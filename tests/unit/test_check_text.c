/* SPDX-License-Identifier: Apache-2.0 */
/* layers: reports model */
#include "tests/unit/report_fixture.h"

#include <inttypes.h>
#include <stdio.h>

/** Host with n links lxcNNNN, a vendor on clsact/ingress of each, one Agent filter behind it. */
static void many_links(struct fixture *fx, uint32_t n)
{
	fixture_init(fx);

	uint32_t host = fixture_netns(fx, 4026531840, NULL);

	for (uint32_t i = 0; i < n; i++) {
		char link[16];
		char name[64];

		(void)snprintf(link, sizeof(link), "lxc%04x", i);
		uint32_t idx = fixture_link(fx, host, i + 1, link);
		uint32_t hook = fixture_hook(fx, idx, HOOK_CLSACT_INGRESS, 0);

		(void)snprintf(name, sizeof(name), "from_container-%s", link);
		(void)fixture_bpf(fx, hook, 1, name, 100 + i);
		(void)snprintf(name, sizeof(name), "classifier_ingress_security_%u_1_2", i);
		(void)fixture_bpf(fx, hook, 10, name, 7);
	}
	for (uint32_t i = 0; i < n; i++) {
		fixture_prog(fx, 100 + i, "from_container", CODE_BIT(CODE_OK), true);
	}
	fixture_prog(fx, 7, "classifier_ingr", CODE_BIT(CODE_UNSPEC), true);
	fixture_seal(fx);
	for (uint32_t i = 0; i < n; i++) {
		fx->f.effects[2 * i] = EFFECT_ENDS;
		fx->f.own[2 * i + 1] = true;
	}
	fx->f.advice = (struct recommendation){
		.action = ACTION_FIX_VENDOR,
		.reason = "Priority 1 leaves no room below it.",
		.hooks_total = 2 * n,
		.seen_now = n,
		.seen_after = n,
		.blind_after = n,
	};
}

Test(check_text, equal_hooks_are_drawn_once)
{
	struct fixture fx;

	many_links(&fx, 10000);
	(void)fixture_render(&fx, render_check_text);
	cr_expect(fixture_has(&fx, "lxc* x 10000 in host\n"), "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "from_container-*"), "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "id 100..10099"), "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "not reached: hidden by 1"), "%s", fx.mem.bytes);
	cr_expect_lt(fixture_lines(&fx), 25, "%s", fx.mem.bytes);
	fixture_expect_width(&fx, 100, "many links");
	fixture_done(&fx);
}

Test(check_text, one_link_keeps_its_names)
{
	struct fixture fx;

	many_links(&fx, 1);
	(void)fixture_render(&fx, render_check_text);
	cr_expect(fixture_has(&fx, "  lxc0000 in host\n"), "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "from_container-lxc0000"), "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "id 100 "), "%s", fx.mem.bytes);
	fixture_done(&fx);
}

Test(check_text, full_sink)
{
	struct fixture fx;

	many_links(&fx, 3);
	fixture_try_full(&fx, render_check_text, "text");
	fixture_done(&fx);
}

Test(check_text, empty_node_is_short)
{
	struct fixture fx;

	fixture_init(&fx);
	(void)fixture_link(&fx, fixture_netns(&fx, 4026531840, NULL), 1, "lo");
	fixture_seal(&fx);
	fx.f.advice.hooks_total = 2;
	fx.f.advice.seen_now = 2;
	(void)fixture_render(&fx, render_check_text);
	cr_expect_eq(strncmp(fx.mem.bytes, "PASS  ", 6), 0, "%s", fx.mem.bytes);
	cr_expect_leq(fixture_lines(&fx), 4, "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "sees all 2 hooks"), "%s", fx.mem.bytes);
	fixture_done(&fx);
}

/** What the Agent's row says, by what stands around it. */
static const struct outlook_case {
	const char *name;
	enum hook_type type;
	uint32_t block;
	const char *kind; /* NULL: no entry */
	uint32_t pref;
	enum effect effect;
	const char *want;
} outlook_cases[] = {
	{"ends", HOOK_CLSACT_INGRESS, 0, "bpf", 5, EFFECT_ENDS, "not reached: hidden by 1\n"},
	{"may end", HOOK_CLSACT_INGRESS, 0, "bpf", 5, EFFECT_MAY_END, "maybe hidden by 1\n"},
	{"goes on", HOOK_CLSACT_INGRESS, 0, "bpf", 5, EFFECT_ON, "sees every packet\n"},
	{"never runs", HOOK_CLSACT_INGRESS, 0, "bpf", 5, EFFECT_NEVER, "sees every packet\n"},
	{"behind it", HOOK_CLSACT_INGRESS, 0, "bpf", 11, EFFECT_ENDS, "sees every packet\n"},
	{"same priority", HOOK_CLSACT_INGRESS, 0, "bpf", 10, EFFECT_ON,
         "shares its priority with 1\n"},
	{"same priority and ends", HOOK_CLSACT_INGRESS, 0, "bpf", 10, EFFECT_ENDS,
         "not reached: hidden by 1\n"},
	{"another kind", HOOK_CLSACT_EGRESS, 0, "u32", 10, EFFECT_ON,
         "cannot attach: 1 holds its priority\n"},
	{"shared block", HOOK_CLSACT_INGRESS, 7, "bpf", 20, EFFECT_ON,
         "cannot attach: shared block 7\n"},
	{"empty shared block", HOOK_CLSACT_INGRESS, 7, NULL, 0, EFFECT_ON,
         "cannot attach: shared block 7\n"},
	{"tcx", HOOK_TCX_EGRESS, 0, "tcx", 0, EFFECT_ENDS, "not reached: hidden by 1\n"},
	{"netkit", HOOK_NETKIT_PEER, 0, "tcx", 0, EFFECT_ENDS, "not reached: hidden by 1\n"},
	{"XDP hides nothing from tc", HOOK_XDP, 0, "tcx", 0, EFFECT_ENDS, "sees every packet\n"},
	{"ingress qdisc", HOOK_INGRESS, 0, "bpf", 5, EFFECT_ON, "cannot attach: ingress qdisc\n"},
};

static void outlook(const struct outlook_case *c)
{
	struct fixture fx;

	fixture_init(&fx);

	uint32_t link = fixture_link(&fx, fixture_netns(&fx, 4026531840, NULL), 2, "eth0");
	struct snap_entry row = {
		.hook = fixture_hook(&fx, link, c->type, c->block),
		.kind = c->kind,
		.is_filter = c->pref != 0,
		.protocol = ABI_ETH_P_ALL,
		.pref = c->pref,
		.handle = 0x80000800,
		.name = "somebody",
	};

	if (c->kind != NULL) {
		(void)fixture_entry(&fx, &row);
	}
	fixture_seal(&fx);
	fx.f.effects[0] = c->effect;
	(void)fixture_render(&fx, render_check_text);
	cr_expect(fixture_has(&fx, c->want), "%s: %s", c->name, fx.mem.bytes);
	cr_expect(fixture_has(&fx, "(the Agent)"), "%s: %s", c->name, fx.mem.bytes);
	fixture_done(&fx);
}

Test(check_text, outlook_of_the_agent)
{
	for (size_t i = 0; i < COUNT_OF(outlook_cases); i++) {
		outlook(&outlook_cases[i]);
	}
}

/** Programs of a netkit device hang on one end and run in front of the other end's hooks. */
Test(check_text, netkit_is_drawn_in_front_of_both_ends)
{
	struct fixture fx;
	struct snap_entry program = {.kind = "bpf", .name = "policy"};

	fixture_init(&fx);
	uint32_t host = fixture_netns(&fx, 4026531840, NULL);
	uint32_t pod = fixture_netns(&fx, 4026532001, "cni-shop");
	uint32_t primary = fixture_link(&fx, host, 5, "nk0");
	uint32_t peer = fixture_link(&fx, pod, 2, "eth0");

	program.hook = fixture_hook(&fx, primary, HOOK_NETKIT_PRIMARY, 0);
	(void)fixture_entry(&fx, &program);
	fx.snap.links[primary].has_peer = fx.snap.links[peer].has_peer = true;
	fx.snap.links[primary].peer_ifindex = 2;
	fx.snap.links[primary].peer_inode = 4026532001;
	fx.snap.links[peer].peer_ifindex = 5;
	fx.snap.links[peer].peer_inode = 4026531840;
	fixture_seal(&fx);
	fx.f.effects[0] = EFFECT_ENDS;
	(void)fixture_render(&fx, render_check_text);
	cr_expect(fixture_has(&fx, "  eth0 in cni-shop\n    receive  1  netkit/primary  "), "%s",
	          fx.mem.bytes);
	cr_expect(fixture_has(&fx, "not reached: hidden by 1\n"), "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "  nk0 in host\n    send     1  netkit/primary  "), "%s",
	          fx.mem.bytes);
	fixture_done(&fx);
}

/** Names that try to get at the terminal. */
static const char *const odd_names[] = {
	"a\033[2Jb",
	"a\nb",
	"a\"b'c",
	"\xff\xfe raw",
	("a\xe2\x80\xae"
         "b"),
	("a\xc2\x9b"
         "b"),
	"a\\\\x1b",
	"\xe4\xb8\x96\xe7\x95\x8c",
	"a\tb\rc",
};

static bool is_clean(const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		unsigned char byte = (unsigned char)*c;

		if ((byte < 0x20 && byte != '\n') || byte == 0x7f) {
			return false;
		}
	}
	return strstr(text, "\xe2\x80\xae") == NULL && strstr(text, "\xc2\x9b") == NULL &&
	       text_is_utf8(text, strlen(text));
}

/** A snapshot and findings with an odd name in every place that is printed. */
static void odd_everywhere(struct fixture *fx, const char *name)
{
	struct evidence *evidence;

	fixture_init(fx);

	const char *text = fixture_import(fx, name);
	uint32_t netns = fixture_netns(fx, 4026532001, name);
	uint32_t hook = fixture_hook(fx, fixture_link(fx, netns, 2, name), HOOK_CLSACT_INGRESS, 0);

	(void)fixture_bpf(fx, hook, 5, name, 9);
	fixture_prog(fx, 9, name, CODE_BIT(CODE_OK), true);
	fx->snap.hostname = text;
	fx->snap.kernel = text;
	fx->f.agent_version = text;
	cr_assert_eq(snap_add_gap(&fx->snap, GAP_NETNS_UNREADABLE, name, name), 0);
	fixture_seal(fx);

	struct finding *row = fixture_finding(fx, "TC101", SEV_FAIL, FINDING_OPEN);

	row->message = text;
	row->remedy = text;
	row->places[0] = fixture_place(0);
	row->n_places = row->count = 1;
	evidence = arena_alloc(&fx->f.arena, sizeof(*evidence));
	cr_assert_not_null(evidence);
	*evidence = (struct evidence){.key = "name", .value = text};
	row->evidence = evidence;
	row->n_evidence = 1;
}

Test(check_text, names_cannot_reach_the_terminal)
{
	for (size_t i = 0; i < COUNT_OF(odd_names); i++) {
		struct fixture fx;

		odd_everywhere(&fx, odd_names[i]);
		for (int verbose = 0; verbose < 2; verbose++) {
			fx.rep.verbose = verbose != 0;
			cr_expect(is_clean(fixture_render(&fx, render_check_text)), "%zu: %s", i,
			          fx.mem.bytes);
			cr_expect(is_clean(fixture_render(&fx, render_scan_text)), "%zu: %s", i,
			          fx.mem.bytes);
		}
		fixture_done(&fx);
	}
}

Test(check_text, colour_only_when_asked)
{
	struct fixture fx;
	struct out o;

	many_links(&fx, 2);
	(void)fixture_finding(&fx, "TC101", SEV_FAIL, FINDING_OPEN);
	(void)fixture_render(&fx, render_check_text);
	cr_expect(!fixture_has(&fx, "\033"), "%s", fx.mem.bytes);

	/* The same text once the colours are taken out: nothing is said by colour alone. */
	struct out_mem colored = {0};
	char *plain;
	size_t n = 0;

	out_init(&o, out_mem_write, &colored);
	o.color = true;
	render_check_text(&fx.rep, &o);
	cr_assert_eq(out_flush(&o), 0);
	cr_expect_not_null(strstr(colored.bytes, "\033["));
	plain = malloc(colored.len + 1);
	cr_assert_not_null(plain);
	for (const char *c = colored.bytes; *c != '\0'; c++) {
		if (*c == '\033') {
			c = strchr(c, 'm');
			cr_assert_not_null(c);
			continue;
		}
		plain[n++] = *c;
	}
	plain[n] = '\0';
	cr_expect_str_eq(plain, fx.mem.bytes);
	free(plain);
	out_mem_done(&colored);
	fixture_done(&fx);
}

Test(check_text, findings_by_severity_and_state)
{
	struct fixture fx;

	many_links(&fx, 8);
	struct finding *row = fixture_finding(&fx, "TC102", SEV_FAIL, FINDING_OPEN);

	row->count = 84;
	for (uint32_t i = 0; i < 8; i++) {
		row->places[row->n_places++] = fixture_place(2 * i);
	}
	(void)fixture_finding(&fx, "TC902", SEV_WARN, FINDING_OPEN);
	(void)fixture_finding(&fx, "TC505", SEV_INFO, FINDING_OPEN);
	(void)fixture_finding(&fx, "TC201", SEV_FAIL, FINDING_SUPPRESSED);
	(void)fixture_finding(&fx, "TC203", SEV_FAIL, FINDING_NOT_EVALUATED);
	(void)fixture_finding(&fx, "TC203", SEV_FAIL, FINDING_NOT_EVALUATED);
	(void)fixture_finding(&fx, "TC204", SEV_FAIL, FINDING_NOT_EVALUATED);
	(void)fixture_render(&fx, render_check_text);

	const char *fail = strstr(fx.mem.bytes, "TC102");
	const char *warn = strstr(fx.mem.bytes, "TC902");
	const char *info = strstr(fx.mem.bytes, "TC505");

	cr_expect(fixture_has(&fx, "FAIL  1 problem, 1 caution, 1 suppressed on node-7"), "%s",
	          fx.mem.bytes);
	cr_expect(fail != NULL && fail < warn && warn < info, "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "and 81 more\n"), "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "lxc0002 clsact/ingress pref 1 0x1 id 102 in host\n"), "%s",
	          fx.mem.bytes);
	cr_expect(!fixture_has(&fx, "lxc0003 clsact"), "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "not evaluated everywhere: TC203, TC204\n"), "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "1 finding suppressed: TC201; -v says why\n"), "%s",
	          fx.mem.bytes);
	cr_expect(fixture_has(&fx, "`tcaudit explain TC102`"), "%s", fx.mem.bytes);
	fixture_done(&fx);
}

Test(check_text, unjudged_rules_are_one_line)
{
	static const char *const codes[] = {"TC101", "TC102", "TC103", "TC201",
	                                    "TC203", "TC204", "TC304"};
	struct fixture fx;

	many_links(&fx, 1);
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		(void)fixture_finding(&fx, codes[i], SEV_FAIL, FINDING_NOT_EVALUATED);
	}
	fx.snap.facets &= ~(uint32_t)(FACET_TCX | FACET_AGENT);
	fx.rep.columns = 200;
	(void)fixture_render(&fx, render_check_text);
	cr_expect(fixture_has(&fx,
	                      "  not evaluated everywhere: TC101 to TC103, TC201, TC203, TC204, "
	                      "TC304; not all could be read of: TCX lists, settings of the "
	                      "Agent\n"),
	          "%s", fx.mem.bytes);
	fixture_done(&fx);
}

static const struct good_to_know {
	const char *name;
	uint32_t n;
	bool verbose;
	uint32_t shown;
	const char *rest; /**< NULL: nothing is left out. */
} good_to_know[] = {
	{"a few", 3, false, 3, NULL},
	{"one more is no longer than a line about it", 4, false, 4, NULL},
	{"many", 9, false, 3, "  TC302  6 more; -v lists them\n"},
	{"many, all asked for", 9, true, 9, NULL},
};

/** How often @p what stands in @p text. */
static uint32_t count_text(const char *text, const char *what)
{
	uint32_t n = 0;

	for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) {
		n++;
	}
	return n;
}

Test(check_text, what_is_good_to_know_stays_short)
{
	for (size_t i = 0; i < COUNT_OF(good_to_know); i++) {
		const struct good_to_know *c = &good_to_know[i];
		struct fixture fx;

		many_links(&fx, 1);
		for (uint32_t n = 0; n < c->n; n++) {
			(void)fixture_finding(&fx, "TC302", SEV_INFO, FINDING_OPEN);
		}
		(void)fixture_finding(&fx, "TC303", SEV_INFO, FINDING_OPEN);
		fx.rep.verbose = c->verbose;
		(void)fixture_render(&fx, render_check_text);
		cr_expect_eq(count_text(fx.mem.bytes, "\n  TC302  ") - (c->rest != NULL), c->shown,
		             "%s: %s", c->name, fx.mem.bytes);
		cr_expect_eq(count_text(fx.mem.bytes, "\n  TC303  "), 1, "%s", c->name);
		cr_expect(c->rest == NULL ? !fixture_has(&fx, "more; -v")
		                          : fixture_has(&fx, c->rest),
		          "%s: %s", c->name, fx.mem.bytes);
		fixture_done(&fx);
	}
}

Test(check_text, gaps_are_cut_at_ten)
{
	struct fixture fx;

	fixture_init(&fx);
	for (int i = 0; i < 13; i++) {
		char where[32];

		(void)snprintf(where, sizeof(where), "pid %02d", i);
		cr_assert_eq(snap_add_gap(&fx.snap, GAP_NETNS_UNREADABLE, where, "no access"), 0);
	}
	fixture_seal(&fx);
	(void)fixture_render(&fx, render_check_text);
	cr_expect_eq(strncmp(fx.mem.bytes, "INCOMPLETE  13 gaps", 19), 0, "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "pid 09: no access"), "%s", fx.mem.bytes);
	cr_expect(!fixture_has(&fx, "pid 10"), "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "and 3 more"), "%s", fx.mem.bytes);
	fx.rep.verbose = true;
	(void)fixture_render(&fx, render_check_text);
	cr_expect(fixture_has(&fx, "pid 12: no access"), "%s", fx.mem.bytes);
	fixture_done(&fx);
}

static const struct {
	const char *name;
	enum action action;
	uint32_t priority;
	const char *want;
} advice_cases[] = {
	{"none", ACTION_NONE, 0, "Nothing: keep classifier_priority at 10."},
	{"set", ACTION_SET_PRIORITY, 4, "Set the Agent's classifier_priority to 4."},
	{"vendor", ACTION_FIX_VENDOR, 0, "Change the other software"},
	{"upgrade", ACTION_UPGRADE_AGENT, 0, "Upgrade the Agent to 7.39.2"},
	{"disable", ACTION_DISABLE_NETWORK, 0, "Last resort"},
	{"investigate", ACTION_INVESTIGATE, 0, "First find out"},
};

Test(check_text, advice)
{
	for (size_t i = 0; i < COUNT_OF(advice_cases); i++) {
		const char *name = advice_cases[i].name;
		struct fixture fx;

		many_links(&fx, 2);
		fx.f.advice.action = advice_cases[i].action;
		fx.f.advice.priority = advice_cases[i].priority;
		(void)fixture_render(&fx, render_check_text);
		cr_expect(fixture_has(&fx, advice_cases[i].want), "%s: %s", name, fx.mem.bytes);
		cr_expect_eq(fixture_has(&fx, "classifier_priority: 4\n"),
		             advice_cases[i].priority == 4, "%s: %s", name, fx.mem.bytes);
		cr_expect_eq(fixture_has(&fx, "PRIORITY: \"4\"\n"), advice_cases[i].priority == 4,
		             "%s: %s", name, fx.mem.bytes);
		fixture_done(&fx);
	}
}

Test(check_text, feasible_values_and_blockers)
{
	static uint32_t excluded[] = {2, 3};
	struct blocker blockers[7];
	struct fixture fx;

	many_links(&fx, 7);
	for (uint32_t i = 0; i < COUNT_OF(blockers); i++) {
		blockers[i] = (struct blocker){
			.vendor = i == 0 ? "cilium" : NULL,
			.place = fixture_place(2 * i),
			.count = i + 1,
			.pref = 1,
			.proven = i < 2,
			.why = "It ends the chain.",
		};
	}
	fx.f.advice.action = ACTION_SET_PRIORITY;
	fx.f.advice.priority = 4;
	fx.f.advice.feasible = true;
	fx.f.advice.feasible_min = 1;
	fx.f.advice.feasible_max = 4;
	fx.f.advice.excluded = excluded;
	fx.f.advice.n_excluded = COUNT_OF(excluded);
	fx.f.advice.blocked_by = blockers;
	fx.f.advice.n_blocked_by = COUNT_OF(blockers);
	(void)fixture_render(&fx, render_check_text);
	cr_expect(fixture_has(&fx, "served by 1 to 4, but not by 2, 3.\n"), "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "proven   cilium, priority 1, 1 hook, lxc0000"), "%s",
	          fx.mem.bytes);
	cr_expect(fixture_has(&fx, "caution  priority 1, 3 hooks, for example lxc0002"), "%s",
	          fx.mem.bytes);
	cr_expect(fixture_has(&fx, "and 2 more"), "%s", fx.mem.bytes);

	/* Those in a row with one reason share it. */
	const char *why = strstr(fx.mem.bytes, blockers[0].why);

	cr_assert_not_null(why);
	cr_expect_null(strstr(why + 1, blockers[0].why), "%s", fx.mem.bytes);
	fixture_done(&fx);
}

static const char long_message[] =
	"A message that is quite a bit longer than a terminal is wide, because it has to say what "
	"was seen, where it was seen, and what that means for the Agent that comes behind it.";

Test(check_text, wraps_at_the_width)
{
	static const uint32_t widths[] = {80, 90, 100, 200};

	for (size_t i = 0; i < COUNT_OF(widths); i++) {
		struct fixture fx;
		char name[32];

		many_links(&fx, 2);
		fixture_finding(&fx, "TC102", SEV_FAIL, FINDING_OPEN)->message = long_message;
		fx.f.advice.reason = long_message;
		fx.rep.columns = widths[i];
		(void)snprintf(name, sizeof(name), "width %" PRIu32, widths[i]);
		(void)fixture_render(&fx, render_check_text);
		cr_expect(fixture_has(&fx, "A message that"), "%s", name);
		cr_expect(fixture_has(&fx, "behind it."), "%s", name);
		fixture_expect_width(&fx, widths[i], name);
		fixture_done(&fx);
	}
}

Test(check_text, wide_names_are_cut_in_the_drawing_only)
{
	struct fixture fx;
	const char *wide = "a_name_that_no_kernel_would_accept_but_a_file_can_hold_it_anyway";

	fixture_init(&fx);
	uint32_t link = fixture_link(&fx, fixture_netns(&fx, 4026531840, NULL), 2, "eth0");

	(void)fixture_bpf(&fx, fixture_hook(&fx, link, HOOK_CLSACT_INGRESS, 0), 5, wide, 9999);
	fixture_seal(&fx);
	(void)fixture_render(&fx, render_check_text);
	cr_expect(fixture_has(&fx, "a_name_that_no_kernel_..  "), "%s", fx.mem.bytes);
	fx.rep.columns = 80;
	(void)fixture_render(&fx, render_check_text);
	cr_expect(fixture_has(&fx, "a_name_that_no..  "), "%s", fx.mem.bytes);
	fixture_expect_width(&fx, 80, "wide name");
	fx.rep.verbose = true;
	(void)fixture_render(&fx, render_check_text);
	cr_expect(fixture_has(&fx, wide), "%s", fx.mem.bytes);
	(void)fixture_render(&fx, render_scan_text);
	cr_expect(fixture_has(&fx, wide), "%s", fx.mem.bytes);
	fixture_done(&fx);
}

/** Many entries on one hook: the first ones, the Agent, and how many more there are. */
Test(check_text, long_lists_are_cut)
{
	struct fixture fx;

	fixture_init(&fx);
	uint32_t link = fixture_link(&fx, fixture_netns(&fx, 4026531840, NULL), 2, "eth0");
	uint32_t hook = fixture_hook(&fx, link, HOOK_CLSACT_INGRESS, 0);

	for (uint32_t pref = 1; pref <= 50; pref++) {
		if (pref != 40) {
			(void)fixture_bpf(&fx, hook, pref, "somebody", 9);
		}
	}
	fixture_seal(&fx);
	fx.f.agent_priority = 40;
	(void)fixture_render(&fx, render_check_text);
	cr_expect(fixture_has(&fx, "... 27 more entries\n"), "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "(the Agent)"), "%s", fx.mem.bytes);
	cr_expect(fixture_has(&fx, "... 10 more entries\n"), "%s", fx.mem.bytes);
	fixture_done(&fx);
}

/** More shapes than are drawn: the rest is counted, and what is bad is not in the rest. */
Test(check_text, many_shapes_are_cut)
{
	struct fixture fx;

	fixture_init(&fx);
	uint32_t host = fixture_netns(&fx, 4026531840, NULL);

	for (uint32_t i = 1; i <= 50; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "eth%u", i);
		uint32_t link = fixture_link(&fx, host, i, name);

		(void)fixture_bpf(&fx, fixture_hook(&fx, link, HOOK_CLSACT_INGRESS, 0),
		                  i == 47 ? 3 : 10 + i, "somebody", 9);
	}
	fixture_seal(&fx);
	fx.f.effects[46] = EFFECT_ENDS;
	(void)fixture_render(&fx, render_check_text);
	cr_expect(fixture_has(&fx, "and 30 more links on which other things run"), "%s",
	          fx.mem.bytes);
	cr_expect(fixture_has(&fx, "attach\n  eth47 in host\n"), "%s", fx.mem.bytes);
	fixture_done(&fx);
}
