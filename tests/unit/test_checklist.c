/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/analyze.h"
#include "analyzer/census.h"
#include "model/attrs.h"
#include "tests/unit/build.h"

#define IN HOOK_CLSACT_INGRESS

static const struct check_case {
	const char *name;
	enum hook_type type;
	struct snap_entry entry;
	const char *item;
	enum check_status want;
	const char *says;
	bool gap;
} checks[] = {
	{"nothing", IN, {0}, "ebpf-classifiers", CHECK_PASS, "no other eBPF classifier", false},
	{"nothing", IN, {0}, "return-codes", CHECK_NOT_APPLICABLE, "no other", false},
	{"nothing", IN, {0}, "priority-class", CHECK_NOT_APPLICABLE, "no other", false},
	{"nothing", IN, {0}, "other-hooks", CHECK_PASS, "TCX: 0", false},
	{"nothing seen", IN, {0}, "ebpf-classifiers", CHECK_UNKNOWN, "no other", true},
	{"nothing seen", IN, {0}, "return-codes", CHECK_UNKNOWN, "no other", true},
	{"ok at 1", IN, {BPF(1, 1)}, "ebpf-classifiers", CHECK_FAIL, "1 on tc", false},
	{"ok at 1", IN, {BPF(1, 1)}, "return-codes", CHECK_FAIL, "1 of 1 end", false},
	{"ok at 1", IN, {BPF(1, 1)}, "priority-class", CHECK_FAIL, "priority 1: 1", false},
	{"ok at 1, gap", IN, {BPF(1, 1)}, "return-codes", CHECK_FAIL, "1 of 1", true},
	{"unknown at 5", IN, {BPF(5, 3)}, "return-codes", CHECK_WARN, "1 of 1", false},
	{"unknown at 5", IN, {BPF(5, 3)}, "priority-class", CHECK_WARN, "2 to 10: 1", false},
	{"ok at 11", IN, {BPF(11, 1)}, "return-codes", CHECK_PASS, "1 of 1", false},
	{"ok at 11", IN, {BPF(11, 1)}, "priority-class", CHECK_PASS, "11 and above: 1", false},
	{"unspec at 5", IN, {BPF(5, 2)}, "return-codes", CHECK_PASS, "all of them go on", false},
	{"TCX", HOOK_TCX_EGRESS, {ATTACHED(1)}, "other-hooks", CHECK_FAIL, "TCX: 1", false},
	{"TCX", HOOK_TCX_EGRESS, {ATTACHED(1)}, "return-codes", CHECK_FAIL, "1 of 1", false},
	{"TCX",
         HOOK_TCX_EGRESS,
         {ATTACHED(1)},
         "priority-class",
         CHECK_NOT_APPLICABLE,
         "no",
         false},
	{"XDP", HOOK_XDP, {ATTACHED(3)}, "other-hooks", CHECK_WARN, "XDP: 1", false},
	{"ingress qdisc",
         HOOK_INGRESS,
         {BPF(20, 2)},
         "other-hooks",
         CHECK_FAIL,
         "qdiscs: 1",
         false},
	{"the Agent", IN, {BPF(10, 4)}, "ebpf-classifiers", CHECK_PASS, "no other", false},
};

static bool is_ascending(const struct check_item *item, uint32_t n_findings)
{
	for (uint32_t i = 0; i < item->n_because; i++) {
		if (item->because[i] >= n_findings ||
		    (i > 0 && item->because[i - 1] >= item->because[i])) {
			return false;
		}
	}
	return true;
}

static const struct check_item *find_item(const struct findings *got, const char *name)
{
	for (uint32_t i = 0; i < got->n_checklist; i++) {
		if (strcmp(got->checklist[i].item, name) == 0) {
			return &got->checklist[i];
		}
	}
	return NULL;
}

static void build_case(struct snapshot *snap, const struct check_case *c)
{
	uint32_t link = build_link(snap, build_netns(snap, 1, true), 2, "eth0");
	int r = 0;

	if (c->entry.kind != NULL) {
		build_entry(snap, build_hook(snap, link, c->type), c->entry);
	}
	if (c->gap) {
		r = snap_add_gap(snap, GAP_NETNS_UNREADABLE, "net:[9]", "gone");
	}
	cr_assert_eq(r, 0);
	build_prog(snap, 1, "ok", BIT(OK));
	build_prog(snap, 2, "unspec", BIT(UNSPEC));
	build_prog(snap, 3, "unknown", CODES_ALL);
	build_prog(snap, 4, "classifier_egre", CODES_ALL);
	build_seal(snap);
}

