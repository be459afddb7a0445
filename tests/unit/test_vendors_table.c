/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/*
 * The vendor table as a document, and what is asked of it once vendors are known: versions, rows
 * that hold, returns, settings.
 */
#include "model/text.h"
#include "tests/unit/vendor_fixture.h"

#include <errno.h>
#include <stdlib.h>

#define ROW(more)                                                                                  \
	TABLE("{\"id\": \"a\", \"name\": \"A\", \"uses_tc\": true, \"match\": [{\"strength\": "    \
	      "\"hint\", \"pref\": 1}]" more "}")
#define MATCH(row)                                                                                 \
	TABLE("{\"id\": \"a\", \"name\": \"A\", \"uses_tc\": true, \"match\": [" row "]}")
#define TAKE(more)                                                                                 \
	ROW(", \"takes\": [{\"scope\": \"slot\", \"text\": \"t\", \"source\": \"s\"" more "}]")
#define SET_ON ", \"events\": [\"attach\"], \"directions\": [\"send\"]"

static const struct {
	const char *name;
	const char *text;
	int want;
	const char *says; /**< Part of the description. */
} documents[] = {
	{"smallest", TABLE(""), 0, NULL},
	{"a row", ROW(""), 0, NULL},
	{"empty", "", -EBADMSG, "t: not JSON"},
	{"cut", "{\"schema\": \"tcaudit.vendors/1\", \"vendors\": [", -EBADMSG, "t: not JSON"},
	{"no object", "[]", -EBADMSG, "t: document: not an object"},
	{"no schema", "{\"vendors\": []}", -EBADMSG, "t: schema: missing"},
	{"other schema", "{\"schema\": \"tcaudit.vendors/2\", \"vendors\": []}", -EBADMSG,
         "t: schema: not tcaudit.vendors/1"},
	{"no vendors", "{\"schema\": \"tcaudit.vendors/1\"}", -EBADMSG, "t: vendors: missing"},
	{"vendors no list", "{\"schema\": \"tcaudit.vendors/1\", \"vendors\": {}}", -EBADMSG,
         "t: vendors: "},
	{"unknown key on top", "{\"schema\": \"tcaudit.vendors/1\", \"vendors\": [], \"x\": 1}",
         -EBADMSG, "t: x: unknown key"},
	{"unknown key", ROW(", \"prio\": 1"), -EBADMSG, "t: vendors[0].prio: unknown key"},
	{"key twice", ROW(", \"id\": \"b\""), -EBADMSG, "t: vendors[0].id: twice in one object"},
	{"no id", TABLE("{\"name\": \"A\", \"uses_tc\": false}"), -EBADMSG,
         "t: vendors[0].id: missing"},
	{"id of other letters", TABLE("{\"id\": \"A b\", \"name\": \"A\", \"uses_tc\": false}"),
         -EBADMSG, "vendors[0].id: not of small letters"},
	{"id that is no text", TABLE("{\"id\": 1, \"name\": \"A\", \"uses_tc\": false}"), -EBADMSG,
         "t: vendors[0].id: not a text"},
	{"id twice",
         TABLE("{\"id\": \"a\", \"name\": \"A\", \"uses_tc\": false}, {\"id\": \"b\", \"name\": "
               "\"B\", \"uses_tc\": false}, {\"id\": \"a\", \"name\": \"C\", \"uses_tc\": "
               "false}"),
         -EBADMSG, "t: vendors[2].id: there already"},
	{"no uses_tc", TABLE("{\"id\": \"a\", \"name\": \"A\"}"), -EBADMSG,
         "vendors[0].uses_tc: missing"},
	{"uses_tc no bool", TABLE("{\"id\": \"a\", \"name\": \"A\", \"uses_tc\": 1}"), -EBADMSG,
         "vendors[0].uses_tc: "},
	{"never recognised", TABLE("{\"id\": \"a\", \"name\": \"A\", \"uses_tc\": true}"), -EBADMSG,
         "vendors[0].match: missing"},
	{"recognised without tc",
         TABLE("{\"id\": \"a\", \"name\": \"A\", \"uses_tc\": false, \"match\": [{\"strength\": "
               "\"hint\", \"pref\": 1}]}"),
         -EBADMSG, "vendors[0].match: what attaches nothing"},
	{"empty text", ROW(", \"note\": \"\""), -EBADMSG, "vendors[0].note: empty"},
	{"control character", ROW(", \"note\": \"a\\u001bb\""), -EBADMSG,
         "vendors[0].note: holds a control character"},
	{"process too long", ROW(", \"processes\": [\"a\", \"0123456789abcdef\"]"), -EBADMSG,
         "vendors[0].processes[1]: too long"},
	{"no strength", MATCH("{\"pref\": 1}"), -EBADMSG, "vendors[0].match[0].strength: missing"},
	{"other strength", MATCH("{\"strength\": \"sure\", \"pref\": 1}"), -EBADMSG,
         "vendors[0].match[0].strength: no such word"},
	{"no condition", MATCH("{\"strength\": \"hint\"}"), -EBADMSG,
         "vendors[0].match[0]: no condition"},
	{"bad pattern", MATCH("{\"strength\": \"hint\", \"program\": \"a{b\"}"), -EBADMSG,
         "vendors[0].match[0].program: a { without its }"},
	{"pattern no text", MATCH("{\"strength\": \"hint\", \"program\": [\"a\"]}"), -EBADMSG,
         "vendors[0].match[0].program: not a text"},
	{"unknown condition", MATCH("{\"strength\": \"hint\", \"progam\": \"a\"}"), -EBADMSG,
         "vendors[0].match[0].progam: unknown key"},
	{"unknown hook", MATCH("{\"strength\": \"hint\", \"hooks\": [\"xdp\", \"tc\"]}"), -EBADMSG,
         "vendors[0].match[0].hooks[1]: no such word"},
	{"span of three", MATCH("{\"strength\": \"hint\", \"pref\": [1, 2, 3]}"), -EBADMSG,
         "vendors[0].match[0].pref: not a number, nor two in order"},
	{"span backwards", MATCH("{\"strength\": \"hint\", \"pref\": [3, 2]}"), -EBADMSG,
         "vendors[0].match[0].pref: not a number"},
	{"span of text", MATCH("{\"strength\": \"hint\", \"pref\": \"1\"}"), -EBADMSG,
         "vendors[0].match[0].pref: "},
	{"hint without versions", ROW(", \"versions\": [{\"pref\": 1}]"), -EBADMSG,
         "vendors[0].versions[0]: says nothing"},
	{"no version", ROW(", \"versions\": [{\"pref\": 1, \"since\": \"new\"}]"), -EBADMSG,
         "vendors[0].versions[0].since: not a version"},
	{"range backwards",
         ROW(", \"versions\": [{\"pref\": 1, \"since\": \"1.2\", \"before\": \"1.2\"}]"), -EBADMSG,
         "vendors[0].versions[0].before: not behind since"},
	{"returns nothing", ROW(", \"returns\": [{\"source\": \"s\"}]"), -EBADMSG,
         "vendors[0].returns[0].codes: missing"},
	{"unknown code", ROW(", \"returns\": [{\"codes\": [\"pass\"], \"source\": \"s\"}]"),
         -EBADMSG, "vendors[0].returns[0].codes[0]: no such code"},
	{"no source", ROW(", \"returns\": [{\"codes\": [\"ok\"]}]"), -EBADMSG,
         "vendors[0].returns[0].source: missing"},
	{"take", TAKE(SET_ON), 0, NULL},
	{"take without event", TAKE(", \"directions\": [\"send\"]"), -EBADMSG,
         "vendors[0].takes[0].events: missing"},
	{"take without direction", TAKE(", \"events\": [\"stop\"]"), -EBADMSG,
         "vendors[0].takes[0].directions: missing"},
	{"unknown event", TAKE(", \"events\": [\"always\"]"), -EBADMSG,
         "vendors[0].takes[0].events[0]: no such word"},
	{"take from no pattern", TAKE(SET_ON ", \"devices\": [\"a\", \"}\"]"), -EBADMSG,
         "vendors[0].takes[0].devices[1]: a } without its {"},
	{"priority too large", TAKE(SET_ON ", \"pref\": 65536"), -EBADMSG,
         "vendors[0].takes[0].pref: not a number from 0 to 65535"},
	{"unknown purpose",
         ROW(", \"settings\": [{\"purpose\": \"x\", \"name\": \"n\", \"how\": \"h\", \"source\": "
             "\"s\"}]"),
         -EBADMSG, "vendors[0].settings[0].purpose: no such word"},
};

