/* SPDX-License-Identifier: Apache-2.0 */
/* layers: reports model */
#include "model/json.h"
#include "model/snapshot_json.h"
#include "tests/unit/report_fixture.h"

#include <stdio.h>

static const char *const links[] = {"https://example.org/a", "https://example.org/b", NULL};

/** One of everything: a vendor's filter in front of the Agent, and advice about it. */
static void one_of_each(struct fixture *fx, const char *name)
{
	static uint32_t excluded[] = {3};
	static uint32_t because[] = {0};
	static const char *expired[] = {"f.json: ignore[0]"};
	static struct vendor_advice setting = {
		.vendor = "cilium", .name = "Cilium", .setting = "prio", .how = "Set it."};
	struct finding *row;

	fixture_init(fx);

	uint32_t netns = fixture_netns(fx, 4026532001, name);
	uint32_t link = fixture_link(fx, netns, 2, name);

	(void)fixture_bpf(fx, fixture_hook(fx, link, HOOK_CLSACT_INGRESS, 0), 5, name, 9);
	struct snap_entry tcx = {
		.hook = fixture_hook(fx, link, HOOK_TCX_EGRESS, 0),
		.kind = "bpf",
		.name = name,
		.prog_id = 9,
	};

	(void)fixture_entry(fx, &tcx);
	fixture_prog(fx, 9, name, CODE_BIT(CODE_OK) | CODE_BIT(CODE_SHOT), true);
	cr_assert_eq(snap_add_gap(&fx->snap, GAP_TIMEOUT, name, name), 0);
	fixture_seal(fx);
	row = fixture_finding(fx, "TC102", SEV_FAIL, FINDING_OPEN);
	row->places[0] = fixture_place(0);
	row->places[1] = fixture_place(1);
	row->n_places = 2;
	row->count = 84;
	row->links = links;
	row->evidence = arena_alloc(&fx->f.arena, sizeof(*row->evidence));
	cr_assert_not_null(row->evidence);
	row->evidence[0] = (struct evidence){.key = "name", .value = fixture_import(fx, name)};
	row->n_evidence = 1;
	fx->f.advice = (struct recommendation){
		.action = ACTION_SET_PRIORITY,
		.priority = 4,
		.feasible = true,
		.feasible_min = 1,
		.feasible_max = 4,
		.excluded = excluded,
		.n_excluded = 1,
		.reason = "Because.",
		.hooks_total = 6,
		.seen_now = 5,
		.seen_after = 6,
		.settings = &setting,
		.n_settings = 1,
	};
	row = fixture_finding(fx, "TC202", SEV_WARN, FINDING_SUPPRESSED);
	row->suppressed = "known";
	fx->f.expired = expired;
	fx->f.n_expired = 1;
	fx->f.checklist = arena_alloc(&fx->f.arena, sizeof(*fx->f.checklist));
	cr_assert_not_null(fx->f.checklist);
	fx->f.checklist[0] = (struct check_item){
		.item = "item",
		.question = "Is it?",
		.answer = "answer",
		.status = CHECK_NOT_APPLICABLE,
		.because = because,
		.n_because = 1,
	};
	fx->f.n_checklist = 1;
	fx->f.agent_source = PRIORITY_RUNNING;
	fx->rep.collect_ms = 12.34567;
}

/** The document; the caller deletes it. */
static cJSON *parse(struct fixture *fx)
{
	struct err err = {0};
	const char *text = fixture_render(fx, render_check_json);
	cJSON *root = json_parse(text, strlen(text), &err);

	cr_assert_not_null(root, "%s: %s", err.text, text);
	return root;
}

/** One step of at(): a member, or an element by its number. */
static const cJSON *step(const cJSON *item, const char *part)
{
	if (cJSON_IsArray(item)) {
		return cJSON_GetArrayItem(item, (int)strtol(part, NULL, 10));
	}
	return cJSON_GetObjectItemCaseSensitive(item, part);
}

/** Member at a path such as "findings/0/where/device"; NULL when it is not there. */
static const cJSON *at(const cJSON *item, const char *path)
{
	while (item != NULL && *path != '\0') {
		size_t len = strcspn(path, "/");
		char *part = strndup(path, len);

		item = part != NULL ? step(item, part) : NULL;
		free(part);
		path += len + (path[len] == '/');
	}
	return item;
}

