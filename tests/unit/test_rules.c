/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/rules.h"
#include "model/attrs.h"
#include "tests/unit/build.h"

#include <ctype.h>

/* Programs of every case: 1 ok, 2 unspec, 3 unknown, 4 shot, 5 redirect, 6 the Agent's, 7 nameless
 * ok. */
static void build_progs(struct snapshot *snap)
{
	build_prog(snap, 1, "vendor_ok", BIT(OK));
	build_prog(snap, 2, "vendor_unspec", BIT(UNSPEC));
	build_prog(snap, 3, "vendor_unknown", CODES_ALL);
	build_prog(snap, 4, "vendor_shot", BIT(SHOT));
	build_prog(snap, 5, "vendor_redirect", BIT(REDIRECT));
	build_prog(snap, 6, "classifier_ingr", CODES_ALL);
	build_prog(snap, 7, NULL, BIT(OK));
}

/** One entry with its actions. */
struct placed {
	enum hook_type type;
	struct snap_entry entry;
	struct snap_action actions[2]; /**< Ends at kind NULL. */
	uint32_t block;
};

#define MAX_PLACED 3

#define IN     HOOK_CLSACT_INGRESS
#define SILENT (-1)

static const struct rule_case {
	const char *code;
	const char *name;
	struct placed rows[MAX_PLACED]; /**< Ends at kind NULL. */
	int severity;                   /**< SILENT, or enum severity of the one open finding. */
	const char *says[4];            /**< Parts of the message, ends at NULL. */
} cases[] = {
	{"TC101",
         "ok at 1",
         {{.type = IN, .entry = {BPF(1, 1)}}},
         SEV_FAIL,
         {"eth0 in host, clsact/ingress: vendor_ok (pref 1, handle 0x1, program 1) returns ok",
          "the Agent at priority 10 never sees"}},
	{"TC101",
         "unknown at 1",
         {{.type = IN, .entry = {BPF(1, 3)}}},
         SEV_WARN,
         {"not analysed", "caution, not proof"}},
	{"TC101",
         "in an ingress qdisc",
         {{.type = HOOK_INGRESS, .entry = {BPF(1, 1)}}},
         SEV_FAIL,
         {"ingress: "}},
	{"TC101",
         "nameless",
         {{.type = IN, .entry = {BPF(1, 7)}}},
         SEV_FAIL,
         {"nameless program (pref 1"}},
	{"TC101",
         "for one protocol",
         {{.type = IN, .entry = {IP_BPF(1, 1)}}},
         SEV_FAIL,
         {"protocol ip"}},
	{"TC101",
         "not direct-action",
         {{.type = IN, .entry = {INDIRECT(1, 2)}}},
         SEV_FAIL,
         {"ends what it matches (not direct-action, actions: none)"}},
	{"TC101", "unspec at 1", {{.type = IN, .entry = {BPF(1, 2)}}}, SILENT, {0}},
	{"TC101", "ok at 2", {{.type = IN, .entry = {BPF(2, 1)}}}, SILENT, {0}},
	{"TC101",
         "hardware only",
         {{.type = IN, .entry = {BPF(1, 1), .skip_sw = true}}},
         SILENT,
         {0}},
	{"TC101",
         "in another chain",
         {{.type = IN, .entry = {BPF(1, 1), .chain = 2}}},
         SILENT,
         {0}},
	{"TC101", "on a root qdisc", {{.type = HOOK_QDISC, .entry = {BPF(1, 1)}}}, SILENT, {0}},
	{"TC101", "the Agent itself", {{.type = IN, .entry = {BPF(1, 6)}}}, SILENT, {0}},
	{"TC101",
         "behind a dropper",
         {{.type = IN, .entry = {BPF(1, 4)}}, {.type = IN, .entry = {BPF(1, 1)}}},
         SILENT,
         {0}},
	{"TC102",
         "ok at 5",
         {{.type = IN, .entry = {BPF(5, 1)}}},
         SEV_FAIL,
         {"pref 5", "returns ok", "never sees"}},
	{"TC102", "ok at 2", {{.type = IN, .entry = {BPF(2, 1)}}}, SEV_FAIL, {"pref 2"}},
	{"TC102",
         "ok at the Agent's own",
         {{.type = IN, .entry = {BPF(10, 1)}}},
         SEV_FAIL,
         {"at the same priority 10 misses"}},
	{"TC102", "unknown at 5", {{.type = IN, .entry = {BPF(5, 3)}}}, SEV_WARN, {"may not see"}},
	{"TC102", "ok at 1", {{.type = IN, .entry = {BPF(1, 1)}}}, SILENT, {0}},
	{"TC102", "ok at 11", {{.type = IN, .entry = {BPF(11, 1)}}}, SILENT, {0}},
	{"TC102", "unspec at 5", {{.type = IN, .entry = {BPF(5, 2)}}}, SILENT, {0}},
	{"TC102", "u32 at 5", {{.type = IN, .entry = {PLAIN("u32", 5)}}}, SILENT, {0}},
	{"TC102",
         "goto is another rule's",
         {{.type = IN,
           .entry = {INDIRECT(5, 2)},
           .actions = {{.kind = "gact", .control = ACT_GOTO_CHAIN}}}},
         SILENT,
         {0}},
	{"TC103",
         "unspec at 10",
         {{.type = IN, .entry = {BPF(10, 2)}}},
         SEV_WARN,
         {"own priority 10", "newest"}},
	{"TC103", "ok at 10", {{.type = IN, .entry = {BPF(10, 1)}}}, SEV_WARN, {"vendor_ok"}},
	{"TC103", "the Agent itself", {{.type = IN, .entry = {BPF(10, 6)}}}, SILENT, {0}},
	{"TC103", "at 9", {{.type = IN, .entry = {BPF(9, 2)}}}, SILENT, {0}},
	{"TC103", "other protocol", {{.type = IN, .entry = {IP_BPF(10, 2)}}}, SILENT, {0}},
	{"TC103", "other kind", {{.type = IN, .entry = {PLAIN("u32", 10)}}}, SILENT, {0}},
	{"TC104",
         "other kind",
         {{.type = IN, .entry = {PLAIN("flower", 10)}}},
         SEV_FAIL,
         {"flower filter", "EINVAL"}},
	{"TC104",
         "other protocol",
         {{.type = IN, .entry = {IP_BPF(10, 2)}}},
         SEV_FAIL,
         {"protocol ip", "EINVAL"}},
	{"TC104",
         "held",
         {{.type = IN, .entry = {HELD("u32", 10)}}},
         SEV_FAIL,
         {"u32 filter", "handle 0x0"}},
	{"TC104", "bpf", {{.type = IN, .entry = {BPF(10, 2)}}}, SILENT, {0}},
	{"TC104", "at 9", {{.type = IN, .entry = {PLAIN("flower", 9)}}}, SILENT, {0}},
	{"TC104",
         "in another chain",
         {{.type = IN, .entry = {PLAIN("flower", 10), .chain = 1}}},
         SILENT,
         {0}},
	{"TC105",
         "handle 7 taken",
         {{.type = IN, .entry = {AT_BPF(10, 7, 2)}}},
         SEV_FAIL,
         {"classifier_handle", "EEXIST"}},
	{"TC105",
         "raw handle 9 taken",
         {{.type = IN, .entry = {AT_BPF(10, 9, 2)}}},
         SEV_FAIL,
         {"raw_classifier_handle"}},
	{"TC105", "another handle", {{.type = IN, .entry = {AT_BPF(10, 8, 2)}}}, SILENT, {0}},
	{"TC105", "another priority", {{.type = IN, .entry = {AT_BPF(9, 7, 2)}}}, SILENT, {0}},
	{"TC105", "the Agent's own", {{.type = IN, .entry = {AT_BPF(10, 7, 6)}}}, SILENT, {0}},
	{"TC201",
         "passes",
         {{.type = HOOK_TCX_INGRESS, .entry = {ATTACHED(1)}}},
         SEV_FAIL,
         {"tcx/ingress: vendor_ok (position 0, program 1) returns ok", "no priority"}},
	{"TC201",
         "redirects",
         {{.type = HOOK_TCX_EGRESS, .entry = {ATTACHED(5)}}},
         SEV_FAIL,
         {"returns redirect"}},
	{"TC201",
         "unknown",
         {{.type = HOOK_TCX_EGRESS, .entry = {ATTACHED(3)}}},
         SEV_WARN,
         {"caution"}},
	{"TC201", "goes on", {{.type = HOOK_TCX_EGRESS, .entry = {ATTACHED(2)}}}, SILENT, {0}},
	{"TC201", "drops", {{.type = HOOK_TCX_EGRESS, .entry = {ATTACHED(4)}}}, SILENT, {0}},
	{"TC202",
         "redirects",
         {{.type = HOOK_XDP, .entry = {ATTACHED(5)}}},
         SEV_WARN,
         {"xdp: vendor_redirect", "never reach tc"}},
	{"TC202", "unknown", {{.type = HOOK_XDP, .entry = {ATTACHED(3)}}}, SEV_WARN, {"caution"}},
	{"TC202", "passes", {{.type = HOOK_XDP, .entry = {ATTACHED(1)}}}, SILENT, {0}},
	{"TC203",
         "redirects",
         {{.type = HOOK_NETKIT_PEER, .entry = {ATTACHED(5)}}},
         SEV_FAIL,
         {"netkit/peer", "this device"}},
	{"TC203",
         "to the other end",
         {{.type = HOOK_NETKIT_PRIMARY, .entry = {ATTACHED(5)}}},
         SEV_FAIL,
         {"other end"}},
	{"TC203",
         "unknown",
         {{.type = HOOK_NETKIT_PRIMARY, .entry = {ATTACHED(3)}}},
         SEV_WARN,
         {"caution"}},
	{"TC203", "passes", {{.type = HOOK_NETKIT_PRIMARY, .entry = {ATTACHED(1)}}}, SILENT, {0}},
	{"TC204",
         "matchall redirects",
         {{.type = IN,
           .entry = {PLAIN("matchall", 3)},
           .actions = {{.kind = "mirred", .op = "redirect", .control = ACT_STOLEN}}}},
         SEV_FAIL,
         {"matchall filter (pref 3", "actions: mirred redirect stolen"}},
	{"TC204",
         "some packets",
         {{.type = IN,
           .entry = {SOME("u32", 3)},
           .actions = {{.kind = "gact", .control = ACT_OK}}}},
         SEV_WARN,
         {"u32 filter"}},
	{"TC204",
         "without action",
         {{.type = IN, .entry = {PLAIN("flower", 3)}}},
         SEV_FAIL,
         {"actions: none"}},
	{"TC204",
         "not proven",
         {{.type = IN,
           .entry = {PLAIN("flower", 3)},
           .actions = {{.kind = "gact", .control = ACT_JUMP}}}},
         SEV_WARN,
         {"may end", "caution"}},
	{"TC204",
         "continues",
         {{.type = IN,
           .entry = {PLAIN("flower", 3)},
           .actions = {{.kind = "gact", .control = ACT_UNSPEC}}}},
         SILENT,
         {0}},
	{"TC204",
         "at the Agent's own",
         {{.type = IN, .entry = {PLAIN("flower", 10)}}},
         SILENT,
         {0}},
	{"TC204", "behind", {{.type = IN, .entry = {PLAIN("flower", 11)}}}, SILENT, {0}},
	{"TC204", "bpf", {{.type = IN, .entry = {BPF(3, 1)}}}, SILENT, {0}},
	{"TC204",
         "goto is another rule's",
         {{.type = IN,
           .entry = {PLAIN("flower", 3)},
           .actions = {{.kind = "gact", .control = ACT_GOTO_CHAIN}}}},
         SILENT,
         {0}},
	{"TC205",
         "shared",
         {{.type = IN, .entry = {BPF(20, 2)}, .block = 5}},
         SEV_FAIL,
         {"shared block"}},
	{"TC205", "own block", {{.type = IN, .entry = {BPF(20, 2)}}}, SILENT, {0}},
	{"TC206",
         "ingress",
         {{.type = HOOK_INGRESS, .entry = {BPF(20, 2)}}},
         SEV_FAIL,
         {"ingress qdisc", "receive path"}},
	{"TC206", "clsact", {{.type = IN, .entry = {BPF(20, 2)}}}, SILENT, {0}},
	{"TC207",
         "all packets",
         {{.type = IN,
           .entry = {PLAIN("matchall", 3)},
           .actions = {{.kind = "gact", .control = ACT_GOTO_CHAIN, .control_arg = 42}}}},
         SEV_FAIL,
         {"sends packets to chain 42"}},
	{"TC207",
         "some packets",
         {{.type = IN,
           .entry = {SOME("flower", 3)},
           .actions = {{.kind = "gact", .control = ACT_GOTO_CHAIN}}}},
         SEV_WARN,
         {"chain 0"}},
	{"TC207",
         "at the Agent's own",
         {{.type = IN,
           .entry = {SOME("flower", 10)},
           .actions = {{.kind = "gact", .control = ACT_GOTO_CHAIN}}}},
         SEV_WARN,
         {"pref 10"}},
	{"TC207",
         "bpf",
         {{.type = IN,
           .entry = {INDIRECT(3, 2)},
           .actions = {{.kind = "gact", .control = ACT_GOTO_CHAIN}}}},
         SEV_WARN,
         {"vendor_unspec"}},
	{"TC207",
         "behind",
         {{.type = IN,
           .entry = {PLAIN("flower", 11)},
           .actions = {{.kind = "gact", .control = ACT_GOTO_CHAIN}}}},
         SILENT,
         {0}},
	{"TC207",
         "from another chain",
         {{.type = IN,
           .entry = {PLAIN("flower", 3), .chain = 1},
           .actions = {{.kind = "gact", .control = ACT_GOTO_CHAIN}}}},
         SILENT,
         {0}},
	{"TC207", "no goto", {{.type = IN, .entry = {PLAIN("flower", 3)}}}, SILENT, {0}},
	{"TC208",
         "u32",
         {{.type = HOOK_QDISC, .entry = {PLAIN("u32", 1)}}},
         SEV_INFO,
         {"qdisc/1:0: u32 filter"}},
	{"TC208", "bpf", {{.type = HOOK_QDISC, .entry = {BPF(1, 1)}}}, SEV_WARN, {"parent 0"}},
	{"TC208", "clsact", {{.type = IN, .entry = {BPF(1, 1)}}}, SILENT, {0}},
	{"TC902",
         "unknown",
         {{.type = IN, .entry = {BPF(20, 3)}}},
         SEV_INFO,
         {"vendor_unknown", "not analysed"}},
	{"TC902", "gone", {{.type = IN, .entry = {BPF(20, 99)}}}, SEV_INFO, {"could not be read"}},
	{"TC902",
         "on TCX",
         {{.type = HOOK_TCX_EGRESS, .entry = {ATTACHED(3)}}},
         SEV_INFO,
         {"tcx/egress"}},
	{"TC902", "proven", {{.type = IN, .entry = {BPF(20, 1)}}}, SILENT, {0}},
	{"TC902", "the Agent's own", {{.type = IN, .entry = {BPF(10, 6)}}}, SILENT, {0}},
	{"TC902", "on a root qdisc", {{.type = HOOK_QDISC, .entry = {BPF(1, 3)}}}, SILENT, {0}},
};

