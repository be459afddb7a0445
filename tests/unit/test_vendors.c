/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/*
 * Recognising vendors: testdata/vendors/ID.json or ID-ERA.json is a snapshot in a vendor's shape,
 * its member "expect" what has to be said of it. Every file is tried on every vendor.
 */
#include "model/json.h"
#include "model/snapshot_json.h"
#include "model/text.h"
#include "tests/unit/vendor_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define SHAPES_DIR "testdata/vendors"
#define MIN_SHAPES 60
#define MAX_BYTES  ((size_t)1 << 20)
#define PATH_BYTES 512

/** One file, read and judged. */
struct shape {
	char name[PATH_BYTES];
	char *bytes;
	cJSON *root;
	const cJSON *expect;
	struct snapshot snap;
	struct findings got;
};

static const char *expected(const struct shape *s, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(s->expect, key));
}

static void shape_open(struct shape *s, const char *file)
{
	struct analyze_options opts = {.vendors = build_vendors()};
	struct err err = {0};
	char path[PATH_BYTES * 2];
	FILE *stream;

	*s = (struct shape){0};
	(void)snprintf(s->name, sizeof(s->name), "%s", file);
	(void)snprintf(path, sizeof(path), SHAPES_DIR "/%s", file);
	stream = fopen(path, "r");
	s->bytes = malloc(MAX_BYTES);
	cr_assert(stream != NULL && s->bytes != NULL, "%s", path);

	size_t len = fread(s->bytes, 1, MAX_BYTES, stream);

	cr_assert(fclose(stream) == 0 && len < MAX_BYTES, "%s", path);
	s->root = json_parse(s->bytes, len, &err);
	cr_assert_not_null(s->root, "%s: %s", path, err.text);
	s->expect = cJSON_GetObjectItemCaseSensitive(s->root, "expect");
	cr_assert(cJSON_IsObject(s->expect), "%s: no member \"expect\"", path);
	snap_init(&s->snap, BUILD_BYTES);
	findings_init(&s->got, BUILD_BYTES);
	cr_assert_eq(snapshot_read_json(s->bytes, len, &s->snap, &err), 0, "%s: %s", path,
	             err.text);
	cr_assert_eq(analyze(&s->snap, &opts, &s->got, &err), 0, "%s: %s", path, err.text);
}

static void shape_close(struct shape *s)
{
	findings_done(&s->got);
	snap_done(&s->snap);
	cJSON_Delete(s->root);
	free(s->bytes);
}

typedef void shape_fn(const struct shape *s, void *ctx);

/** Call for every file. */
static void each_shape(shape_fn *fn, void *ctx)
{
	struct shape *s = malloc(sizeof(*s));
	DIR *dir = opendir(SHAPES_DIR);
	const struct dirent *entry = NULL;
	uint32_t n = 0;

	cr_assert(dir != NULL && s != NULL, "%s: run this from the root of the tree", SHAPES_DIR);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.') {
			shape_open(s, entry->d_name);
			fn(s, ctx);
			shape_close(s);
			n++;
		}
	}
	cr_assert_eq(closedir(dir), 0);
	free(s);
	cr_expect_geq(n, MIN_SHAPES, "%u files", n);
}

/** Is a vendor the one expected, or one of those beside it? */
static bool is_expected(const struct shape *s, const char *id)
{
	const char *vendor = expected(s, "vendor");
	const cJSON *also = NULL;

	if (vendor != NULL && strcmp(vendor, id) == 0) {
		return true;
	}
	cJSON_ArrayForEach (also, cJSON_GetObjectItemCaseSensitive(s->expect, "also")) {
		if (strcmp(cJSON_GetStringValue(also), id) == 0) {
			return true;
		}
	}
	return false;
}

static const struct vendor_seen *find_seen(const struct shape *s, const char *id)
{
	for (uint32_t i = 0; id != NULL && i < s->got.n_vendors; i++) {
		if (strcmp(s->got.vendors[i].id, id) == 0) {
			return &s->got.vendors[i];
		}
	}
	return NULL;
}

static void check_seen(const struct shape *s, void *ctx)
{
	const char *vendor = expected(s, "vendor");
	const char *version = expected(s, "version");
	const struct vendor_seen *seen = find_seen(s, vendor);

	(void)ctx;
	for (uint32_t i = 0; i < s->got.n_vendors; i++) {
		cr_expect(is_expected(s, s->got.vendors[i].id), "%s: taken for %s", s->name,
		          s->got.vendors[i].id);
	}
	cr_assert(vendor == NULL || seen != NULL, "%s: %s not recognised", s->name, vendor);
	if (seen == NULL) {
		return;
	}
	cr_expect_str_eq(match_strength_word(seen->strength), expected(s, "strength"), "%s",
	                 s->name);
	cr_expect(text_eq(seen->version, version), "%s: version %s, not %s", s->name,
	          seen->version != NULL ? seen->version : "(unknown)",
	          version != NULL ? version : "(unknown)");
	cr_expect_gt(seen->n_evidence, 0, "%s", s->name);
}