/** Every key of design.md section 4 "Report", in its order, by the object that holds it. */
static const struct {
	const char *path;
	const char *keys;
} key_cases[] = {
	{"", "schema tool taken_at node verdict exit_code agent recommendation checklist vendors "
             "findings ignore_expired coverage timing "},
	{"tool", "name version "},
	{"node", "hostname kernel arch boot_id host_netns "},
	{"agent", "priority version "},
	{"agent/priority", "value source "},
	{"recommendation", "action classifier_priority feasible reason hooks blocked_by settings "
                           "snippets "},
	{"recommendation/feasible", "min max excluded "},
	{"recommendation/hooks", "total seen_now seen_after blind_after "},
	{"recommendation/snippets", "system_probe_yaml helm_values operator environment "},
	{"checklist/0", "item question answer status because "},
	{"findings/0", "code name severity state suppressed_by message where count places "
                       "evidence remedy links fingerprint "},
	{"findings/0/where", "netns netns_name device ifindex hook pref handle prog_id "},
	{"findings/0/places/1", "netns netns_name device ifindex hook pref handle prog_id "},
	{"coverage", "complete namespaces_found namespaces_read links_read gaps "},
	{"coverage/gaps/0", "kind where error hint "},
	{"timing", "collect_ms analyze_ms "},
};

Test(check_json, keys_in_order)
{
	struct fixture fx;
	cJSON *root;

	one_of_each(&fx, "eth0");
	root = parse(&fx);
	for (size_t i = 0; i < COUNT_OF(key_cases); i++) {
		const cJSON *obj = at(root, key_cases[i].path);
		const cJSON *member;
		char got[512] = "";

		cr_assert(cJSON_IsObject(obj), "%s", key_cases[i].path);
		cJSON_ArrayForEach (member, obj) {
			strncat(got, member->string, sizeof(got) - strlen(got) - 2);
			strncat(got, " ", sizeof(got) - strlen(got) - 1);
		}
		cr_expect_str_eq(got, key_cases[i].keys, "%s: %s", key_cases[i].path, got);
	}
	cJSON_Delete(root);
	fixture_done(&fx);
}

/** Values as they are printed, without white space. */
static const struct {
	const char *path;
	const char *want;
} value_cases[] = {
	{"schema", "\"tcaudit.report/1\""},
	{"verdict", "\"fail\""},
	{"exit_code", "3"},
	{"node/host_netns", "4026531840"},
	{"node/boot_id", "null"},
	{"agent/priority", "{\"value\":10,\"source\":\"running\"}"},
	{"agent/version", "null"},
	{"recommendation/action", "\"set-priority\""},
	{"recommendation/classifier_priority", "4"},
	{"recommendation/feasible", "{\"min\":1,\"max\":4,\"excluded\":[3]}"},
	{"recommendation/snippets/environment",
         "\"# environment of the system-probe process\\n"
         "DD_RUNTIME_SECURITY_CONFIG_NETWORK_CLASSIFIER_PRIORITY=4\\n\""},
	{"recommendation/blocked_by", "[]"},
	{"checklist/0/status", "\"not-applicable\""},
	{"checklist/0/because", "[0]"},
	{"vendors", "[]"},
	{"recommendation/settings/0",
         "{\"vendor\":\"cilium\",\"name\":\"Cilium\",\"setting\":\"prio\",\"how\":\"Set it.\","
         "\"paste\":null}"},
	{"ignore_expired", "[\"f.json: ignore[0]\"]"},
	{"findings/0/suppressed_by", "null"},
	{"findings/1/state", "\"suppressed\""},
	{"findings/1/suppressed_by", "\"known\""},
	{"findings/0/where/netns", "4026532001"},
	{"findings/0/where/netns_name", "\"eth0\""},
	{"findings/0/where/device", "\"eth0\""},
	{"findings/0/where/ifindex", "2"},
	{"findings/0/where/hook", "\"clsact/ingress\""},
	{"findings/0/where/pref", "5"},
	{"findings/0/where/handle", "1"},
	{"findings/0/where/prog_id", "9"},
	{"findings/0/places/1/hook", "\"tcx/egress\""},
	{"findings/0/places/1/pref", "null"},
	{"findings/0/places/1/handle", "null"},
	{"findings/0/count", "84"},
	{"findings/0/links", "[\"https://example.org/a\",\"https://example.org/b\"]"},
	{"findings/0/evidence", "{\"name\":\"eth0\"}"},
	{"findings/0/fingerprint", "\"0123456789abcdef\""},
	{"coverage/complete", "false"},
	{"timing/collect_ms", "12.346"},
	{"timing/analyze_ms", "0"},
};