static void check_item(const struct check_case *c)
{
	struct analyze_options opts = {.priority = 10};
	struct snapshot snap;
	struct findings got;

	snap_init(&snap, BUILD_BYTES);
	findings_init(&got, BUILD_BYTES);
	build_case(&snap, c);
	cr_assert_eq(analyze(&snap, &opts, &got, NULL), 0, "%s", c->name);
	cr_expect_eq(got.n_checklist, 6);

	const struct check_item *item = find_item(&got, c->item);
	bool told = c->want == CHECK_FAIL || c->want == CHECK_WARN;

	cr_assert_not_null(item, "%s", c->item);
	cr_expect_eq(item->status, c->want, "%s, %s: %d", c->name, c->item, (int)item->status);
	cr_expect(strstr(item->answer, c->says) != NULL, "%s, %s: %s", c->name, c->item,
	          item->answer);
	cr_expect_eq(item->n_because > 0, told, "%s, %s", c->name, c->item);
	cr_expect(is_ascending(item, got.n), "%s, %s", c->name, c->item);
	findings_done(&got);
	snap_done(&snap);
}

Test(checklist, questions)
{
	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		check_item(&checks[i]);
	}
}

/** Names of the vendors behind a group, once somebody has identified them. */
Test(checklist, names_of_vendors)
{
	struct vendor_seen vendors[] = {{.id = "calico", .name = "Calico"},
	                                {.id = "cilium", .name = "Cilium"}};
	const char *entry_vendors[4] = {"cilium", NULL, "calico", "cilium"};
	bool has[2] = {false, true};
	bool both[2] = {true, true};
	bool nobody[2] = {false, false};
	struct findings f = {
		.vendors = vendors, .n_vendors = COUNT_OF(vendors), .entry_vendors = entry_vendors};
	const struct {
		struct census census;
		const char *want;
	} cases[] = {
		{{.n = {3}, .vendors = {has}}, "3 (Cilium)"},
		{{.n = {3}, .vendors = {both}}, "3 (Calico, Cilium)"},
		{{.n = {3}, .unnamed = {1}, .vendors = {both}},
	         "3 (Calico, Cilium, 1 not identified)"},
		{{.n = {3}, .unnamed = {3}, .vendors = {nobody}}, "3"},
		{{.n = {0}, .vendors = {nobody}}, "0"},
	};
	struct arena arena;

	arena_init(&arena, BUILD_BYTES);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		cr_expect_str_eq(census_text(&cases[i].census, &f, CENSUS_TC, &arena),
		                 cases[i].want);
	}
	arena_done(&arena);
}

/** The census looks vendors up by entry. */
Test(checklist, vendors_by_entry)
{
	struct vendor_seen vendors[] = {{.id = "calico", .name = "Calico"},
	                                {.id = "cilium", .name = "Cilium"}};
	const char *entry_vendors[] = {"cilium", NULL};
	struct findings f = {
		.vendors = vendors, .n_vendors = COUNT_OF(vendors), .entry_vendors = entry_vendors};
	const enum effect effects[] = {EFFECT_ENDS, EFFECT_ON};
	const bool own[] = {false, false};
	struct arena scratch;
	struct snapshot snap;
	struct census got;

	snap_init(&snap, BUILD_BYTES);
	arena_init(&scratch, BUILD_BYTES);
	uint32_t hook = build_hook(&snap, build_link(&snap, build_netns(&snap, 1, true), 2, "eth0"),
	                           HOOK_CLSACT_INGRESS);

	build_entry(&snap, hook, (struct snap_entry){BPF(1, 1)});
	build_entry(&snap, hook, (struct snap_entry){BPF(20, 2)});
	build_prog(&snap, 1, "a", BIT(OK));
	build_prog(&snap, 2, "b", BIT(UNSPEC));
	build_seal(&snap);

	const struct context ctx = {
		.snap = &snap, .effects = effects, .own = own, .scratch = &scratch};

	cr_assert_eq(census_take(&ctx, &f, &got), 0);
	cr_expect_eq(census_classifiers(&got), 2);
	cr_expect_str_eq(census_text(&got, &f, CENSUS_TC, &scratch),
	                 "2 (Cilium, 1 not identified)");
	cr_expect_str_eq(census_text(&got, &f, CENSUS_AT_1, &scratch), "1 (Cilium)");
	cr_expect_str_eq(census_text(&got, &f, CENSUS_ABOVE, &scratch), "1");
	cr_expect_str_eq(census_text(&got, &f, CENSUS_ENDERS, &scratch), "1 (Cilium)");
	arena_done(&scratch);
	snap_done(&snap);
}