/* Issue 4: the right id, strength and version for every vendor and era. */
Test(vendors, shapes)
{
	each_shape(check_seen, NULL);
}

static bool has_evidence(const struct identities *who, const struct snapshot *snap,
                         const char *want)
{
	for (uint32_t i = 0; i < snap->n_entries; i++) {
		if (who->entries[i].evidence != NULL &&
		    strstr(who->entries[i].evidence, want) != NULL) {
			return true;
		}
	}
	return false;
}

static void check_evidence(const struct shape *s, void *ctx)
{
	const struct vendors *table = build_vendors();
	const char *want = expected(s, "evidence");
	struct identities who = {0};
	struct arena arena;

	(void)ctx;
	arena_init(&arena, BUILD_BYTES);
	cr_assert_eq(vendors_identify(table, &s->snap, NULL, &arena, &who), 0);
	cr_expect(want == NULL || has_evidence(&who, &s->snap, want), "%s: no %s", s->name, want);
	for (uint32_t i = 0; i < s->snap.n_entries; i++) {
		const struct vendor_id *id = &who.entries[i];
		const char *dev = s->snap.links[s->snap.hooks[s->snap.entries[i].hook].link].name;
		const char *text = id->evidence != NULL ? id->evidence : "";

		cr_expect(id->vendor == SNAP_NONE || id->strength > MATCH_HINT, "%s", s->name);
		cr_expect(id->vendor == SNAP_NONE || id->evidence != NULL, "%s", s->name);
		/* Devices by pattern only: "lxc12ab" is gone tomorrow. */
		cr_expect(strpbrk(dev, "0123456789") == NULL || text_eq(dev, "dae0") ||
		                  strstr(text, dev) == NULL,
		          "%s: %s names %s", s->name, text, dev);
		cr_expect_null(strstr(text, "4026531840"), "%s: %s", s->name, text);
	}
	arena_done(&arena);
}

Test(vendors, evidence)
{
	each_shape(check_evidence, NULL);
}

/** Does anything the vendor attached end granted packets? */
static bool vendor_ends(const struct shape *s, const char *id)
{
	for (uint32_t i = 0; i < s->snap.n_entries; i++) {
		if ((id == NULL || text_eq(s->got.entry_vendors[i], id)) &&
		    s->snap.hooks[s->snap.entries[i].hook].type != HOOK_XDP &&
		    (s->got.effects[i] == EFFECT_ENDS || s->got.effects[i] == EFFECT_MAY_END)) {
			return true;
		}
	}
	return false;
}

static bool has_classifier(const struct shape *s)
{
	for (uint32_t i = 0; i < s->snap.n_entries; i++) {
		if (text_eq(s->snap.entries[i].kind, "bpf") &&
		    s->snap.hooks[s->snap.entries[i].hook].type != HOOK_XDP) {
			return true;
		}
	}
	return false;
}

/** Where the checklist puts the lowest priority of a filter; NULL: there is no filter. */
static const char *priority_class(const struct shape *s)
{
	uint32_t lowest = UINT32_MAX;

	for (uint32_t i = 0; i < s->snap.n_entries; i++) {
		const struct snap_entry *entry = &s->snap.entries[i];

		lowest = entry->is_filter && entry->pref < lowest ? entry->pref : lowest;
	}
	return lowest == UINT32_MAX ? NULL
	       : lowest == 1        ? "1"
	       : lowest <= 10       ? "2 to 10"
	                            : "11 and above";
}

static void check_checklist(const struct shape *s, void *ctx)
{
	const char *vendor = expected(s, "vendor");
	bool ends = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(s->expect, "ends"));
	const cJSON *classifier = cJSON_GetObjectItemCaseSensitive(s->expect, "classifier");
	bool xdp = s->snap.n_hooks > 0 && s->snap.hooks[0].type == HOOK_XDP;

	(void)ctx;
	cr_expect_eq(has_classifier(s), cJSON_IsTrue(classifier), "%s", s->name);
	cr_expect(text_eq(priority_class(s), expected(s, "priority")), "%s: priority class %s",
	          s->name, priority_class(s));
	if (!xdp) {
		cr_expect_eq(vendor_ends(s, vendor), ends, "%s", s->name);
	}

	/* What the table claims has to be what the programs in this shape do. */
	for (uint32_t i = 0; i < s->got.n_vendors; i++) {
		const struct vendor_seen *seen = &s->got.vendors[i];

		cr_expect(!seen->exact || seen->table_codes == 0 || xdp ||
		                  (seen->codes & seen->table_codes) != 0,
		          "%s: %s returns 0x%x, the table says 0x%x", s->name, seen->id,
		          seen->codes, seen->table_codes);
	}
}