Test(check_json, values)
{
	struct fixture fx;
	cJSON *root;

	one_of_each(&fx, "eth0");
	root = parse(&fx);
	for (size_t i = 0; i < COUNT_OF(value_cases); i++) {
		char *got = cJSON_PrintUnformatted(at(root, value_cases[i].path));

		cr_assert_not_null(got, "%s", value_cases[i].path);
		cr_expect_str_eq(got, value_cases[i].want, "%s: %s", value_cases[i].path, got);
		cJSON_free(got);
	}
	cJSON_Delete(root);
	fixture_done(&fx);
}

Test(check_json, no_value_no_snippets)
{
	struct fixture fx;
	cJSON *root;

	one_of_each(&fx, "eth0");
	fx.f.advice.priority = 0;
	fx.f.advice.feasible = false;
	fx.f.rows[0].n_places = 0;
	root = parse(&fx);
	cr_expect(cJSON_IsNull(at(root, "recommendation/classifier_priority")));
	cr_expect(cJSON_IsNull(at(root, "recommendation/snippets")));
	cr_expect(cJSON_IsNull(at(root, "recommendation/feasible")));
	cr_expect(cJSON_IsNull(at(root, "findings/0/where/device")));
	cr_expect(cJSON_IsNull(at(root, "findings/0/where/netns")));
	cr_expect_eq(cJSON_GetArraySize(at(root, "findings/0/places")), 0);
	cJSON_Delete(root);
	fixture_done(&fx);
}

/** Each comes back as it was imported, whatever it holds. */
static const char *const odd_names[] = {
	"a\"b'c\\d",
	"esc\033[2J",
	"line\nbreak",
	"\xff\xfe raw",
	"tab\there",
	"\x01\x7f",
	("a\xe2\x80\xae"
         "b"),
	"\xe4\xb8\x96\xe7\x95\x8c",
};

static bool has_control_byte(const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		unsigned char byte = (unsigned char)*c;

		if (byte < 0x20 && byte != '\n' && byte != '\t') {
			return true;
		}
	}
	return false;
}

Test(check_json, names_come_back)
{
	for (size_t i = 0; i < COUNT_OF(odd_names); i++) {
		struct fixture fx;
		cJSON *root;
		const char *want;

		one_of_each(&fx, odd_names[i]);
		want = fx.snap.links[0].name;
		root = parse(&fx);
		cr_expect(!has_control_byte(fx.mem.bytes), "%zu: %s", i, fx.mem.bytes);
		cr_expect(text_is_utf8(fx.mem.bytes, fx.mem.len), "%zu", i);
		cr_expect_str_eq(cJSON_GetStringValue(at(root, "findings/0/where/device")), want,
		                 "%zu", i);
		cr_expect_str_eq(cJSON_GetStringValue(at(root, "findings/0/evidence/name")), want,
		                 "%zu", i);
		cr_expect_str_eq(cJSON_GetStringValue(at(root, "coverage/gaps/0/where")), want,
		                 "%zu", i);
		cJSON_Delete(root);
		fixture_done(&fx);
	}
}