/* Handles that the Agent's settings name in every case; the filters' handle is 1 by default. */
static struct snap_config handles[] = {
	{"event_monitoring_config.network.classifier_handle", "7", "file", NULL},
	{"event_monitoring_config.network.raw_classifier_handle", "9", "file", NULL},
};

static void build_case(struct snapshot *snap, const struct placed *rows)
{
	uint32_t hooks[N_HOOK_TYPES];
	uint32_t link = build_link(snap, build_netns(snap, 1, true), 2, "eth0");

	memset(hooks, 0xff, sizeof(hooks));
	for (size_t i = 0; i < MAX_PLACED && rows[i].entry.kind != NULL; i++) {
		uint32_t *hook = &hooks[rows[i].type];

		if (*hook == SNAP_NONE) {
			*hook = build_hook(snap, link, rows[i].type);
			snap->hooks[*hook].block = rows[i].block;
			snap->hooks[*hook].classid = rows[i].type == HOOK_QDISC ? 0x10000 : 0;
		}

		uint32_t entry = build_entry(snap, *hook, rows[i].entry);

		for (size_t a = 0; a < 2 && rows[i].actions[a].kind != NULL; a++) {
			build_action(snap, entry, rows[i].actions[a]);
		}
	}
	build_progs(snap);
	snap->agent.config = handles;
	snap->agent.n_config = COUNT_OF(handles);
	build_seal(snap);
}

