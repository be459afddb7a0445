/* SPDX-License-Identifier: Apache-2.0 */
/**
 * snap_fixture.h - a snapshot that uses every table and every kind of value, for tests of model/.
 *
 * Rows come in an order that sealing has to change, with a dead link among them.
 */
#ifndef TCAUDIT_TESTS_SNAP_FIXTURE_H
#define TCAUDIT_TESTS_SNAP_FIXTURE_H

#include "model/abi.h"
#include "model/snapshot.h"
#include "model/text.h"

#include <string.h>

/** Add one row and give up at the arena's limit. */
#define FIXTURE_ADD(call)                                                                          \
	do {                                                                                       \
		if ((call) < 0) {                                                                  \
			return -1;                                                                 \
		}                                                                                  \
	} while (0)

static const char *const fixture_names[] = {"blue", "/run/docker/netns/\xc3\xa9t\xc3\xa9"};

static inline const char *fixture_text(struct snapshot *snap, const char *text)
{
	return text_import(&snap->arena, text, SIZE_MAX);
}

static inline int fixture_netns(struct snapshot *snap, uint32_t *pod, uint32_t *host)
{
	struct snap_netns row = {.inode = 4026532500, .n_kept_pids = 2, .n_pids = 11};

	row.names = arena_alloc(&snap->arena, sizeof(fixture_names));
	row.pids[0] = 900;
	row.pids[1] = 1000;
	row.process = fixture_text(snap, "pause\n\"x\"");
	row.container = fixture_text(snap, "0123abcd");
	row.pod_uid = fixture_text(snap, "5d1f");
	if (!row.names || !row.process || !row.container || !row.pod_uid) {
		return -1;
	}
	memcpy(row.names, fixture_names, sizeof(fixture_names));
	row.n_names = 2;
	FIXTURE_ADD(snap_add_netns(snap, &row, pod));
	row = (struct snap_netns){.dev = 4, .inode = 4026531840, .host = true, .n_pids = 3};
	FIXTURE_ADD(snap_add_netns(snap, &row, host));
	row = (struct snap_netns){.inode = 4026532400, .process = "sleep", .n_kept_pids = 1};
	row.pids[0] = 77;
	return snap_add_netns(snap, &row, NULL);
}

static inline int fixture_clsact(struct snapshot *snap, uint32_t link)
{
	struct snap_hook hook = {.link = link, .type = HOOK_CLSACT_EGRESS, .block = 12};
	struct snap_entry entry = {.order = 2,
	                           .kind = "bpf",
	                           .protocol = ABI_ETH_P_ALL,
	                           .is_filter = true,
	                           .pref = 5,
	                           .handle = 1,
	                           .direct_action = true,
	                           .name = "cil_to_container",
	                           .tag = "0011223344556677",
	                           .prog_id = 42};
	struct snap_action action = {.order = 2,
	                             .kind = "mirred",
	                             .index = 3,
	                             .control = ACT_STOLEN,
	                             .op = "redirect",
	                             .direction = "egress",
	                             .target_ifindex = 9,
	                             .target_block = 8};
	uint32_t *chains = arena_alloc(&snap->arena, 2 * sizeof(*chains));

	if (!chains) {
		return -1;
	}
	chains[0] = 7; /* not ascending */
	hook.chains = chains;
	hook.n_chains = 2;
	FIXTURE_ADD(snap_add_hook(snap, &hook, &entry.hook));
	FIXTURE_ADD(snap_add_entry(snap, &entry, NULL));
	entry = (struct snap_entry){.hook = entry.hook,
	                            .order = 1,
	                            .kind = "flower",
	                            .protocol = 0x88cc,
	                            .is_filter = true,
	                            .pref = 65535,
	                            .handle = 0xffffffff,
	                            .chain = 7,
	                            .skip_sw = true,
	                            .in_hw = true,
	                            .classid = 0x10002,
	                            .match = MATCH_SOME};
	FIXTURE_ADD(snap_add_entry(snap, &entry, &action.entry));
	FIXTURE_ADD(snap_add_action(snap, &action, NULL));
	action = (struct snap_action){.entry = action.entry,
	                              .order = 1,
	                              .kind = "gact",
	                              .control = ACT_GOTO_CHAIN,
	                              .control_arg = 7};
	FIXTURE_ADD(snap_add_action(snap, &action, NULL));
	action = (struct snap_action){.entry = action.entry,
	                              .order = 3,
	                              .kind = "bpf",
	                              .control = ACT_UNKNOWN,
	                              .control_arg = 99,
	                              .prog_id = 43};
	FIXTURE_ADD(snap_add_action(snap, &action, NULL));
	hook = (struct snap_hook){.link = link, .type = HOOK_CLSACT_INGRESS};
	return snap_add_hook(snap, &hook, NULL);
}

