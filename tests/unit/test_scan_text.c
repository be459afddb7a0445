/* SPDX-License-Identifier: Apache-2.0 */
/* layers: reports model */
#include "tests/unit/report_fixture.h"

/** A host with a filter of each sort, and a pod. */
static void inventory(struct fixture *fx)
{
	fixture_init(fx);

	uint32_t host = fixture_netns(fx, 4026531840, NULL);
	uint32_t pod = fixture_netns(fx, 4026532001, "cni-shop");

	(void)fixture_link(fx, host, 1, "lo");
	uint32_t eth = fixture_link(fx, host, 2, "eth0");

	(void)fixture_link(fx, host, 3, "ifb0");
	(void)fixture_link(fx, pod, 1, "lo");
	(void)fixture_link(fx, pod, 3, "ifb1");

	struct snap_qdisc qdisc = {.link = eth,
	                           .kind = "clsact",
	                           .handle = 0xffff0000,
	                           .parent = ABI_H_CLSACT,
	                           .egress_block = 7};

	cr_assert_eq(snap_add_qdisc(&fx->snap, &qdisc, NULL), 0);

	uint32_t in = fixture_hook(fx, eth, HOOK_CLSACT_INGRESS, 0);

	(void)fixture_bpf(fx, in, 5, "vendor", 41);
	struct snap_entry u32 = {
		.hook = in,
		.kind = "u32",
		.is_filter = true,
		.protocol = 0x0800,
		.pref = 6,
		.handle = 0x80000800,
		.skip_sw = true,
		.classid = 0x10010,
	};
	uint32_t entry = fixture_entry(fx, &u32);
	struct snap_action mirred = {
		.entry = entry,
		.kind = "mirred",
		.control = ACT_STOLEN,
		.op = "redirect",
		.direction = "egress",
		.target_ifindex = 3,
	};

	cr_assert_eq(snap_add_action(&fx->snap, &mirred, NULL), 0);
	mirred.order = 1;
	mirred.target_ifindex = 99;
	cr_assert_eq(snap_add_action(&fx->snap, &mirred, NULL), 0);

	struct snap_entry chained = {
		.hook = in,
		.kind = "flower",
		.is_filter = true,
		.protocol = ABI_ETH_P_ALL,
		.pref = 7,
		.handle = 0x800abcde,
		.chain = 3,
	};

	(void)fixture_entry(fx, &chained);
	chained.chain = 0;
	chained.pref = 9;
	chained.handle = 0;
	chained.kind = "u32";
	(void)fixture_entry(fx, &chained);
	(void)fixture_hook(fx, eth, HOOK_CLSACT_EGRESS, 7);
	fixture_prog(fx, 41, "vendor", CODE_BIT(CODE_OK) | CODE_BIT(CODE_SHOT), false);
	fixture_seal(fx);
	fx->rep.findings = NULL; /* `scan` judges nothing */
}

static const struct {
	const char *name;
	bool verbose;
	const char *want;
} inventory_cases[] = {
	{"counts", false, "  2 namespaces, 5 links, 2 hooks, 4 entries, 1 program\n"},
	{"host", false, "\nhost  net:[4026531840], no process\n"},
	{"pod", false, "\ncni-shop  net:[4026532001], no process\n"},
	{"link", false, "  eth0  2, veth, up\n"},
	{"bpf", false,
         "  1  pref 5 0x1 all    bpf    vendor, id 41, da, returns at most ok, shot\n"},
	{"u32 with the target's name, and one that is not there", false,
         "  2  pref 6 800::800 ip  u32    skip_sw, class 1:10, mirred egress redirect to ifb0"},
	{"target that is not there", false, "redirect to interface 99 (stolen)\n"},
	{"other chain", false, "pref 7 0x800abcde chain 3 all  flower\n"},
	{"held priority", false, "pref 9 all        u32    no filter in it"},
	{"empty hook on a block", false, "    clsact/egress, shared block 7: empty\n"},
	{"rest of the links", false, "  and 2 links without anything attached\n"},
	{"pod without anything", false, "  2 links without anything attached\n"},
	{"qdisc", true, "    qdisc clsact ffff: parent ffff:fff1, egress block 7\n"},
	{"every link", true, "  ifb1  3, veth, up\n"},
	{"programs", true,
         "  41 vendor, sched_cls, uid 0, returns at most ok, shot (too clever)\n"},
	{"coverage", false, "  read 2 namespaces, 5 links; nothing was left out\n"},
};

/** The Agent, and what -v adds. */
static const struct {
	const char *name;
	bool verbose;
	uint32_t unknown; /**< Facets that are not whole. */
	const char *want;
} host_cases[] = {
	{"agent", false, 0, "  Datadog Agent 7.50.0, running\n"},
	{"setting of a file", false, 0,
         "    runtime_security_config.network.enabled: true (file /etc/x.yaml)\n"},
	{"setting without a place", false, 0, "    a.b: 1 (option-file)\n"},
	{"settings in part", false, FACET_AGENT,
         "  Datadog Agent 7.50.0, running, its settings are not known in full\n"},
	{"process", true, 0,
         "PROCESSES\n  77 system-probe 7.50.0, net:[4026531840], pod 5d1f, container 0123\n"},
	{"process of which little is known", true, 0, "  78 cilium-agent\n"},
	{"pin", true, 0, "PINS\n  /sys/fs/bpf/x\\x0ay: map 9\n"},
	{"map", true, 0, "MAPS\n  9 cilium_calls, prog_array\n"},
	{"map of which little is known", true, 0, "  10 without a name, of unknown type\n"},
};

