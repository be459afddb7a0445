/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/agent.h"
#include "model/attrs.h"
#include "tests/unit/build.h"

static const struct name_case {
	const char *name;
	bool want;
} filter_names[] = {
	{"classifier_ingress_security380_4026531992_2115", true},
	{"classifier_egress_security_classifier_egress_6_4026531840_77", true},
	{"classifier_egress_security_classifier_raw_packet_egress_6_4026531840_77", true},
	{"classifier_ingress_security_1_2", true},
	{"classifier_ingress_security1_2", false},
	{"classifier_ingress_security_12", false},
	{"classifier_ingress_security__2", false},
	{"classifier_ingress_security_1_", false},
	{"classifier_ingress_security_1_2 ", false},
	{"classifier_ingress_security_1_2x", false},
	{"xclassifier_ingress_security_1_2", false},
	{"classifier_forward_security_1_2", false},
	{"classifier_ingress_1_2", false},
	{"", false},
	{NULL, false},
};

static const struct name_case prog_names[] = {
	{"classifier_ingr", true},
	{"classifier_ingress", true},
	{"classifier_egre", true},
	{"classifier_egress", true},
	{"classifier_raw_", true},
	{"classifier_raw_packet_ingress", true},
	{"classifier_raw_packet_egress", true},
	{"classifier_ingress2", false},
	{"classifier_eg", false},
	{"classifier_raw_x", false},
	{"tail_call_class", false},
	{"", false},
	{NULL, false},
};

Test(agent, names)
{
	for (size_t i = 0; i < COUNT_OF(filter_names); i++) {
		cr_expect_eq(agent_filter_name(filter_names[i].name), filter_names[i].want, "%s",
		             filter_names[i].name);
	}
	for (size_t i = 0; i < COUNT_OF(prog_names); i++) {
		cr_expect_eq(agent_prog_name(prog_names[i].name), prog_names[i].want, "%s",
		             prog_names[i].name);
	}
}

#define OWN_NAME "classifier_ingress_security_classifier_ingress_2_4026531840_99"

static const struct owner_case {
	const char *name;
	struct snap_entry entry;
	bool want;
} owner_cases[] = {
	{"by filter name", {BPF(10, 0), .name = OWN_NAME}, true},
	{"by program name", {BPF(10, 1), .name = "renamed"}, true},
	{"foreign", {BPF(10, 2), .name = "cil_from_netdev-eth0"}, false},
	{"program not known", {BPF(10, 9)}, false},
	{"of another kind", {PLAIN("u32", 10), .name = OWN_NAME}, false},
	{"on TCX", {ATTACHED(1), .name = "classifier_ingr"}, false},
};

Test(agent, owns)
{
	struct snapshot snap;

	snap_init(&snap, BUILD_BYTES);
	build_prog(&snap, 1, "classifier_ingr", BIT(UNSPEC));
	build_prog(&snap, 2, "cil_from_netdev", BIT(OK));
	build_seal(&snap);
	for (size_t i = 0; i < COUNT_OF(owner_cases); i++) {
		cr_expect_eq(agent_owns(&snap, &owner_cases[i].entry), owner_cases[i].want, "%s",
		             owner_cases[i].name);
	}
	snap_done(&snap);
}

#define OLD "runtime_security_config.network.classifier_priority"
#define NEW "event_monitoring_config.network.classifier_priority"