static const struct off_case {
	const char *name;
	struct snap_config config[2];
	uint32_t pref; /**< Of a filter that ends packets; 0: none. */
	enum check_status want;
	const char *says;
} off_cases[] = {
	{"nothing", {{0}}, 0, CHECK_NOT_APPLICABLE, "not needed; it would be network.enabled"},
	{"set", {{0}}, 5, CHECK_NOT_APPLICABLE, "not needed"},
	{"last resort", {{0}}, 1, CHECK_WARN, "the last resort"},
	{"off",
         {{"runtime_security_config.network.enabled", "false", "file", "f"}},
         1,
         CHECK_PASS,
         "off already: runtime_security_config.network.enabled is false (file)"},
	{"on",
         {{"runtime_security_config.network.enabled", "true", "file", "f"}},
         1,
         CHECK_WARN,
         "the last resort"},
	{"outvoted",
         {{"runtime_security_config.network.enabled", "true", "file", "f"},
          {"event_monitoring_config.network.enabled", "false", "environment", "v"}},
         1,
         CHECK_WARN,
         "the last resort"},
	{"of something else",
         {{"runtime_security_config.network.flow_monitor.enabled", "false", "file", "f"}},
         1,
         CHECK_WARN,
         "the last resort"},
};

Test(checklist, switching_off)
{
	for (size_t i = 0; i < COUNT_OF(off_cases); i++) {
		const struct off_case *c = &off_cases[i];
		struct analyze_options opts = {.priority = 10};
		struct snap_config config[] = {c->config[0], c->config[1]};
		struct snapshot snap;
		struct findings got;

		snap_init(&snap, BUILD_BYTES);
		findings_init(&got, BUILD_BYTES);
		uint32_t link = build_link(&snap, build_netns(&snap, 1, true), 2, "eth0");

		if (c->pref != 0) {
			build_entry(&snap, build_hook(&snap, link, IN),
			            (struct snap_entry){BPF(c->pref, 1)});
		}
		build_prog(&snap, 1, "ok", BIT(OK));
		build_seal(&snap);
		snap.agent.config = config;
		snap.agent.n_config = (config[0].key != NULL) + (config[1].key != NULL);
		cr_assert_eq(analyze(&snap, &opts, &got, NULL), 0, "%s", c->name);

		const struct check_item *item = find_item(&got, "disable-network");

		cr_assert_not_null(item);
		cr_expect_eq(item->status, c->want, "%s: %s", c->name, item->answer);
		cr_expect_not_null(strstr(item->answer, c->says), "%s: %s", c->name, item->answer);
		findings_done(&got);
		snap_done(&snap);
	}
}

/** What was accepted passes, but not in silence. */
Test(checklist, suppressed_findings_are_named)
{
	static const char *const skip[] = {"TC101"};
	struct analyze_options opts = {.priority = 10, .skip = skip, .n_skip = 1};
	struct snapshot snap;
	struct findings got;

	snap_init(&snap, BUILD_BYTES);
	findings_init(&got, BUILD_BYTES);
	uint32_t link = build_link(&snap, build_netns(&snap, 1, true), 2, "eth0");

	build_entry(&snap, build_hook(&snap, link, IN), (struct snap_entry){BPF(1, 1)});
	build_prog(&snap, 1, "ok", BIT(OK));
	build_seal(&snap);
	cr_assert_eq(analyze(&snap, &opts, &got, NULL), 0);

	const struct check_item *item = find_item(&got, "ebpf-classifiers");

	cr_assert_not_null(item);
	cr_expect_eq(item->status, CHECK_PASS);
	cr_expect_not_null(strstr(item->answer, "; suppressed: TC101"), "%s", item->answer);
	item = find_item(&got, "other-hooks");
	cr_assert_not_null(item);
	cr_expect(strstr(item->answer, "suppressed") == NULL, "%s", item->answer);
	findings_done(&got);
	snap_done(&snap);
}