static void add_host(struct fixture *fx)
{
	static struct snap_config config[] = {
		{"runtime_security_config.network.enabled", "true", "file", "/etc/x.yaml"},
		{"a.b", "1", "option-file", NULL},
	};
	static const struct snap_process processes[] = {
		{77, "system-probe", "0123", "5d1f", 4026531840, "7.50.0"},
		{.pid = 78, .comm = "cilium-agent"},
	};
	static const struct snap_pin pin = {"/sys/fs/bpf/x\ny", PIN_MAP, 9};
	static const struct snap_map maps[] = {{9, "cilium_calls", "prog_array"}, {.id = 10}};

	for (size_t i = 0; i < 2; i++) {
		cr_assert_eq(snap_add_process(&fx->snap, &processes[i], NULL), 0);
		cr_assert_eq(snap_add_map(&fx->snap, &maps[i], NULL), 0);
	}
	cr_assert_eq(snap_add_pin(&fx->snap, &pin, NULL), 0);
	fx->snap.agent = (struct snap_agent){.present = true,
	                                     .running = true,
	                                     .version = "7.50.0",
	                                     .config = config,
	                                     .n_config = 2};
}

Test(scan_text, host)
{
	for (size_t i = 0; i < COUNT_OF(host_cases); i++) {
		struct fixture fx;

		fixture_init(&fx);
		add_host(&fx);
		fixture_seal(&fx);
		fx.rep.findings = NULL;
		fx.rep.verbose = host_cases[i].verbose;
		fx.snap.facets &= ~host_cases[i].unknown;
		(void)fixture_render(&fx, render_scan_text);
		cr_expect(fixture_has(&fx, host_cases[i].want), "%s: %s", host_cases[i].name,
		          fx.mem.bytes);
		fx.rep.verbose = false;
		(void)fixture_render(&fx, render_scan_text);
		cr_expect(host_cases[i].verbose != fixture_has(&fx, host_cases[i].want),
		          "%s: only with -v", host_cases[i].name);
		fixture_done(&fx);
	}
}

Test(scan_text, selected_namespaces)
{
	struct fixture fx;

	inventory(&fx);
	fx.snap.namespaces_found = 9;
	const char *text = fixture_render(&fx, render_scan_text);

	cr_expect(strstr(text, "read 2 of 9 namespaces, 5 links; the others were not asked for\n"),
	          "%s", text);
	fixture_done(&fx);
}

Test(scan_text, inventory)
{
	struct fixture fx;

	inventory(&fx);
	for (size_t i = 0; i < COUNT_OF(inventory_cases); i++) {
		fx.rep.verbose = inventory_cases[i].verbose;
		(void)fixture_render(&fx, render_scan_text);
		cr_expect(fixture_has(&fx, inventory_cases[i].want), "%s: %s",
		          inventory_cases[i].name, fx.mem.bytes);
		fixture_expect_width(&fx, 100, inventory_cases[i].name);
	}
	fixture_done(&fx);
}

Test(scan_text, quiet_about_what_is_only_for_verbose)
{
	struct fixture fx;

	inventory(&fx);
	(void)fixture_render(&fx, render_scan_text);
	cr_expect(!fixture_has(&fx, "PROGRAMS"), "%s", fx.mem.bytes);
	cr_expect(!fixture_has(&fx, "qdisc clsact"), "%s", fx.mem.bytes);
	cr_expect(!fixture_has(&fx, "lo  1"), "%s", fx.mem.bytes);
	fixture_done(&fx);
}

Test(scan_text, full_sink)
{
	struct fixture fx;

	inventory(&fx);
	fx.rep.verbose = true;
	fixture_try_full(&fx, render_scan_text, "scan");
	fixture_done(&fx);
}

Test(scan_text, nothing_at_all)
{
	struct fixture fx;

	fixture_init(&fx);
	fx.snap.hostname = fx.snap.kernel = fx.snap.arch = fx.snap.taken_at = NULL;
	fixture_seal(&fx);
	fx.rep.findings = NULL;
	(void)fixture_render(&fx, render_scan_text);
	cr_expect(fixture_has(&fx, "unknown node  Linux of unknown version; "), "%s", fx.mem.bytes);
	fixture_done(&fx);
}

/** Stands for the disassembler. */
static void list_classic(const char *classic, uint32_t indent, struct out *o)
{
	out_fmt(o, "%*s<%s>\n", (int)indent, "", classic);
}

Test(scan_text, classic_listing)
{
	static const struct snap_entry classic = {.kind = "bpf",
	                                          .is_filter = true,
	                                          .protocol = ABI_ETH_P_ALL,
	                                          .pref = 5,
	                                          .handle = 1,
	                                          .classic = "1,6 0 0 0",
	                                          .classic_codes = CODE_BIT(CODE_OK)};
	static const char want[] = "classic bytecode, returns ok\n"
				   "                                    <1,6 0 0 0>\n";
	struct fixture fx;

	fixture_init(&fx);
	(void)fixture_hook(&fx, fixture_link(&fx, fixture_netns(&fx, 4026531840, NULL), 2, "eth0"),
	                   HOOK_CLSACT_INGRESS, 0);
	(void)fixture_entry(&fx, &classic);
	fixture_seal(&fx);
	fx.rep.findings = NULL;
	fx.rep.classic = list_classic;
	cr_expect_null(strstr(fixture_render(&fx, render_scan_text), "<1,6"), "only with -v");
	fx.rep.verbose = true;
	cr_expect_not_null(strstr(fixture_render(&fx, render_scan_text), want), "%s", fx.mem.bytes);
	fx.rep.classic = NULL;
	cr_expect_null(strstr(fixture_render(&fx, render_scan_text), "<1,6"), "none at hand");
	fixture_done(&fx);
}
