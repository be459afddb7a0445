/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/*
 * Shapes of incidents that people reported, each with what has to be said about it. The threads are
 * named in the rows; nothing else of them is here.
 */
#include "tests/unit/node_rows.h"

#define MOST_CODES 4

/** A filter of Calico with an automatic priority, added again and again. */
#define AGAIN(n)                                                                                   \
	{                                                                                          \
		"cali1", 2, IN, {BPF(49152 - (n), 9), .name = "cali_tc_preambl:[9]"},              \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

static const struct incident {
	const char *id;
	const char *thread;
	struct node_case node; /**< code and severity are not used here. */
	const char *codes[MOST_CODES];
	enum action action;
	uint32_t advice; /**< classifier_priority; 0: null. */
	const char *in_reason;
} incidents[] = {
	{.id = "A1",
         .thread = "aws/aws-network-policy-agent#480",
         .node = {.rows = {{"eni1", 2, IN, AWS_IN, {0}}}},
         .codes = {"TC101", "TC402"},
         .action = ACTION_FIX_VENDOR},
	{.id = "A1, at a priority that can be undercut",
         .thread = "cilium/cilium#36775",
         .node = {.rows = {{"lxc1", 2, IN, CILIUM(5), {0}}}},
         .codes = {"TC102"},
         .action = ACTION_SET_PRIORITY,
         .advice = 4},
	{.id = "A2",
         .thread = "cilium/cilium#41393, microsoft/retina#1958",
         .node = {.rows = {{"eth0", 2, HOOK_TCX_INGRESS, {ATTACHED(3)}, {0}},
                           {"eth0", 2, IN, AGENT_IN(10), {0}}},
                  .processes = PROBE_77},
         .codes = {"TC201", "TC301", "TC401"},
         .action = ACTION_FIX_VENDOR},
	{.id = "A3",
         .thread = "netobserv/netobserv-ebpf-agent#822",
         .node = {.rows = {{"eth0", 2, HOOK_TCX_EGRESS, {ATTACHED(3)}, {0}},
                           {"eth0", 2, HOOK_TCX_EGRESS, {ATTACHED(2)}, {0}}}},
         .codes = {"TC201"},
         .action = ACTION_FIX_VENDOR},
	{.id = "A4",
         .thread = "grafana/beyla#1535",
         .node = {.rows = {{"lxc1", 2, IN, CILIUM(1), {0}},
                           {"eth0", 3, HOOK_TCX_INGRESS, {ATTACHED(3)}, {0}}}},
         .codes = {"TC101", "TC201", "TC401"},
         .action = ACTION_FIX_VENDOR},
	{.id = "A5",
         .thread = "DataDog/datadog-agent#13692, cilium/cilium#21345",
         .node = {.rows = {{"lxc1", 2, IN, {AT_BPF(1, 2, 6), .name = AGENT_NAME_IN}, {0}},
                           {"lxc1", 2, IN, {BPF(1, 10), .name = "bpf_lxc.o:[from-container]"}, {0}},
                           {"lxc1", 2, OUT, {0}, {0}}},
                  .agent_version = "7.38.2"},
         .codes = {"TC106", "TC107"},
         .action = ACTION_UPGRADE_AGENT},
	{.id = "A6",
         .thread = "microsoft/retina#252",
         .node = {.rows = {{"eth0", 2, IN, {BPF(1, 1), .name = "endpoint_ingres"}, {0}},
                           {"eth0",
                            2,
                            IN,
                            {AT_BPF(1, 2, 3), .name = "cil_from_netdev-eth0"},
                            {0}}}},
         .codes = {"TC101"},
         .action = ACTION_FIX_VENDOR},
	{.id = "A7",
         .thread = "cilium/cilium#44194",
         .node = {.rows = {{"lxc1", 2, HOOK_TCX_INGRESS, {ATTACHED(3)}, {0}},
                           {"lxc1", 2, HOOK_TCX_INGRESS, {ATTACHED(4)}, {0}}}},
         .codes = {"TC502"},
         .action = ACTION_FIX_VENDOR},
	{.id = "A8",
         .thread = "cilium/cilium#26472, #30609",
         .node = {.rows = {{"lxc1", 2, IN, CILIUM(1), {0}}}},
         .codes = {"TC501"},
         .action = ACTION_FIX_VENDOR},
	{.id = "A9",
         .thread = "cilium/cilium#24336, DataDog/ebpf-manager#22",
         .node = {.rows = {{"cali1", 2, HOOK_TCX_INGRESS, {ATTACHED(9)}, {0}},
                           {"cali1", 2, IN, AGENT_IN(10), {0}}},
                  .processes = PROBE_77},
         .codes = {"TC401"},
         .action = ACTION_NONE},
	{.id = "A10",
         .thread = "projectcalico/calico#8897, #9074, #10445",
         .node = {.rows = {EIGHT(AGAIN, 0), EIGHT(AGAIN, 8), EIGHT(AGAIN, 16), EIGHT(AGAIN, 24)}},
         .codes = {"TC503", "TC502"},
         .action = ACTION_NONE},
	{.id = "A11",
         .thread = "projectcalico/calico#10376",
         .node = {.rows = {AGAIN(0)}},
         .codes = {"TC504"},
         .action = ACTION_NONE},
	{.id = "A12",
         .thread = "DataDog/ebpf-manager#42",
         .node = {.rows = {{"eth0", 2, HOOK_QDISC, {BPF(1, 2)}, {0}}}},
         .codes = {"TC208"},
         .action = ACTION_NONE},
	{.id = "A13",
         .thread = "DataDog/datadog-agent#30994",
         .node = {.rows = {{"docker0", 2, OUT, {AT_BPF(10, 7, 2)}, {0}}},
                  .config = {{"event_monitoring_config.network.classifier_handle", "7", "file",
                              NULL},
                             {"event_monitoring_config.network.raw_classifier_handle", "8", "file",
                              NULL}}},
         .codes = {"TC105", "TC103"},
         .action = ACTION_SET_PRIORITY,
         .advice = 9},
	{.id = "A22",
         .thread = "bpfman/bpfman#1423",
         .node = {.rows = {{"eth0", 2, IN, {BPF(50, 15), .name = "tc_dispatcher"}, {0}}}},
         .codes = {"TC902"},
         .action = ACTION_NONE},
	{.id = "A23",
         .thread = "opencontainers/runc#4180, jfernandez/bpftop#37",
         .node = {.rows = {{"eth0", 2, IN, {BPF(20, 10)}, {0}}}},
         .codes = {"TC505"},
         .action = ACTION_NONE},
	{.id = "A26",
         .thread = "cilium/pwru#424, #434",
         .node = {.rows = {{"eth0", 2, IN, {BPF(20, 3)}, {0}}, {"eth0", 2, IN, {BPF(21, 4)}, {0}}}},
         .codes = {"TC502"},
         .action = ACTION_NONE},
	{.id = "A46",
         .thread = "elastiflow/mermin#246",
         .node = {.rows = {{"lxc1", 2, IN, CILIUM(50), {0}},
                           {"lxc1", 2, OUT, CILIUM_OUT(50), {0}}}},
         .action = ACTION_NONE},
};

static void check_codes(const struct incident *c, const struct findings *got)
{
	for (size_t i = 0; i < MOST_CODES && c->codes[i] != NULL; i++) {
		uint32_t n = 0;

		(void)node_find(got, c->codes[i], &n);
		cr_expect_gt(n, 0, "%s (%s): no %s", c->id, c->thread, c->codes[i]);
	}
}

static void check_incident(const struct vendors *table, const struct incident *c)
{
	struct snapshot snap;
	struct findings got;
	struct analyze_options opts = {
		.agent_version = c->node.agent_version,
		.vendors = table,
	};
	struct err err = {0};

	snap_init(&snap, BUILD_BYTES);
	findings_init(&got, BUILD_BYTES);
	node_build(&snap, &c->node);
	cr_assert_eq(analyze(&snap, &opts, &got, &err), 0, "%s: %s", c->id, err.text);
	check_codes(c, &got);
	cr_expect_eq(got.advice.action, c->action, "%s: %s: %s", c->id,
	             action_word(got.advice.action), got.advice.reason);
	cr_expect_eq(got.advice.priority, c->advice, "%s: priority %u", c->id, got.advice.priority);
	findings_done(&got);
	snap_done(&snap);
}

Test(incidents, are_recognised)
{
	struct arena arena;
	struct vendors table;

	node_table(&arena, &table);
	for (size_t i = 0; i < COUNT_OF(incidents); i++) {
		check_incident(&table, &incidents[i]);
	}
	arena_done(&arena);
}

/** A42: a namespace that only a descriptor keeps, with the Agent's filters, and its host side. */
static void build_kept_open(struct snapshot *snap)
{
	uint32_t host = build_netns(snap, NODE_INODE, true);
	uint32_t pod = build_netns(snap, 4026532500, false);
	uint32_t veth = build_link(snap, host, 9, "veth42");
	uint32_t eth0 = build_link(snap, pod, 2, "eth0");
	struct snap_process probe = {.pid = 77, .comm = "system-probe"};

	build_entry(
		snap, build_hook(snap, veth, IN),
		(struct snap_entry){
			BPF(10, 6),
			.name = "classifier_ingress_security_classifier_ingress_9_4026531840_77"});
	build_entry(
		snap, build_hook(snap, eth0, IN),
		(struct snap_entry){
			BPF(10, 6),
			.name = "classifier_ingress_security_classifier_ingress_2_4026532500_77"});
	cr_assert_eq(snap_add_process(snap, &probe, NULL), 0);
	cr_assert_eq(snap_add_gap(snap, GAP_NETNS_UNREACHABLE, "net:[4026532501]", "no process"),
	             0);
	node_programs(snap);
	build_seal(snap);
	snap->facets |= FACET_PROCESSES;
}

/** DataDog/datadog-agent#41350: interfaces do not go away while somebody holds their namespace. */
Test(incidents, kept_open_namespaces)
{
	struct arena arena;
	struct vendors table;
	struct snapshot snap;
	struct findings got;
	struct analyze_options opts = {.vendors = &table};
	struct err err = {0};
	uint32_t n = 0;

	node_table(&arena, &table);
	snap_init(&snap, BUILD_BYTES);
	findings_init(&got, BUILD_BYTES);
	build_kept_open(&snap);
	cr_assert_eq(analyze(&snap, &opts, &got, &err), 0, "%s", err.text);

	const struct finding *f = node_find(&got, "TC303", &n);

	cr_assert_eq(n, 1);
	cr_expect_not_null(strstr(f->message, "eth0 in "), "%s", f->message);
	cr_expect_not_null(strstr(f->message, "an open descriptor keeps it"), "%s", f->message);
	cr_expect_eq(f->severity, SEV_WARN);
	f = node_find(&got, "TC901", &n);
	cr_assert_eq(n, 1);
	cr_expect_not_null(strstr(f->message, "net:[4026532501]"), "%s", f->message);
	findings_done(&got);
	snap_done(&snap);
	arena_done(&arena);
}

/** A46: the priority of a vendor is what was measured, not what its documentation says. */
Test(incidents, priorities_are_measured)
{
	static const struct node_case node = {
		.rows = {{"lxc1", 2, IN, CILIUM(50), {0}}, {"lxc1", 2, OUT, CILIUM_OUT(50), {0}}}};
	struct arena arena;
	struct vendors table;
	struct snapshot snap;
	struct findings got;
	struct analyze_options opts = {.vendors = &table};
	struct err err = {0};

	node_table(&arena, &table);
	snap_init(&snap, BUILD_BYTES);
	findings_init(&got, BUILD_BYTES);
	node_build(&snap, &node);
	cr_assert_eq(analyze(&snap, &opts, &got, &err), 0, "%s", err.text);
	cr_assert_eq(got.n_vendors, 1);
	cr_expect_str_eq(got.vendors[0].id, "cilium");
	cr_assert_eq(got.vendors[0].n_prefs, 1);
	cr_expect_eq(got.vendors[0].prefs[0], 50);
	findings_done(&got);
	snap_done(&snap);
	arena_done(&arena);
}

/** A21: with several programs on one hook, what runs first is said for each. */
Test(incidents, order_is_told)
{
	static const struct node_case node = {.rows = {{"eth0", 2, IN, {BPF(5, 2)}, {0}},
	                                               {"eth0", 2, IN, AGENT_IN(10), {0}},
	                                               {"eth0", 2, IN, {BPF(20, 1)}, {0}}}};
	struct snapshot snap;

	snap_init(&snap, BUILD_BYTES);
	node_build(&snap, &node);
	for (uint32_t i = 0; i < snap.n_entries; i++) {
		cr_expect_eq(snap.entries[i].order, i);
		cr_expect(i == 0 || snap.entries[i - 1].pref < snap.entries[i].pref);
	}
	snap_done(&snap);
}