Test(vendors_table, documents)
{
	for (size_t i = 0; i < COUNT_OF(documents); i++) {
		struct vendors table = {.n = 77};
		struct err err = {0};
		struct arena arena;

		arena_init(&arena, BUILD_BYTES);

		int r = vendors_parse(documents[i].text, strlen(documents[i].text), "t", &arena,
		                      &table, &err);

		cr_expect_eq(r, documents[i].want, "%s: %d, %s", documents[i].name, r, err.text);
		cr_expect(documents[i].says == NULL || strstr(err.text, documents[i].says) != NULL,
		          "%s: %s", documents[i].name, err.text);
		cr_expect(r == 0 || table.n == 77, "%s: written on failure", documents[i].name);
		arena_done(&arena);
	}
}

/** A document with @p n times @p text between @p head and @p tail. */
static char *repeat(const char *head, const char *text, size_t n, const char *tail)
{
	char *doc = malloc(strlen(head) + n * strlen(text) + strlen(tail) + 1);
	char *at;

	cr_assert_not_null(doc);
	at = stpcpy(doc, head);
	for (size_t i = 0; i < n; i++) {
		at = stpcpy(at, text);
	}
	(void)stpcpy(at, tail);
	return doc;
}

#define HEAD "{\"schema\": \"tcaudit.vendors/1\", \"vendors\": ["