static inline int fixture_programs(struct snapshot *snap, uint32_t link)
{
	struct snap_hook hook = {.link = link, .type = HOOK_XDP};
	struct snap_entry entry = {.kind = "bpf",
	                           .name = "xdp_pass",
	                           .mode = "generic",
	                           .prog_id = 43,
	                           .protocol = 1,
	                           .pref = 3};

	FIXTURE_ADD(snap_add_hook(snap, &hook, &entry.hook));
	FIXTURE_ADD(snap_add_entry(snap, &entry, NULL));
	hook = (struct snap_hook){.link = link,
	                          .type = HOOK_TCX_INGRESS,
	                          .has_revision = true,
	                          .revision = UINT64_MAX};
	entry = (struct snap_entry){
		.kind = "bpf", .direct_action = true, .link_id = 6, .prog_id = 42};
	FIXTURE_ADD(snap_add_hook(snap, &hook, &entry.hook));
	FIXTURE_ADD(snap_add_entry(snap, &entry, NULL));
	hook = (struct snap_hook){.link = link, .type = HOOK_QDISC, .classid = 0x80010000};
	entry = (struct snap_entry){.kind = "bpf",
	                            .is_filter = true,
	                            .protocol = 0x86dd,
	                            .pref = 49152,
	                            .classic = "1,6 0 0 4294967295",
	                            .classic_codes = CODE_BIT(CODE_UNSPEC),
	                            .skip_hw = true};
	FIXTURE_ADD(snap_add_hook(snap, &hook, &entry.hook));
	FIXTURE_ADD(snap_add_entry(snap, &entry, NULL));
	hook = (struct snap_hook){.link = link, .type = HOOK_QDISC, .classid = 0x10010};
	return snap_add_hook(snap, &hook, NULL);
}

static inline int fixture_progs(struct snapshot *snap)
{
	static const uint32_t maps[] = {9, 4, 9};
	static const uint32_t calls[] = {42};
	static const struct verdict_step steps[] = {
		{VERDICT_STEP_TAKEN, 43, 3},      {VERDICT_STEP_NOT_TAKEN, 43, 5},
		{VERDICT_STEP_CALL, 43, 6},       {VERDICT_STEP_RETURN, 43, 6},
		{VERDICT_STEP_TAIL_FAIL, 43, 11}, {VERDICT_STEP_TAIL, 43, 14},
		{VERDICT_STEP_THROW, 42, 0},      {VERDICT_STEP_EXIT, 42, 4294967295},
	};
	static const struct verdict_path paths[] = {
		{CODE_OK, steps + 7, 1, false, true},
		{CODE_UNSPEC, steps, 8, true, false},
	};
	struct snap_prog row = {.id = 43,
	                        .bytes_xlated = 16,
	                        .returns = {.codes = CODE_BIT(CODE_OK) | CODE_BIT(CODE_UNSPEC),
	                                    .exact = true,
	                                    .paths = paths,
	                                    .n_paths = 2},
	                        .vendor = "cilium",
	                        .name = "xdp_pass",
	                        .type = "xdp",
	                        .tag = "aabbccddeeff0011",
	                        .loaded_at = "2026-01-02T03:04:05Z",
	                        .uid = 1000,
	                        .map_ids = maps,
	                        .n_map_ids = 3,
	                        .tail_calls = calls,
	                        .n_tail_calls = 1};

	FIXTURE_ADD(snap_add_prog(snap, &row, NULL));
	row = (struct snap_prog){.id = 42,
	                         .returns = {.codes = CODES_ALL,
	                                     .reason = "not permitted",
	                                     .pc_prog = 43,
	                                     .pc = 0,
	                                     .same_as = 43}};
	return snap_add_prog(snap, &row, NULL);
}

static inline int fixture_maps(struct snapshot *snap)
{
	static const struct snap_map rows[] = {
		{.id = 9, .name = "cilium_calls_0", .type = "prog_array"},
		{.id = 4, .type = "hash"},
		{.id = 5},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		FIXTURE_ADD(snap_add_map(snap, &rows[i], NULL));
	}
	return 0;
}