static const struct finding *find_code(const struct findings *f, const char *code, uint32_t *ret_n)
{
	const struct finding *found = NULL;

	*ret_n = 0;
	for (uint32_t i = 0; i < f->n; i++) {
		if (strcmp(f->rows[i].code, code) == 0 && f->rows[i].state == FINDING_OPEN) {
			found = found == NULL ? &f->rows[i] : found;
			*ret_n += 1;
		}
	}
	return found;
}

static void check_place(const struct snapshot *snap, const struct place *place, const char *name)
{
	cr_expect_lt(place->netns, snap->n_netns, "%s", name);
	cr_expect_lt(place->link, snap->n_links, "%s", name);
	cr_expect_lt(place->hook, snap->n_hooks, "%s", name);
	cr_expect(place->entry == SNAP_NONE || snap->entries[place->entry].hook == place->hook,
	          "%s", name);
}

static void check_evidence(const struct evidence *evidence, const char *name)
{
	cr_expect(evidence->key != NULL && evidence->value != NULL, "%s", name);
}

/** Every finding names its rule, a remedy, and a place that the snapshot has. */
static void check_form(const struct snapshot *snap, const struct finding *f, const char *name)
{
	const struct rule *rule = rule_find(f->code);

	cr_assert_not_null(rule, "%s: %s", name, f->code);
	cr_expect_eq(f->name, rule->name, "%s", name);
	cr_expect_leq(f->severity, rule->severity, "%s", name);
	cr_expect(f->remedy != NULL && f->remedy[0] != '\0', "%s: remedy", name);
	cr_expect_eq(f->n_places, f->count, "%s: places", name);
	for (uint32_t i = 0; i < f->n_places; i++) {
		check_place(snap, &f->places[i], name);
	}
	for (uint32_t i = 0; i < f->n_evidence; i++) {
		check_evidence(&f->evidence[i], name);
	}
}