static void expect_refused(const char *name, char *doc, int want, const char *says)
{
	struct vendors table;
	struct err err = {0};
	struct arena arena;

	arena_init(&arena, BUILD_BYTES);

	int r = vendors_parse(doc, strlen(doc), "t", &arena, &table, &err);

	cr_expect_eq(r, want, "%s: %d, %s", name, r, err.text);
	cr_expect_not_null(strstr(err.text, says), "%s: %s", name, err.text);
	arena_done(&arena);
	free(doc);
}

Test(vendors_table, too_much, .timeout = 20)
{
	expect_refused("100 MB", repeat(HEAD, " ", (size_t)100 << 20, "]}"), -EFBIG,
	               "a vendor table has at most");
	expect_refused("deep nesting", repeat(HEAD, "[", 100000, ""), -EBADMSG, "t: ");
	expect_refused("many rows", repeat(HEAD "{}", ",{}", 256, "]}"), -EBADMSG,
	               "vendors: too many");
	expect_refused("many matches",
	               repeat(HEAD "{\"id\": \"a\", \"name\": \"A\", \"uses_tc\": true, "
	                           "\"match\": [{}",
	                      ",{}", 64, "]}]}"),
	               -EBADMSG, "vendors[0].match: too many");
	expect_refused("long text", repeat(HEAD "{\"id\": \"a\", \"name\": \"", "x", 81, "\"}]}"),
	               -EBADMSG, "vendors[0].name: too long");
	expect_refused("long pattern",
	               repeat(HEAD "{\"id\": \"a\", \"name\": \"A\", \"uses_tc\": true, "
	                           "\"match\": [{\"strength\": \"hint\", \"map\": \"",
	                      "x", 193, "\"}]}]}"),
	               -EBADMSG, "match[0].map: too long");
}

/* With less memory than a table needs it is refused, whatever the limit. */
Test(vendors_table, no_memory)
{
	for (size_t limit = 1; limit < (size_t)512 * 1024; limit = limit * 3 / 2 + 1) {
		struct vendors table;
		struct err err = {0};
		struct arena arena;

		arena_init(&arena, limit);

		int r = vendors_parse(vendors_builtin, vendors_builtin_bytes, "t", &arena, &table,
		                      &err);

		cr_expect(r == 0 || r == -ENOMEM, "%zu: %d, %s", limit, r, err.text);
		arena_done(&arena);
	}
}

Test(vendors_table, builtin)
{
	const struct vendors *table = build_vendors();

	cr_expect_eq(strlen(vendors_builtin), vendors_builtin_bytes);
	cr_expect_not_null(vendors_find(table, "Cilium"));
	cr_expect_null(vendors_find(table, "ciliu"));
	cr_expect_null(vendors_find(table, ""));
	for (uint32_t i = 0; i < table->n; i++) {
		const struct vendor *row = &table->rows[i];

		cr_expect(i == 0 || strcmp(table->rows[i - 1].id, row->id) < 0, "%s", row->id);
		cr_expect(!row->uses_tc || row->n_sources > 0, "%s: no source", row->id);
		cr_expect(!row->uses_tc || row->n_returns > 0, "%s: no returns", row->id);
		cr_expect(!row->uses_tc || row->n_attaches > 0, "%s: no attach", row->id);
		cr_expect(!row->needs_ingress || row->uses_tc, "%s", row->id);
	}
	for (uint32_t i = 1; i < table->n_processes; i++) {
		cr_expect_lt(strcmp(table->processes[i - 1], table->processes[i]), 0);
	}
}