static const struct priority_case {
	const char *name;
	uint32_t option;
	uint32_t own[4];              /**< Priorities of own filters. */
	struct snap_config config[3]; /**< Ends at key NULL. */
	uint32_t want;
	enum priority_source source;
} priority_cases[] = {
	{"default", 0, {0}, {{.key = NULL}}, 10, PRIORITY_DEFAULT},
	{"option wins", 3, {7}, {{NEW, "5", "file", NULL}}, 3, PRIORITY_OPTION},
	{"running wins over settings", 0, {7}, {{NEW, "5", "file", NULL}}, 7, PRIORITY_RUNNING},
	{"most frequent", 0, {7, 9, 9}, {{0}}, 9, PRIORITY_RUNNING},
	{"lower of equals", 0, {9, 7, 9, 7}, {{0}}, 7, PRIORITY_RUNNING},
	{"file", 0, {0}, {{NEW, "5", "file", NULL}}, 5, PRIORITY_FILE},
	{"environment", 0, {0}, {{NEW, "6", "environment", NULL}}, 6, PRIORITY_ENVIRONMENT},
	{"deprecated", 0, {0}, {{OLD, "4", "file", NULL}}, 4, PRIORITY_FILE},
	{"deprecated wins",
         0,
         {0},
         {{NEW, "5", "file", NULL}, {OLD, "4", "file", NULL}},
         4,
         PRIORITY_FILE},
	{"deprecated wins, other order",
         0,
         {0},
         {{OLD, "4", "file", NULL}, {NEW, "5", "environment", NULL}},
         4,
         PRIORITY_FILE},
	{"environment beats the same key in a file",
         0,
         {0},
         {{NEW, "5", "file", NULL}, {NEW, "6", "environment", NULL}},
         6,
         PRIORITY_ENVIRONMENT},
	{"0 is 50", 0, {0}, {{NEW, "0", "file", NULL}}, 50, PRIORITY_FILE},
	{"wraps", 0, {0}, {{NEW, "65541", "file", NULL}}, 5, PRIORITY_FILE},
	{"wraps to 0, so 50", 0, {0}, {{NEW, "65536", "file", NULL}}, 50, PRIORITY_FILE},
	{"wraps below 0", 0, {0}, {{NEW, "-1", "file", NULL}}, 65535, PRIORITY_FILE},
	{"no number", 0, {0}, {{NEW, "ten", "file", NULL}}, 10, PRIORITY_DEFAULT},
	{"empty", 0, {0}, {{NEW, "", "file", NULL}}, 10, PRIORITY_DEFAULT},
	{"too long",
         0,
         {0},
         {{NEW, "99999999999999999999999", "file", NULL}},
         10,
         PRIORITY_DEFAULT},
	{"another key",
         0,
         {0},
         {{"event_monitoring_config.network.raw_classifier_priority", "5", "file", NULL}},
         10,
         PRIORITY_DEFAULT},
};

static void check_priority(const struct priority_case *c)
{
	struct snapshot snap;
	struct judged j;
	struct agent_priority got = {0};
	struct snap_config config[COUNT_OF(c->config)];

	snap_init(&snap, BUILD_BYTES);
	uint32_t link = build_link(&snap, build_netns(&snap, 1, true), 2, "eth0");
	uint32_t hook = build_hook(&snap, link, HOOK_CLSACT_INGRESS);

	for (size_t i = 0; i < COUNT_OF(c->own) && c->own[i] != 0; i++) {
		build_entry(&snap, hook, (struct snap_entry){BPF(c->own[i], 0), .name = OWN_NAME});
	}
	build_seal(&snap);
	memcpy(config, c->config, sizeof(config));
	snap.agent.config = config;
	while (snap.agent.n_config < COUNT_OF(config) && config[snap.agent.n_config].key != NULL) {
		snap.agent.n_config++;
	}
	judged_init(&j, &snap, c->option);
	cr_expect_eq(agent_effective_priority(&snap, &j.opts, j.own, &j.scratch, &got), 0);
	cr_expect_eq(got.value, c->want, "%s: %u", c->name, got.value);
	cr_expect_eq(got.source, c->source, "%s: source %d", c->name, (int)got.source);
	judged_done(&j);
	snap_done(&snap);
}

Test(agent, effective_priority)
{
	for (size_t i = 0; i < COUNT_OF(priority_cases); i++) {
		check_priority(&priority_cases[i]);
	}
}

Test(agent, counting_needs_memory)
{
	struct snapshot snap;
	struct arena tiny;
	struct agent_priority got = {0};
	struct analyze_options opts = {0};
	bool own[] = {true};

	snap_init(&snap, BUILD_BYTES);
	uint32_t link = build_link(&snap, build_netns(&snap, 1, true), 2, "eth0");

	build_entry(&snap, build_hook(&snap, link, HOOK_CLSACT_EGRESS),
	            (struct snap_entry){BPF(10, 0), .name = OWN_NAME});
	build_seal(&snap);
	arena_init(&tiny, 1024);
	cr_expect_lt(agent_effective_priority(&snap, &opts, own, &tiny, &got), 0);
	arena_done(&tiny);
	snap_done(&snap);
}