/** Severity and what the message must say. */
static void check_words(const struct rule_case *c, const struct finding *f)
{
	const char *missing = NULL;

	for (size_t i = 0; i < COUNT_OF(c->says) && c->says[i] != NULL; i++) {
		missing = strstr(f->message, c->says[i]) == NULL ? c->says[i] : missing;
	}
	cr_expect_eq((int)f->severity, c->severity, "%s, %s: severity %d", c->code, c->name,
	             (int)f->severity);
	cr_expect_null(missing, "%s, %s: no '%s' in: %s", c->code, c->name, missing, f->message);
}

static void check_case(const struct rule_case *c)
{
	struct snapshot snap;
	struct findings got;
	struct analyze_options opts = {.priority = 10};
	struct err err = {0};
	uint32_t n = 0;

	snap_init(&snap, BUILD_BYTES);
	findings_init(&got, BUILD_BYTES);
	build_case(&snap, c->rows);
	cr_assert_eq(analyze(&snap, &opts, &got, &err), 0, "%s: %s", c->name, err.text);

	const struct finding *f = find_code(&got, c->code, &n);

	cr_expect_eq(n, c->severity == SILENT ? 0 : 1, "%s, %s: %u findings", c->code, c->name, n);
	for (uint32_t i = 0; i < got.n; i++) {
		check_form(&snap, &got.rows[i], c->name);
	}
	if (f != NULL && c->severity != SILENT) {
		check_words(c, f);
	}
	findings_done(&got);
	snap_done(&snap);
}