static const struct {
	const char *since, *before;
	const char *text;
} ranges[] = {
	{NULL, NULL, NULL},
	{"1.16", NULL, "1.16 or later"},
	{"1.13.1", NULL, "1.13.1 or later"},
	{NULL, "1.13", "1.12 or earlier"},
	{NULL, "1.13.1", "1.13 or earlier"},
	{NULL, "7.39.2", "7.39.1 or earlier"},
	{NULL, "2.0", "before 2.0"},
	{"1.13.1", "1.14", "1.13.1 to 1.13"},
	{"1.6", "1.8", "1.6 to 1.7"},
	{"1.12", "1.13", "1.12"},
	{"1.5", "2.0", "1.5 up to before 2.0"},
	{"7.50.1", "7.50.2", "7.50.1"},
	{"1.13.0", "1.13.1", "1.13.0"},
};

Test(vendors_table, range_texts)
{
	struct arena arena;

	arena_init(&arena, BUILD_BYTES);
	for (size_t i = 0; i < COUNT_OF(ranges); i++) {
		struct release_range range = {0};
		bool failed = false;

		range.has_since = release_parse(ranges[i].since, &range.since);
		range.has_before = release_parse(ranges[i].before, &range.before);

		const char *text = vendors_range_text(&range, &arena, &failed);

		cr_expect(text_eq(text, ranges[i].text), "%s: %s", ranges[i].text, text);
		cr_expect_not(failed);
	}
	arena_done(&arena);
}

/** What is known of Cilium's version, and from where. */
static const struct {
	const char *name;
	const char *filter; /**< Hint: "-" in it is 1.13.1 or later. */
	const char *process, *option;
	const char *text;
} versions[] = {
	{"hint", "cil_from_netdev-eth0", NULL, NULL, "1.13.1 or later"},
	{"process", "cil_from_netdev-eth0", "1.15.6", NULL, "1.15.6"},
	{"process against the hint", "bpf_lxc.o:[from-container]", "v1.16.1", NULL, "1.16.1"},
	{"process without number", "cil_from_netdev-eth0", "main", NULL, "1.13.1 or later"},
	{"option", "cil_from_netdev-eth0", "1.15.6", "1.14.2", "1.14.2"},
	{"nothing", "cil_from_netdev", NULL, NULL, NULL},
};

Test(vendors_table, versions)
{
	const struct vendors *table = build_vendors();

	for (size_t i = 0; i < COUNT_OF(versions); i++) {
		struct snap_process process = {
			.pid = 9, .comm = "cilium-agent", .version = versions[i].process};
		struct vendor_seen *seen = NULL;
		struct scene s;
		uint32_t n = 0;

		scene_init(&s);
		build_prog(&s.snap, 7, NULL, BIT(OK));
		cr_assert_eq(snap_add_process(&s.snap, &process, NULL), 0);
		(void)scene_entry(&s, "eth0", IN,
		                  (struct snap_entry){BPF(1, 7), .name = versions[i].filter});
		scene_identify(&s, table, versions[i].option);
		cr_assert_eq(vendors_summary(&s.who, &s.snap, &s.arena, &seen, &n), 0);
		cr_assert_eq(n, 1, "%s", versions[i].name);
		cr_expect(text_eq(seen[0].version, versions[i].text), "%s: %s", versions[i].name,
		          seen[0].version);
		cr_expect(seen[0].running, "%s", versions[i].name);
		scene_done(&s);
	}
}

/** Rows of "since 1.16 on TCX", asked of a vendor that was seen. */
static const struct {
	const char *name;
	const char *version;
	enum hook_type seen;
	enum hook_type asked;
	enum release_fit want;
} fits[] = {
	{"there", "1.16.2", HOOK_TCX_INGRESS, HOOK_TCX_INGRESS, RELEASE_INSIDE},
	{"anywhere", "1.16.2", HOOK_TCX_INGRESS, (enum hook_type)N_HOOK_TYPES, RELEASE_INSIDE},
	{"another hook", "1.16.2", HOOK_TCX_INGRESS, IN, RELEASE_OUTSIDE},
	{"not attached there", "1.16.2", IN, (enum hook_type)N_HOOK_TYPES, RELEASE_OUTSIDE},
	{"older", "1.15.9", HOOK_TCX_INGRESS, HOOK_TCX_INGRESS, RELEASE_OUTSIDE},
	{"a version that the hook tells", NULL, HOOK_TCX_INGRESS, HOOK_TCX_INGRESS, RELEASE_INSIDE},
	{"unknown version", NULL, IN, HOOK_TCX_INGRESS, RELEASE_PARTLY},
};