/* Issue 4: the checklist's answers: is there a classifier, OK or UNSPEC, which priority. */
Test(vendors, checklist)
{
	each_shape(check_checklist, NULL);
}

static void check_confusion(const struct shape *s, void *ctx)
{
	const struct vendors *table = build_vendors();
	struct arena arena;

	(void)ctx;
	for (uint32_t v = 0; v < table->n; v++) {
		struct vendors alone = {.rows = &table->rows[v], .n = 1, .file = "one"};
		struct identities who = {0};
		bool found = false;

		arena_init(&arena, BUILD_BYTES);
		cr_assert_eq(vendors_identify(&alone, &s->snap, NULL, &arena, &who), 0);
		for (uint32_t i = 0; i < s->snap.n_entries; i++) {
			found = found || who.entries[i].vendor != SNAP_NONE;
		}
		cr_expect_eq(found, is_expected(s, alone.rows[0].id), "%s: %s %s", s->name,
		             alone.rows[0].id, found ? "recognised" : "not recognised");
		arena_done(&arena);
	}
}

/* Issue 4: no vendor's shape is taken for another's, not even when the right one is not asked. */
Test(vendors, confusion)
{
	each_shape(check_confusion, NULL);
}

static void note_vendor(const struct shape *s, void *ctx)
{
	const struct vendors *table = build_vendors();
	const char *id = expected(s, "vendor");
	const char *evidence = expected(s, "evidence");
	bool *covered = ctx;

	if (id != NULL) {
		covered[vendor_index(table, id)] = true;
	}
	for (uint32_t v = 0; id == NULL && evidence != NULL && v < table->n; v++) {
		covered[v] = covered[v] || strstr(evidence, table->rows[v].name) != NULL;
	}
}

Test(vendors, every_vendor_has_a_shape)
{
	const struct vendors *table = build_vendors();
	bool covered[256] = {false};

	cr_assert_lt(table->n, COUNT_OF(covered));
	each_shape(note_vendor, covered);
	for (uint32_t v = 0; v < table->n; v++) {
		cr_expect_eq(covered[v], table->rows[v].uses_tc, "%s: testdata/vendors has %s",
		             table->rows[v].id, covered[v] ? "a shape of it" : "none of it");
	}
}

/** Names as BTF gives them, and as the kernel cuts them. */
static const struct {
	const char *prog;
	enum hook_type hook;
	const char *vendor;
} cuts[] = {
	{"cil_from_container", IN, "cilium"},
	{"cil_from_contai", IN, "cilium"},
	{"cil", IN, NULL},
	{"council_from", IN, NULL},
	{"classifier_raw_packet_egress", OUT, "datadog-agent"},
	{"classifier_raw_", OUT, "datadog-agent"},
	{"classifier_raw", OUT, NULL},
	{"classifier_egre", HOOK_TCX_EGRESS, NULL},
	{"tc_ingress_flow_parse", IN, "netobserv"},
	{"tc_ingress_flow", IN, "netobserv"},
	{"tc_ingress_flower", IN, NULL},
	{"ingress_flow_pa", IN, "beyla"},
	{"endpoint_ingres", IN, "retina"},
	{"tproxy_dae0peer_ingress", IN, "dae"},
	{"tproxy_dae0peer", IN, "dae"},
	{"tc_packet_func_", IN, "loxilb"},
};

Test(vendors, cut_names)
{
	for (size_t i = 0; i < COUNT_OF(cuts); i++) {
		struct scene s;

		scene_init(&s);
		build_prog(&s.snap, 7, cuts[i].prog, BIT(OK));
		(void)scene_entry(&s, "eth0", cuts[i].hook, (struct snap_entry){BPF(3, 7)});
		scene_identify(&s, build_vendors(), NULL);

		const struct vendor *vendor = vendors_of_entry(&s.who, 0);

		cr_expect(text_eq(vendor != NULL ? vendor->id : NULL, cuts[i].vendor),
		          "%s: taken for %s", cuts[i].prog, vendor != NULL ? vendor->id : "nobody");
		scene_done(&s);
	}
}

/* A pod that comes back has another device and other ids, and the same vendor for the same reason.
 */