Test(rules, fire_and_stay_silent)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		check_case(&cases[i]);
	}
}

Test(rules, every_rule_has_both_kinds_of_rows)
{
	for (uint32_t r = 0; r < n_rules; r++) {
		uint32_t fires = 0;
		uint32_t silent = 0;

		for (size_t i = 0; i < COUNT_OF(cases); i++) {
			if (strcmp(cases[i].code, rules[r]->code) == 0) {
				fires += cases[i].severity != SILENT;
				silent += cases[i].severity == SILENT;
			}
		}
		/* Others have theirs in the files beside; scripts/lint rules sees to that. */
		cr_expect((fires > 0) == (silent > 0), "%s", rules[r]->code);
	}
}

Test(rules, pages_are_complete)
{
	for (uint32_t i = 0; i < n_rules; i++) {
		const struct rule *rule = rules[i];
		const char *const texts[] = {rule->name,    rule->group, rule->title, rule->seen,
		                             rule->matters, rule->fact,  rule->fix,   rule->safe};

		cr_expect_eq(strlen(rule->code), 5, "%s", rule->code);
		cr_expect_not_null(rule->check, "%s", rule->code);
		for (size_t t = 0; t < COUNT_OF(texts); t++) {
			cr_expect(texts[t] != NULL && texts[t][0] != '\0', "%s: text %zu",
			          rule->code, t);
		}
		for (const char *at = rule->name; *at != '\0'; at++) {
			cr_expect(islower(*at) || isdigit(*at) || *at == '-', "%s", rule->name);
		}
		for (size_t l = 0; rule->links != NULL && rule->links[l] != NULL; l++) {
			cr_expect_eq(strncmp(rule->links[l], "https://", 8), 0, "%s",
			             rule->links[l]);
		}
		cr_expect(i == 0 || strcmp(rules[i - 1]->code, rule->code) < 0, "%s", rule->code);
	}
}