Test(vendors_table, applies)
{
	const struct vendors *table = build_vendors();
	const struct vendor_when when = {.versions = {.has_since = true, .since = {1, 16, 0}},
	                                 .hooks = VENDOR_HOOK(HOOK_TCX_INGRESS) |
	                                          VENDOR_HOOK(HOOK_TCX_EGRESS)};

	for (size_t i = 0; i < COUNT_OF(fits); i++) {
		struct scene s;

		scene_init(&s);
		build_prog(&s.snap, 7, "cil_from_netdev", BIT(OK));
		(void)scene_entry(&s, "eth0", fits[i].seen,
		                  fits[i].seen == IN ? (struct snap_entry){BPF(1, 7)}
		                                     : (struct snap_entry){ATTACHED(7)});
		scene_identify(&s, table, fits[i].version);
		cr_expect_eq(vendors_applies(&s.who, vendor_index(table, "cilium"), &when,
		                             fits[i].asked),
		             fits[i].want, "%s", fits[i].name);
		scene_done(&s);
	}
}

/** What the table says of a program's returns. */
static const struct {
	const char *prog;
	enum hook_type hook;
	uint32_t codes; /**< 0: no claim. */
} claims[] = {
	{"cil_from_netdev", IN, BIT(OK) | BIT(REDIRECT)},
	{"cali_tc_preamble", IN, BIT(UNSPEC) | BIT(REDIRECT)},
	{"tc_ingress_flow_parse", IN, BIT(OK)},
	{"tcx_ingress_flow_parse", HOOK_TCX_INGRESS, BIT(UNSPEC)},
	{"ingress_flow_parse", IN, BIT(OK)},
	{"obi_ingress_flow_parse", IN, BIT(UNSPEC)},
	{"ig_net_disp", IN, 0},
	{"tc_dispatcher", IN, 0},
	{"endpoint_ingres", IN, 0},
	{"endpoint_ingres", HOOK_TCX_INGRESS, BIT(UNSPEC)},
	{"classifier_egre", OUT, BIT(UNSPEC)},
	{"nobody", IN, 0},
};

Test(vendors_table, returns)
{
	for (size_t i = 0; i < COUNT_OF(claims); i++) {
		struct scene s;
		uint32_t codes = 0;
		bool filter = claims[i].hook == IN || claims[i].hook == OUT;

		scene_init(&s);
		build_prog(&s.snap, 7, claims[i].prog, BIT(OK));
		(void)scene_entry(&s, "eth0", claims[i].hook,
		                  filter ? (struct snap_entry){BPF(50, 7)}
		                         : (struct snap_entry){ATTACHED(7)});
		scene_identify(&s, build_vendors(), NULL);
		cr_expect_eq(vendors_returns(&s.who, &s.snap, 0, &codes), claims[i].codes != 0,
		             "%s", claims[i].prog);
		cr_expect_eq(codes, claims[i].codes, "%s: 0x%x", claims[i].prog, codes);
		scene_done(&s);
	}
}

/** What stands in front of the Agent, and the setting that would move it. */
static const struct {
	const char *name;
	const char *prog;
	enum hook_type hook;
	uint32_t pref;
	const char *cilium;
	const char *setting; /**< First one; NULL: none. */
} advices[] = {
	{"Cilium at 1", "cil_from_netdev", IN, 1, NULL, "bpf-filter-priority"},
	{"Cilium 1.11 at 1", "cil_from_netdev", IN, 1, "1.11.20", "upgrade"},
	{"Cilium on TCX", "cil_from_netdev", HOOK_TCX_INGRESS, 0, NULL, "bpf.enableTCX"},
	{"Cilium on netkit", "cil_from_container", HOOK_NETKIT_PEER, 0, NULL, "bpf.datapathMode"},
	{"Calico on TCX", "cali_tc_preamble", HOOK_TCX_INGRESS, 0, NULL, "BPFAttachType"},
	{"NetObserv at 1", "tc_ingress_flow_parse", IN, 1, NULL, "TC_ATTACH_MODE"},
	{"Kmesh at 1", "tc_mark_encrypt", IN, 1, NULL, "IPsec"},
	{"nobody at 1", "nobody", IN, 1, NULL, NULL},
	{"Cilium at 5: a lower value is free", "cil_from_netdev", IN, 5, NULL, NULL},
};