Test(vendors, recreated_pod)
{
	static const char *const devs[] = {"lxc12ab", "lxcffee00"};
	static const char *const filters[] = {"cil_from_container-lxc12ab",
	                                      "cil_from_container-lxcffee00"};
	const char *evidence[2];
	struct scene s[2];

	for (uint32_t i = 0; i < 2; i++) {
		scene_init(&s[i]);
		build_prog(&s[i].snap, 40 + i, NULL, BIT(OK));
		(void)scene_entry(&s[i], devs[i], IN,
		                  (struct snap_entry){BPF(1, 40 + i), .name = filters[i]});
		scene_identify(&s[i], build_vendors(), NULL);
		evidence[i] = s[i].who.entries[0].evidence;
	}
	cr_expect_str_eq(evidence[0], evidence[1]);
	cr_expect_str_eq(vendors_of_entry(&s[0].who, 0)->id, "cilium");
	scene_done(&s[0]);
	scene_done(&s[1]);
}

/* A program reached by a tail call hangs nowhere, and what hangs there is not it. */
Test(vendors, tail_called)
{
	static const uint32_t calls[] = {8};
	struct snap_prog caller = {.id = 7,
	                           .name = "mine",
	                           .type = "sched_cls",
	                           .tail_calls = calls,
	                           .n_tail_calls = 1};
	struct scene s;

	scene_init(&s);
	cr_assert_eq(snap_add_prog(&s.snap, &caller, NULL), 0);
	build_prog(&s.snap, 8, "cil_from_container", BIT(OK));
	(void)scene_entry(&s, "eth0", IN, (struct snap_entry){BPF(3, 7)});
	scene_identify(&s, build_vendors(), NULL);
	cr_expect_null(vendors_of_entry(&s.who, 0));
	vendors_mark_programs(&s.who, &s.snap);
	cr_expect_null(s.snap.progs[1].vendor);
	scene_done(&s);
}

#define ONE_ROW(id, match)                                                                         \
	"{\"id\": \"" id "\", \"name\": \"N\", \"uses_tc\": true, \"match\": [" match "]}"
#define LIKELY(cond)   "{\"strength\": \"likely\", " cond "}"
#define DECISIVE(cond) "{\"strength\": \"decisive\", " cond "}"
#define HINT(cond)     "{\"strength\": \"hint\", " cond "}"

/** What an entry at priority 3 of eth0, program "mine", filter "mine-eth0", map "m" matches. */
static const struct {
	const char *name;
	const char *rows;
	const char *vendor;
	const char *evidence;
} conditions[] = {
	{"program", ONE_ROW("a", LIKELY("\"program\": \"mi*\"")), "a", "program name mine"},
	{"other program", ONE_ROW("a", LIKELY("\"program\": \"x\"")), NULL, NULL},
	{"filter", ONE_ROW("a", LIKELY("\"filter\": \"mine-%\"")), "a", "filter name like mine-%"},
	{"map", ONE_ROW("a", LIKELY("\"map\": \"m\"")), "a", "map name like m"},
	{"pin", ONE_ROW("a", LIKELY("\"pin\": \"/b/*\"")), "a", "pin like /b/*"},
	{"tag", ONE_ROW("a", LIKELY("\"tag\": \"0123*\"")), "a", "tag 0123*"},
	{"device", ONE_ROW("a", LIKELY("\"device\": \"eth#\"")), "a", "interface like eth#"},
	{"kind", ONE_ROW("a", LIKELY("\"kind\": \"u32\"")), NULL, NULL},
	{"hooks", ONE_ROW("a", LIKELY("\"hooks\": [\"clsact/ingress\", \"xdp\"]")), "a",
         "on clsact/ingress"},
	{"other hooks", ONE_ROW("a", LIKELY("\"hooks\": [\"clsact/egress\"]")), NULL, NULL},
	{"pref", ONE_ROW("a", LIKELY("\"pref\": 3")), "a", "priority 3"},
	{"prefs", ONE_ROW("a", LIKELY("\"pref\": [1, 3]")), "a", "priority 1 to 3"},
	{"other pref", ONE_ROW("a", LIKELY("\"pref\": [4, 9]")), NULL, NULL},
	{"handle", ONE_ROW("a", LIKELY("\"handle\": 1")), "a", "handle 0x1"},
	{"nameless", ONE_ROW("a", LIKELY("\"kind\": \"bpf\", \"nameless\": true")), NULL, NULL},
	{"nameless maps", ONE_ROW("a", LIKELY("\"pref\": 3, \"nameless_maps\": true")), NULL, NULL},
	{"qdisc", ONE_ROW("a", LIKELY("\"qdisc\": \"clsact\"")), "a", "clsact qdisc"},
	{"other qdisc", ONE_ROW("a", LIKELY("\"qdisc\": \"ingress\"")), NULL, NULL},
	{"no action", ONE_ROW("a", LIKELY("\"action\": \"mirred\"")), NULL, NULL},
	{"all together",
         ONE_ROW("a", DECISIVE("\"program\": \"mine\", \"pref\": 3, \"device\": \"eth0\"")), "a",
         "program name mine, priority 3, interface like eth0"},
	{"own words", ONE_ROW("a", LIKELY("\"program\": \"mine\", \"evidence\": \"it says so\"")),
         "a", "it says so"},
	{"a hint names nobody", ONE_ROW("a", HINT("\"program\": \"mine\"")), NULL,
         "could be N: program name mine"},
	{"the surer one",
         ONE_ROW("a", LIKELY("\"pref\": 3")) "," ONE_ROW("b", DECISIVE("\"program\": \"mine\"")),
         "b", "program name mine"},
	{"two as sure",
         ONE_ROW("a", LIKELY("\"pref\": 3")) "," ONE_ROW("b", LIKELY("\"program\": \"mine\"")),
         NULL, "could be N: priority 3"},
	{"three, one surer",
         ONE_ROW("a", LIKELY("\"pref\": 3")) "," ONE_ROW("b", LIKELY("\"handle\": 1")) "," ONE_ROW(
		 "c", DECISIVE("\"program\": \"mine\"")),
         "c", "program name mine"},
};