Test(rules, find)
{
	cr_expect_eq(rule_find("TC101"), rules[0]);
	cr_expect_eq(rule_find("tc101"), rules[0]);
	cr_expect_null(rule_find("TC1"));
	cr_expect_null(rule_find("TC999"));
	cr_expect_null(rule_find(""));
	cr_expect_null(rule_find(NULL));
}

Test(rules, gaps)
{
	struct snapshot snap;
	struct findings got;
	struct analyze_options opts = {0};
	uint32_t n = 0;

	snap_init(&snap, BUILD_BYTES);
	findings_init(&got, BUILD_BYTES);
	cr_assert_eq(snap_add_gap(&snap, GAP_TCX_UNREADABLE, "eth1", "Operation not permitted"), 0);
	cr_assert_eq(snap_add_gap(&snap, GAP_TCX_UNREADABLE, "eth0", "Operation not permitted"), 0);
	cr_assert_eq(snap_add_gap(&snap, GAP_NETNS_UNREADABLE, "net:[7]", "No such process"), 0);
	build_case(&snap, cases[0].rows);
	cr_assert_eq(analyze(&snap, &opts, &got, NULL), 0);
	(void)find_code(&got, "TC901", &n);
	cr_expect_eq(n, 2, "%u", n);
	for (uint32_t i = 0; i < got.n; i++) {
		const struct finding *f = &got.rows[i];

		if (strcmp(f->code, "TC901") != 0) {
			continue;
		}

		bool tcx = strstr(f->message, "tcx-unreadable") != NULL;

		cr_expect_eq(f->severity, SEV_WARN);
		cr_expect_eq(f->n_places, 0);
		cr_expect_eq(f->count, tcx ? 2 : 1, "%s", f->message);
		cr_expect(strstr(f->message, tcx ? "eth0" : "net:[7]") != NULL, "%s", f->message);
		cr_expect(strstr(f->remedy, tcx ? "CAP_NET_ADMIN" : "CAP_SYS_ADMIN") != NULL, "%s",
		          f->remedy);
	}
	findings_done(&got);
	snap_done(&snap);
}