static inline int fixture_host(struct snapshot *snap)
{
	static const struct snap_pin pins[] = {
		{"/sys/fs/bpf/tc/globals/b", PIN_MAP, 9},
		{"/sys/fs/bpf/link \"x\"", PIN_LINK, 6},
		{"/sys/fs/bpf/tc/globals/a", PIN_PROG, 42},
	};
	static const struct snap_process processes[] = {
		{.pid = 4242, .comm = "system-probe", .netns = 4026531840, .version = "7.50.0"},
		{.pid = 911,
	         .comm = "cilium-agent",
	         .container = "0123abcd",
	         .pod_uid = "5d1f",
	         .netns = 4026531840},
		{.pid = 1000, .comm = "odd\ncomm"},
	};
	static const struct snap_config config[] = {
		{"runtime_security_config.network.classifier_priority", "10", "file",
	         "/etc/datadog-agent/system-probe.yaml"},
		{"event_monitoring_config.network.enabled", "true", "environment",
	         "DD_EVENT_MONITORING_CONFIG_NETWORK_ENABLED"},
		{"runtime_security_config.enabled", NULL, "option-file", NULL},
	};

	for (size_t i = 0; i < COUNT_OF(pins); i++) {
		FIXTURE_ADD(snap_add_pin(snap, &pins[i], NULL));
	}
	for (size_t i = 0; i < COUNT_OF(processes); i++) {
		FIXTURE_ADD(snap_add_process(snap, &processes[i], NULL));
	}
	snap->agent = (struct snap_agent){
		.present = true, .running = true, .version = "7.50.0", .n_config = 3};
	snap->agent.config = arena_alloc(&snap->arena, sizeof(config));
	if (!snap->agent.config) {
		return -1;
	}
	memcpy(snap->agent.config, config, sizeof(config));
	return 0;
}

static inline int fixture_links(struct snapshot *snap, uint32_t pod, uint32_t host)
{
	struct snap_link row = {.netns = pod,
	                        .ifindex = 7,
	                        .name = "eth0",
	                        .kind = "veth",
	                        .up = true,
	                        .has_peer = true,
	                        .peer_ifindex = 12,
	                        .peer_inode = 4026531840,
	                        .netnsid = 0,
	                        .lower_ifindex = 12};
	struct snap_qdisc qdisc = {.kind = "noqueue", .parent = ABI_H_ROOT};
	uint32_t link = 0;

	FIXTURE_ADD(snap_add_link(snap, &row, &link));
	FIXTURE_ADD(fixture_clsact(snap, link));
	row = (struct snap_link){
		.netns = pod, .ifindex = 5, .name = "gone", .dead = true, .netnsid = -1};
	FIXTURE_ADD(snap_add_link(snap, &row, &link));
	FIXTURE_ADD(fixture_clsact(snap, link));
	qdisc.link = link;
	FIXTURE_ADD(snap_add_qdisc(snap, &qdisc, NULL));
	row = (struct snap_link){.netns = host,
	                         .ifindex = 12,
	                         .name = "veth\x01\"'",
	                         .kind = "veth",
	                         .has_peer = true,
	                         .peer_ifindex = 7,
	                         .peer_inode = 4026532500,
	                         .master = 3,
	                         .netnsid = 1};
	FIXTURE_ADD(snap_add_link(snap, &row, &link));
	FIXTURE_ADD(fixture_programs(snap, link));
	qdisc.link = link;
	FIXTURE_ADD(snap_add_qdisc(snap, &qdisc, NULL));
	qdisc = (struct snap_qdisc){.link = link,
	                            .kind = "clsact",
	                            .handle = 0xffff0000,
	                            .parent = ABI_H_CLSACT,
	                            .ingress_block = 4,
	                            .egress_block = 5};
	FIXTURE_ADD(snap_add_qdisc(snap, &qdisc, NULL));
	row = (struct snap_link){
		.netns = host, .ifindex = 1, .name = "lo", .up = true, .netnsid = -1};
	return snap_add_link(snap, &row, NULL);
}

/** @return 0, or -1 at the limit of the arena. */
static inline int fixture_fill(struct snapshot *snap)
{
	static const char *const wheres[] = {"netns 4026532999", NULL, "netns 4026532999", "\xff"};
	uint32_t pod = 0;
	uint32_t host = 0;

	snap->tool_version = "0.0.9";
	snap->taken_at = "2026-11-23T10:00:00Z";
	snap->hostname = "node-1";
	snap->kernel = "6.1.0";
	snap->arch = "x86_64";
	snap->host_netns = 4026531840;
	snap->has_tcx = true;
	snap->namespaces_found = 4;
	snap->namespaces_read = 3;
	snap->links_read = 3;
	FIXTURE_ADD(fixture_netns(snap, &pod, &host));
	FIXTURE_ADD(fixture_links(snap, pod, host));
	FIXTURE_ADD(fixture_progs(snap));
	FIXTURE_ADD(fixture_maps(snap));
	FIXTURE_ADD(fixture_host(snap));
	for (size_t i = 0; i < COUNT_OF(wheres); i++) {
		FIXTURE_ADD(snap_add_gap(snap, GAP_TCX_UNREADABLE, wheres[i], "EPERM"));
	}
	return snap_add_gap(snap, GAP_NETNS_UNREADABLE, "pid 9", NULL);
}

#endif