Test(vendors, conditions)
{
	static const uint32_t maps[] = {5};

	for (size_t i = 0; i < COUNT_OF(conditions); i++) {
		struct snap_prog prog = {.id = 7,
		                         .name = "mine",
		                         .type = "sched_cls",
		                         .tag = "0123456789abcdef",
		                         .map_ids = maps,
		                         .n_map_ids = 1};
		struct snap_map map = {.id = 5, .name = "m"};
		struct snap_pin pin = {.path = "/b/c", .kind = PIN_MAP, .id = 5};
		struct snap_qdisc qdisc = {.kind = "clsact"};
		struct vendors table;
		struct scene s;
		struct err err = {0};
		char text[1024];

		scene_init(&s);
		(void)snprintf(text, sizeof(text), TABLE("%s"), conditions[i].rows);
		cr_assert_eq(vendors_parse(text, strlen(text), "t", &s.arena, &table, &err), 0,
		             "%s: %s", conditions[i].name, err.text);
		cr_assert_eq(snap_add_prog(&s.snap, &prog, NULL), 0);
		cr_assert_eq(snap_add_map(&s.snap, &map, NULL), 0);
		cr_assert_eq(snap_add_pin(&s.snap, &pin, NULL), 0);
		(void)scene_entry(&s, "eth0", IN,
		                  (struct snap_entry){BPF(3, 7), .name = "mine-eth0"});
		cr_assert_eq(snap_add_qdisc(&s.snap, &qdisc, NULL), 0);
		scene_identify(&s, &table, NULL);

		const struct vendor *vendor = vendors_of_entry(&s.who, 0);

		cr_expect(text_eq(vendor != NULL ? vendor->id : NULL, conditions[i].vendor), "%s",
		          conditions[i].name);
		cr_expect(text_eq(s.who.entries[0].evidence, conditions[i].evidence), "%s: %s",
		          conditions[i].name, s.who.entries[0].evidence);
		scene_done(&s);
	}
}

/* No amount of memory that is too little does more than say so. */
Test(vendors, no_memory)
{
	struct scene s;
	uint32_t failed = 0;

	scene_init(&s);
	build_prog(&s.snap, 7, "cil_from_netdev", BIT(OK));
	(void)scene_entry(&s, "eth0", IN, (struct snap_entry){BPF(3, 7)});
	build_seal(&s.snap);
	for (size_t limit = 1; limit < 64 * 1024; limit += 97) {
		struct vendor_seen *rows = NULL;
		struct identities who;
		struct arena arena;
		uint32_t n = 0;

		arena_init(&arena, limit);

		int r = vendors_identify(build_vendors(), &s.snap, NULL, &arena, &who);

		if (r == 0) {
			r = vendors_summary(&who, &s.snap, &arena, &rows, &n);
		}
		cr_expect(r == 0 || r == -ENOMEM);
		cr_expect(r < 0 || n == 1);
		failed += r < 0 ? 1 : 0;
		arena_done(&arena);
	}
	cr_expect_gt(failed, 0);
	scene_done(&s);
}