static const struct gap_case {
	const char *code;
	const char *name;
	bool gap;
	int severity; /**< SILENT, or that of the one finding. */
} gap_cases[] = {
	{"TC901", "something could not be read", true, SEV_WARN},
	{"TC901", "everything was read", false, SILENT},
};

Test(rules, gaps_and_none)
{
	for (size_t i = 0; i < COUNT_OF(gap_cases); i++) {
		const struct gap_case *c = &gap_cases[i];
		struct snapshot snap;
		struct findings got;
		struct analyze_options opts = {0};
		uint32_t n = 0;

		snap_init(&snap, BUILD_BYTES);
		findings_init(&got, BUILD_BYTES);
		if (c->gap) {
			cr_assert_eq(snap_add_gap(&snap, GAP_TCX_UNREADABLE, "eth0", "refused"), 0);
		}
		build_case(&snap, cases[0].rows);
		cr_assert_eq(analyze(&snap, &opts, &got, NULL), 0, "%s", c->name);

		const struct finding *f = find_code(&got, c->code, &n);

		cr_expect_eq(n, c->severity == SILENT ? 0 : 1, "%s: %u findings", c->name, n);
		cr_expect(f == NULL || (int)f->severity == c->severity, "%s", c->name);
		findings_done(&got);
		snap_done(&snap);
	}
}

static const struct remedy_case {
	const char *name;
	struct placed rows[MAX_PLACED];
	const char *code;
	const char *says;
} remedies[] = {
	{"a value in front",
         {{.type = IN, .entry = {BPF(5, 1)}}},
         "TC102",
         "event_monitoring_config.network.classifier_priority to 4"},
	{"beside", {{.type = IN, .entry = {BPF(10, 2)}}}, "TC103", "classifier_priority to 9"},
	{"refused",
         {{.type = IN, .entry = {PLAIN("flower", 10), .skip_sw = true}}},
         "TC104",
         "classifier_priority to 9"},
	{"nothing below 1",
         {{.type = IN, .entry = {BPF(1, 1)}}},
         "TC101",
         "No priority is below 1"},
	{"no value for the node",
         {{.type = IN, .entry = {BPF(1, 1)}}, {.type = IN, .entry = {BPF(5, 1)}}},
         "TC102",
         "A classifier_priority below 5 (never 0)"},
};

Test(rules, remedies_are_concrete)
{
	for (size_t i = 0; i < COUNT_OF(remedies); i++) {
		const struct remedy_case *c = &remedies[i];
		struct snapshot snap;
		struct findings got;
		struct analyze_options opts = {.priority = 10};
		uint32_t n = 0;

		snap_init(&snap, BUILD_BYTES);
		findings_init(&got, BUILD_BYTES);
		build_case(&snap, c->rows);
		cr_assert_eq(analyze(&snap, &opts, &got, NULL), 0, "%s", c->name);

		const struct finding *f = find_code(&got, c->code, &n);

		cr_assert_not_null(f, "%s", c->name);
		cr_expect(strstr(f->remedy, c->says) != NULL, "%s: %s", c->name, f->remedy);
		findings_done(&got);
		snap_done(&snap);
	}
}