Test(vendors_table, settings)
{
	for (size_t i = 0; i < COUNT_OF(advices); i++) {
		struct analyze_options opts = {.vendors = build_vendors(),
		                               .cilium_version = advices[i].cilium};
		struct findings got;
		struct scene s;
		bool filter = advices[i].hook == IN;

		scene_init(&s);
		findings_init(&got, BUILD_BYTES);
		build_prog(&s.snap, 7, advices[i].prog, BIT(OK) | BIT(REDIRECT));
		(void)scene_entry(&s, "eth0", advices[i].hook,
		                  filter ? (struct snap_entry){BPF(advices[i].pref, 7)}
		                         : (struct snap_entry){ATTACHED(7)});
		build_seal(&s.snap);
		cr_assert_eq(analyze(&s.snap, &opts, &got, NULL), 0);

		const struct recommendation *advice = &got.advice;

		cr_expect(text_eq(advice->n_settings > 0 ? advice->settings[0].setting : NULL,
		                  advices[i].setting),
		          "%s: %s", advices[i].name,
		          advice->n_settings > 0 ? advice->settings[0].setting : "none");
		cr_expect(advice->n_settings == 0 || advice->settings[0].how != NULL, "%s",
		          advices[i].name);
		findings_done(&got);
		scene_done(&s);
	}
}

/* The qdisc itself is in the way: the advice is for whose filters hang on it. */
Test(vendors_table, ingress_qdisc)
{
	struct analyze_options opts = {.vendors = build_vendors()};
	struct snap_qdisc qdisc = {.kind = "ingress"};
	struct findings got;
	struct scene s;

	scene_init(&s);
	findings_init(&got, BUILD_BYTES);
	(void)build_link(&s.snap, s.netns, 99, "bwp12");
	(void)scene_entry(&s, "veth1", HOOK_INGRESS, (struct snap_entry){PLAIN("u32", 1)});
	qdisc.link = 1;
	cr_assert_eq(snap_add_qdisc(&s.snap, &qdisc, NULL), 0);
	build_action(&s.snap, 0,
	             (struct snap_action){.kind = "mirred",
	                                  .control = ACT_STOLEN,
	                                  .op = "redirect",
	                                  .direction = "egress",
	                                  .target_ifindex = 99});
	build_seal(&s.snap);
	cr_assert_eq(analyze(&s.snap, &opts, &got, NULL), 0);
	cr_assert_eq(got.n_vendors, 1);
	cr_expect_str_eq(got.vendors[0].id, "cni-bandwidth");
	cr_assert_gt(got.advice.n_blocked_by, 0);
	for (uint32_t i = 0; i < got.advice.n_blocked_by; i++) {
		cr_expect_str_eq(got.advice.blocked_by[i].vendor, "cni-bandwidth");
	}
	cr_assert_eq(got.advice.n_settings, 1);
	cr_expect_str_eq(got.advice.settings[0].setting, "bandwidth annotations");
	findings_done(&got);
	scene_done(&s);
}

Test(vendors_table, takes_on)
{
	static const char *const devices[] = {"eth*", "cilium_{vxlan,geneve}"};
	const struct vendor_take all = {0};
	const struct vendor_take some = {.devices = devices, .n_devices = 2};

	cr_expect(vendor_takes_on(&all, "anything"));
	cr_expect(vendor_takes_on(&some, "eth0"));
	cr_expect(vendor_takes_on(&some, "cilium_geneve"));
	cr_expect_not(vendor_takes_on(&some, "cilium_host"));
}

Test(vendors_table, words)
{
	static const char *const scopes[] = {"direction", "clsact", "slot", "handle", "ingress"};

	for (unsigned int i = 0; i < COUNT_OF(scopes); i++) {
		cr_expect_str_eq(vendor_scope_word((enum vendor_scope)i), scopes[i]);
	}
	cr_expect_str_eq(vendor_purpose_word(SETTING_POSITION), "position");
	cr_expect_str_eq(vendor_event_word(ON_REMOVAL), "removal");
}