Test(check_json, vendors_are_listed)
{
	static uint32_t prefs[] = {1, 20};
	static const char *evidence[] = {"program name cil_from_contai", "program name cil_\x01"};
	struct vendor_seen seen[] = {
		{.id = "another", .name = "Another", .exact = true},
		{.id = "cilium",
	         .name = "Cilium",
	         .version = "1.16 or later",
	         .strength = MATCH_DECISIVE,
	         .n_hooks = 3,
	         .prefs = prefs,
	         .n_prefs = 2,
	         .hook_types = 1u << HOOK_TCX_INGRESS | 1u << HOOK_CLSACT_EGRESS,
	         .codes = CODE_BIT(CODE_OK) | CODE_BIT(CODE_SHOT),
	         .table_codes = CODE_BIT(CODE_OK),
	         .running = true,
	         .evidence = evidence,
	         .n_evidence = 2},
	};
	struct fixture fx;
	cJSON *root;
	char *got;

	fixture_init(&fx);
	(void)fixture_netns(&fx, 4026531840, NULL);
	fx.f.vendors = seen;
	fx.f.n_vendors = COUNT_OF(seen);
	fixture_seal(&fx);
	root = parse(&fx);
	got = cJSON_PrintUnformatted(at(root, "vendors"));
	cr_expect_str_eq(
		got,
		"[{\"id\":\"another\",\"name\":\"Another\",\"version_hint\":null,"
		"\"strength\":\"hint\",\"running\":false,\"hooks\":0,\"prefs\":[],\"attach\":[],"
		"\"returns\":{\"codes\":[],\"exact\":true,\"table\":[]},\"evidence\":[]},"
		"{\"id\":\"cilium\",\"name\":\"Cilium\",\"version_hint\":\"1.16 or later\","
		"\"strength\":\"decisive\",\"running\":true,\"hooks\":3,\"prefs\":[1,20],"
		"\"attach\":[\"tcx/ingress\",\"clsact/egress\"],"
		"\"returns\":{\"codes\":[\"ok\",\"shot\"],\"exact\":false,\"table\":[\"ok\"]},"
		"\"evidence\":[\"program name cil_from_contai\",\"program name cil_\\u0001\"]}]",
		"%s", got);
	cJSON_free(got);
	cJSON_Delete(root);
	fixture_done(&fx);
}

Test(check_json, full_sink)
{
	struct fixture fx;

	one_of_each(&fx, "eth0");
	fixture_try_full(&fx, render_check_json, "check");
	fixture_try_full(&fx, render_scan_json, "scan");
	fixture_done(&fx);
}

/** `scan -f json` is the snapshot itself, which loads again. */
Test(check_json, scan_is_the_snapshot)
{
	struct fixture fx;
	struct snapshot again;
	struct err err = {0};

	one_of_each(&fx, "eth0");
	(void)fixture_render(&fx, render_scan_json);
	snap_init(&again, SNAP_ARENA_BYTES);
	cr_assert_eq(snapshot_read_json(fx.mem.bytes, fx.mem.len, &again, &err), 0, "%s", err.text);
	cr_expect_eq(again.n_entries, fx.snap.n_entries);
	cr_expect_str_eq(again.links[0].name, "eth0");
	snap_done(&again);
	fixture_done(&fx);
}

/** Validated against the schema beside the code, when python3 with jsonschema is here. */
static const char validator[] = "import json, sys, jsonschema\n"
				"s = json.load(open('reports/schema/report.schema.json'))\n"
				"jsonschema.Draft7Validator.check_schema(s)\n"
				"jsonschema.validate(json.load(open(sys.argv[1])), s)\n";

static void validate(struct fixture *fx, const char *name)
{
	char path[] = "/tmp/tcaudit-report-XXXXXX";
	char command[1024];
	int fd = mkstemp(path);
	FILE *file;

	cr_assert_geq(fd, 0);
	file = fdopen(fd, "w");
	cr_assert_not_null(file);
	cr_assert_geq(fputs(fixture_render(fx, render_check_json), file), 0);
	cr_assert_eq(fclose(file), 0);
	(void)snprintf(command, sizeof(command), "python3 -c \"%s\" %s", validator, path);
	/* A fixed program and a name from mkstemp(): nothing from outside reaches the shell. */
	cr_expect_eq(system(command), 0, "%s", name); /* NOLINT(cert-env33-c) */
	cr_assert_eq(remove(path), 0);
}

Test(check_json, schema)
{
	struct fixture fx;

	if (system("python3 -W ignore -c 'import jsonschema'") != 0) { /* NOLINT(cert-env33-c) */
		cr_skip_test("python3 with jsonschema is not here");
	}
	one_of_each(&fx, "eth0");
	validate(&fx, "one of each");
	fx.f.advice.priority = 0;
	fx.f.advice.feasible = false;
	validate(&fx, "no value");
	fixture_done(&fx);
	fixture_init(&fx);
	fixture_seal(&fx);
	validate(&fx, "nothing at all");
	fixture_done(&fx);
}
