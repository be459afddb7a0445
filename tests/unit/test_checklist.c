/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/analyze.h"
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
	cr_expect_eq(got.n_checklist, 4);

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
