/* SPDX-License-Identifier: Apache-2.0 */
/* layers: model */
#include "model/json.h"
#include "model/snapshot_json.h"
#include "tests/unit/snap_fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct out_mem write_doc(const struct snapshot *snap)
{
	struct out_mem mem = {0};
	struct out o;

	out_init(&o, out_mem_write, &mem);
	cr_assert_eq(snapshot_write_json(snap, &o), 0);
	cr_assert_eq(out_flush(&o), 0);
	return mem;
}

/** The fixture, sealed and written. */
static struct out_mem fixture_doc(void)
{
	struct snapshot snap;
	struct err err = {0};

	snap_init(&snap, SNAP_ARENA_BYTES);
	cr_assert_eq(fixture_fill(&snap), 0);
	cr_assert_eq(snap_seal(&snap, &err), 0, "%s", err.text);

	struct out_mem doc = write_doc(&snap);

	snap_done(&snap);
	return doc;
}

/** Read from memory that ends with the document, so that reading on is an error. */
static int read_exact(const char *bytes, size_t len, size_t limit, struct snapshot *snap,
                      struct err *err)
{
	char *exact = malloc(len > 0 ? len : 1);

	cr_assert_not_null(exact);
	memcpy(exact, bytes, len);
	snap_init(snap, limit);
	int r = snapshot_read_json(exact, len, snap, err);

	free(exact);
	return r;
}

/** What a document reads as, written again. */
static struct out_mem again(const char *bytes, size_t len)
{
	struct snapshot snap;
	struct err err = {0};

	cr_assert_eq(read_exact(bytes, len, SNAP_ARENA_BYTES, &snap, &err), 0, "%s", err.text);

	struct out_mem doc = write_doc(&snap);

	snap_done(&snap);
	return doc;
}

/** Rewrite a golden, for UPDATE_GOLDEN=1. */
static void update(const char *path, const struct out_mem *doc)
{
	FILE *file = fopen(path, "we");

	cr_assert_not_null(file, "%s", path);
	cr_assert_eq(fwrite(doc->bytes, 1, doc->len, file), doc->len, "%s", path);
	cr_assert_eq(fclose(file), 0, "%s", path);
}

Test(snapshot_json, golden)
{
	static const char path[] = "testdata/snapshot/rich.json";
	struct out_mem doc = fixture_doc();
	char *want = calloc(1, doc.len + 2);

	cr_assert_not_null(want);
	if (getenv("UPDATE_GOLDEN")) {
		update(path, &doc);
	}

	FILE *file = fopen(path, "re");

	cr_assert_not_null(file, "%s", path);
	size_t len = fread(want, 1, doc.len + 1, file);

	(void)fclose(file);
	cr_expect_eq(len, doc.len, "%s: %zu bytes, written %zu", path, len, doc.len);
	cr_expect_str_eq(doc.bytes, want);
	free(want);
	out_mem_done(&doc);
}

Test(snapshot_json, round_trip)
{
	struct out_mem first = fixture_doc();
	struct out_mem second = again(first.bytes, first.len);

	cr_expect_str_eq(second.bytes, first.bytes);
	out_mem_done(&second);
	out_mem_done(&first);
}

Test(snapshot_json, round_trip_of_nothing)
{
	struct snapshot snap;
	struct err err = {0};

	snap_init(&snap, SNAP_ARENA_BYTES);
	cr_assert_eq(snap_seal(&snap, &err), 0);

	struct out_mem first = write_doc(&snap);
	struct out_mem second = again(first.bytes, first.len);

	cr_expect_str_eq(second.bytes, first.bytes);
	out_mem_done(&second);
	out_mem_done(&first);
	snap_done(&snap);
}

/** Maps, pins, processes, settings. */
static void expect_equal_host(const struct snapshot *live, const struct snapshot *read)
{
	cr_assert_eq(read->n_maps, live->n_maps);
	cr_assert_eq(read->n_pins, live->n_pins);
	cr_assert_eq(read->n_processes, live->n_processes);
	cr_assert_eq(read->agent.n_config, live->agent.n_config);
	for (uint32_t i = 0; i < live->n_maps; i++) {
		const struct snap_map *a = &live->maps[i];
		const struct snap_map *b = &read->maps[i];

		cr_expect(a->id == b->id && text_eq(a->name, b->name) && text_eq(a->type, b->type),
		          "map %u", i);
	}
	for (uint32_t i = 0; i < live->n_pins; i++) {
		const struct snap_pin *a = &live->pins[i];
		const struct snap_pin *b = &read->pins[i];

		cr_expect(a->id == b->id && a->kind == b->kind && text_eq(a->path, b->path),
		          "pin %u", i);
	}
	for (uint32_t i = 0; i < live->n_processes; i++) {
		const struct snap_process *a = &live->processes[i];
		const struct snap_process *b = &read->processes[i];

		cr_expect(a->pid == b->pid && a->netns == b->netns && text_eq(a->comm, b->comm) &&
		                  text_eq(a->container, b->container) &&
		                  text_eq(a->pod_uid, b->pod_uid) &&
		                  text_eq(a->version, b->version),
		          "process %u", i);
	}
	for (uint32_t i = 0; i < live->agent.n_config; i++) {
		const struct snap_config *a = &live->agent.config[i];
		const struct snap_config *b = &read->agent.config[i];

		cr_expect(text_eq(a->key, b->key) && text_eq(a->value, b->value) &&
		                  text_eq(a->source, b->source) && text_eq(a->where, b->where),
		          "setting %u", i);
	}
}

/** Every member of every row that files keep, live and from the file. */
Test(snapshot_json, rows_survive)
{
	struct snapshot live;
	struct snapshot read;
	struct err err = {0};
	struct out_mem doc = fixture_doc();

	snap_init(&live, SNAP_ARENA_BYTES);
	cr_assert_eq(fixture_fill(&live), 0);
	cr_assert_eq(snap_seal(&live, &err), 0);
	cr_assert_eq(read_exact(doc.bytes, doc.len, SNAP_ARENA_BYTES, &read, &err), 0, "%s",
	             err.text);

	cr_expect_eq(read.facets, live.facets);
	cr_expect_eq(read.n_entries, live.n_entries);
	cr_expect_eq(read.n_gaps, live.n_gaps);
	for (uint32_t i = 0; i < live.n_links; i++) {
		cr_expect_eq(read.links[i].peer, live.links[i].peer, "link %u", i);
		cr_expect_eq(read.links[i].n_hooks, live.links[i].n_hooks, "link %u", i);
	}
	for (uint32_t i = 0; i < live.n_entries; i++) {
		const struct snap_entry *a = &live.entries[i];
		const struct snap_entry *b = &read.entries[i];

		cr_expect_eq(a->pref, b->pref, "entry %u", i);
		cr_expect_eq(a->handle, b->handle, "entry %u", i);
		cr_expect_eq(a->chain, b->chain, "entry %u", i);
		cr_expect_eq(a->protocol, b->protocol, "entry %u", i);
		cr_expect_eq(a->is_filter, b->is_filter, "entry %u", i);
		cr_expect_eq(a->direct_action, b->direct_action, "entry %u", i);
		cr_expect_eq(a->skip_sw, b->skip_sw, "entry %u", i);
		cr_expect_eq(a->skip_hw, b->skip_hw, "entry %u", i);
		cr_expect_eq(a->in_hw, b->in_hw, "entry %u", i);
		cr_expect_eq(a->match, b->match, "entry %u", i);
		cr_expect_eq(a->classid, b->classid, "entry %u", i);
		cr_expect_eq(a->classic_codes, b->classic_codes, "entry %u", i);
		cr_expect_eq(a->link_id, b->link_id, "entry %u", i);
		cr_expect(text_eq(a->name, b->name) && text_eq(a->tag, b->tag) &&
		                  text_eq(a->mode, b->mode) && text_eq(a->classic, b->classic),
		          "entry %u", i);
	}
	for (uint32_t i = 0; i < live.n_actions; i++) {
		cr_expect_eq(live.actions[i].control, read.actions[i].control, "action %u", i);
		cr_expect_eq(live.actions[i].control_arg, read.actions[i].control_arg, "action %u",
		             i);
	}
	expect_equal_host(&live, &read);
	out_mem_done(&doc);
	snap_done(&read);
	snap_done(&live);
}

/** A document cut anywhere is an error and nothing worse. */
Test(snapshot_json, truncation, .timeout = 120)
{
	struct out_mem doc = fixture_doc();

	/* the last byte is a new line, which may be missing */
	for (size_t len = 0; len < doc.len - 1; len++) {
		struct snapshot snap;
		struct err err = {0};

		cr_assert_eq(read_exact(doc.bytes, len, SNAP_ARENA_BYTES, &snap, &err), -EBADMSG,
		             "%zu bytes: %s", len, err.text);
		cr_assert(strstr(err.text, "not JSON at byte"), "%zu bytes: %s", len, err.text);
		snap_done(&snap);
	}
	out_mem_done(&doc);
}

Test(snapshot_json, limits, .timeout = 120)
{
	struct out_mem doc = fixture_doc();
	int r = -ENOMEM;

	for (size_t limit = 1; r == -ENOMEM; limit += 41) {
		struct snapshot snap;
		struct err err = {0};

		r = read_exact(doc.bytes, doc.len, limit, &snap, &err);
		cr_assert_eq(err.code, r, "limit %zu: %s", limit, err.text);
		cr_assert_leq(snap.arena.used_bytes, limit);
		snap_done(&snap);
		cr_assert_lt(limit, 1 << 20, "never enough");
	}
	cr_expect_eq(r, 0, "%d", r);
	out_mem_done(&doc);
}

/* cJSON's hooks take plain functions, so the countdown has to be global. */
static long allocations_left;

static void *failing_malloc(size_t bytes)
{
	return allocations_left-- > 0 ? malloc(bytes) : NULL;
}

Test(snapshot_json, write_out_of_memory, .timeout = 120)
{
	cJSON_Hooks hooks = {.malloc_fn = failing_malloc, .free_fn = free};
	struct snapshot snap;
	struct err err = {0};
	int r = -ENOMEM;

	snap_init(&snap, SNAP_ARENA_BYTES);
	cr_assert_eq(fixture_fill(&snap), 0);
	cr_assert_eq(snap_seal(&snap, &err), 0);
	cJSON_InitHooks(&hooks);
	for (long n = 0; r != 0; n++) {
		struct out_mem mem = {0};
		struct out o;

		out_init(&o, out_mem_write, &mem);
		allocations_left = n;
		r = snapshot_write_json(&snap, &o);
		cr_assert(r == 0 || r == -ENOMEM, "%ld allocations: %d", n, r);
		out_mem_done(&mem);
		cr_assert_lt(n, 100000, "never enough");
	}
	cJSON_InitHooks(NULL);
	snap_done(&snap);
}

/** Replace the first @p from of a good document by @p to. */
static const struct hostile_case {
	const char *name;
	const char *from, *to;
	int want;
	const char *message;
} hostile_cases[] = {
	{"unchanged", "\"schema\"", "\"schema\"", 0, NULL},
	{"unknown member", "{\"schema\"", "{\"future\":[{\"a\":1}],\"schema\"", 0, NULL},
	{"newer minor words", "\"unknown\"", "\"shiny\"", 0, NULL},
	{"newer major", "snapshot/1", "snapshot/2", -EPROTONOSUPPORT,
         "tcaudit.snapshot/2 is newer than this version reads (1)"},
	{"much newer", "snapshot/1", "snapshot/99999", -EPROTONOSUPPORT, "snapshot/99999 is newer"},
	{"major 0", "snapshot/1", "snapshot/0", -EBADMSG, "is not tcaudit.snapshot/1"},
	{"no major", "snapshot/1", "snapshot/", -EBADMSG, "is not tcaudit.snapshot/1"},
	{"minor", "snapshot/1", "snapshot/1.5", -EBADMSG, "is not tcaudit.snapshot/1"},
	{"huge major", "snapshot/1", "snapshot/99999999999999999999", -EBADMSG,
         "is not tcaudit.snapshot/1"},
	{"another schema", "tcaudit.snapshot/1", "sarif/1", -EBADMSG, "schema: \"sarif/1\" is not"},
	{"a report", "tcaudit.snapshot/1", "tcaudit.report/1", -EBADMSG, "this is a report"},
	{"schema missing", "\"schema\"", "\"shema\"", -EBADMSG, "schema: missing"},
	{"schema a number", "\"tcaudit.snapshot/1\"", "1", -EBADMSG, "schema: not a text"},
	{"tool missing", "\"tool\"", "\"tol\"", -EBADMSG, "tool: missing"},
	{"tool null", "{\"name\":\"tcaudit\",\"version\":\"0.0.9\"}", "null", -EBADMSG,
         "tool: must not be null"},
	{"node an array", "\"node\":{", "\"node\":[],\"x\":{", -EBADMSG, "node: not an object"},
	{"feature a number", "\"tcx\":true", "\"tcx\":1", -EBADMSG,
         "features.tcx: not true or false"},
	{"agent a text", "\"agent\":{", "\"agent\":\"\",\"x\":{", -EBADMSG, "agent: not an object"},
	{"setting a number", "\"config\":[{", "\"config\":[7,{", -EBADMSG,
         "agent.config[0]: not an object"},
	{"complete with gaps", "\"complete\":false", "\"complete\":true", -EBADMSG,
         "coverage.complete: contradicts"},
	{"count negative", "\"links_read\":3", "\"links_read\":-3", -EBADMSG,
         "coverage.links_read: not a number from 0 to 4294967295"},
	{"gap without kind", "\"kind\":\"netns-unreadable\"", "\"kin\":\"\"", -EBADMSG,
         "coverage.gaps[0].kind: missing"},
	{"namespaces missing", "\"namespaces\":[", "\"spaces\":[", -EBADMSG, "namespaces: missing"},
	{"namespace a number", "\"namespaces\":[", "\"namespaces\":[1,", -EBADMSG,
         "namespaces[0]: not an object"},
	{"inode a fraction", "\"inode\":4026532400", "\"inode\":0.5", -EBADMSG,
         "namespaces[1].inode: not a number"},
	{"inode twice", "\"inode\":4026532400", "\"inode\":4026532500", -EBADMSG,
         "inode 4026532500 is there twice"},
	{"second host", "\"host\":false", "\"host\":true", -EBADMSG, "two namespaces are the host"},
	{"nine pids", "\"pids\":[77]", "\"pids\":[1,2,3,4,5,6,7,8,9]", -EBADMSG,
         "namespaces[1].pids: more than 8"},
	{"less pids than given", "\"n_pids\":11", "\"n_pids\":1", -EBADMSG,
         "namespaces[2].n_pids: less"},
	{"pid a text", "\"pids\":[77]", "\"pids\":[\"77\"]", -EBADMSG,
         "namespaces[1].pids[0]: not a number"},
	{"name a number", "\"names\":[\"/run", "\"names\":[1,\"/run", -EBADMSG,
         "namespaces[2].names[0]: not a text"},
	{"ifindex 0", "\"ifindex\":1,", "\"ifindex\":0,", -EBADMSG,
         "namespaces[0].links[0].ifindex: not a number from 1 to 4294967295"},
	{"ifindex twice", "\"ifindex\":1,", "\"ifindex\":12,", -EBADMSG,
         "two links with ifindex 12"},
	{"link name missing", "\"name\":\"lo\"", "\"title\":\"lo\"", -EBADMSG,
         "namespaces[0].links[0].name: missing"},
	{"peer a number", "\"peer\":{", "\"peer\":5,\"x\":{", -EBADMSG,
         "namespaces[0].links[1].peer: not an object"},
	{"peer without index", "\"peer\":{\"netns\":4026532500,\"ifindex\":7}",
         "\"peer\":{\"netns\":4026532500}", -EBADMSG,
         "namespaces[0].links[1].peer.ifindex: missing"},
	{"hooks missing", "\"hooks\":[]", "\"hook\":[]", -EBADMSG,
         "namespaces[0].links[0].hooks: missing"},
	{"hook twice", "\"qdisc/1:10\"", "\"qdisc/8001:0\"", -EBADMSG,
         "has hook qdisc/8001:0 twice"},
	{"hook of a newer version", "\"qdisc/1:10\"", "\"meta/ingress\"", 0, NULL},
	{"revision a fraction", "\"revision\":\"18446744073709551615\"", "\"revision\":1.5",
         -EBADMSG, "namespaces[0].links[1].hooks[1].revision: not a number"},
	{"chain negative", "\"chains\":[0,7]", "\"chains\":[0,-7]", -EBADMSG,
         "namespaces[2].links[0].hooks[1].chains[1]: not a number"},
	{"pref too large", "\"pref\":65535", "\"pref\":65536", -EBADMSG,
         "namespaces[2].links[0].hooks[1].entries[0].pref: not a number from 0 to 65535"},
	{"pref null", "\"pref\":65535", "\"pref\":null", -EBADMSG,
         "entries[0].pref: must not be null"},
	{"pref on xdp", "\"pref\":null", "\"pref\":1", -EBADMSG,
         "namespaces[0].links[1].hooks[0].entries[0].pref: must be null"},
	{"protocol unknown", "\"0x88cc\"", "\"lldp\"", -EBADMSG,
         "entries[0].protocol: neither the word"},
	{"match unknown", "\"match\":\"some\"", "\"match\":\"few\"", -EBADMSG,
         "entries[0].match: neither"},
	{"classic code unknown", "\"classic_codes\":[\"unspec\"]", "\"classic_codes\":[\"nah\"]",
         -EBADMSG, "classic_codes[0]: not the word of a return code"},
	{"actions missing", "\"actions\":[]", "\"acts\":[]", -EBADMSG, "actions: missing"},
	{"action a text", "\"actions\":[{", "\"actions\":[\"x\",{", -EBADMSG,
         "entries[0].actions[0]: not an object"},
	{"control missing", "\"control\":\"goto_chain\"", "\"ctrl\":\"goto_chain\"", -EBADMSG,
         "actions[0].control: missing"},
	{"programs a map", "\"programs\":[", "\"programs\":{},\"x\":[", -EBADMSG,
         "programs: not an array"},
	{"program 0", "{\"id\":42", "{\"id\":0", -EBADMSG,
         "programs[0].id: not a number from 1 to 4294967295"},
	{"program twice", "{\"id\":42", "{\"id\":43", -EBADMSG, "program id 43 is there twice"},
	{"returns missing", "\"returns\"", "\"gives\"", -EBADMSG, "programs[0].returns: missing"},
	{"code unknown", "\"codes\":[\"unspec\",\"ok\"]", "\"codes\":[\"unspec\",\"fine\"]",
         -EBADMSG, "programs[1].returns.codes[1]: not the word"},
	{"code a number", "\"codes\":[\"unspec\",\"ok\"]", "\"codes\":[0]", -EBADMSG,
         "programs[1].returns.codes[0]: not the word"},
	{"pc a text", "\"pc\":0", "\"pc\":\"0\"", -EBADMSG,
         "programs[0].returns.pc: not a number from 0"},
	{"same_as a bool", "\"same_as\":43", "\"same_as\":true", -EBADMSG,
         "programs[0].returns.same_as: not a number"},
	{"paths a map", "\"paths\":[]", "\"paths\":{}", -EBADMSG,
         "programs[0].returns.paths: not an array"},
	{"path a number", "\"paths\":[{", "\"paths\":[1,{", -EBADMSG,
         "programs[1].returns.paths[0]: not an object"},
	{"code of a path", "\"code\":\"ok\"", "\"code\":\"fine\"", -EBADMSG,
         "programs[1].returns.paths[0].code: not the word of a return code"},
	{"steps missing", "\"steps\"", "\"way\"", -EBADMSG,
         "programs[1].returns.paths[0].steps: missing"},
	{"step of no program", "\"prog_id\":42,\"pc\"", "\"prog_id\":0,\"pc\"", -EBADMSG,
         "programs[1].returns.paths[0].steps[0].prog_id: not a number from 1"},
	{"maps a text", "\"maps\":[", "\"maps\":\"\",\"x\":[", -EBADMSG, "maps: not an array"},
	{"map 0", "{\"id\":4,", "{\"id\":0,", -EBADMSG, "maps[0].id: not a number from 1"},
	{"map twice", "{\"id\":4,", "{\"id\":5,", -EBADMSG, "map id 5 is there twice"},
	{"map name a number", "\"cilium_calls_0\"", "0", -EBADMSG, "maps[2].name: not a text"},
	{"pins a map", "\"pins\":[", "\"pins\":{},\"x\":[", -EBADMSG, "pins: not an array"},
	{"pin without path", "\"path\":\"/sys/fs/bpf/tc/globals/b\"", "\"p\":1", -EBADMSG,
         "pins[2].path: missing"},
	{"pin without kind", "\"kind\":\"link\"", "\"kind\":null", -EBADMSG,
         "pins[0].kind: must not be null"},
	{"pin of nothing", "\"kind\":\"link\",\"id\":6", "\"kind\":\"link\",\"id\":0", -EBADMSG,
         "pins[0].id: not a number from 1"},
	{"processes a number", "\"processes\":[", "\"processes\":3,\"x\":[", -EBADMSG,
         "processes: not an array"},
	{"process a text", "\"processes\":[", "\"processes\":[\"x\",", -EBADMSG,
         "processes[0]: not an object"},
	{"process without name", "\"comm\":\"cilium-agent\"", "\"name\":\"cilium-agent\"", -EBADMSG,
         "processes[0].comm: missing"},
	{"process 0", "\"pid\":911", "\"pid\":0", -EBADMSG,
         "processes[0].pid: not a number from 1"},
	{"process in half a namespace", "\"netns\":null,\"version\"", "\"netns\":0.5,\"version\"",
         -EBADMSG, "processes[1].netns: not a number"},
	{"setting without key", "\"key\":\"runtime_security_config.enabled\"", "\"k\":1", -EBADMSG,
         "agent.config[2].key: missing"},
	{"place of a setting", "\"where\":\"/etc", "\"where\":1,\"w\":\"/etc", -EBADMSG,
         "agent.config[0].where: not a text"},
	{"NUL in a name", "\"eth0\"", "\"et\\u0000h0\"", -EBADMSG,
         "a text cannot hold the character \\u0000"},
	{"equal keys: the first", "\"hostname\":\"node-1\"",
         "\"hostname\":\"node-1\",\"hostname\":7", 0, NULL},
	{"garbage behind", "\"7.50.0\"}]}\n", "\"7.50.0\"}]}\n{", -EBADMSG,
         "something follows the document"},
};

/** @return a copy of @p doc with one replacement, malloc'ed. */
static char *replaced(const struct out_mem *doc, const char *from, const char *to)
{
	const char *at = strstr(doc->bytes, from);
	size_t size = doc->len + strlen(to) + 1;
	char *copy = malloc(size);

	cr_assert_not_null(at, "the document has no %s", from);
	cr_assert_not_null(copy);
	(void)snprintf(copy, size, "%.*s%s%s", (int)(at - doc->bytes), doc->bytes, to,
	               at + strlen(from));
	return copy;
}

Test(snapshot_json, hostile)
{
	struct out_mem doc = fixture_doc();

	for (size_t i = 0; i < COUNT_OF(hostile_cases); i++) {
		const struct hostile_case *c = &hostile_cases[i];
		char *bytes = replaced(&doc, c->from, c->to);
		struct snapshot snap;
		struct err err = {0};

		cr_expect_eq(read_exact(bytes, strlen(bytes), SNAP_ARENA_BYTES, &snap, &err),
		             c->want, "%s: %s", c->name, err.text);
		cr_expect_eq(err.code, c->want, "%s", c->name);
		cr_expect(!c->message || strstr(err.text, c->message), "%s: %s", c->name, err.text);
		snap_done(&snap);
		free(bytes);
	}
	out_mem_done(&doc);
}

static const char *const not_snapshots[] = {"[]", "1", "\"tcaudit.snapshot/1\"", "null", "{}"};

Test(snapshot_json, other_documents)
{
	for (size_t i = 0; i < COUNT_OF(not_snapshots); i++) {
		struct snapshot snap;
		struct err err = {0};

		cr_expect_eq(read_exact(not_snapshots[i], strlen(not_snapshots[i]),
		                        SNAP_ARENA_BYTES, &snap, &err),
		             -EBADMSG, "%s", not_snapshots[i]);
		cr_expect_neq(err.text[0], '\0', "%s", not_snapshots[i]);
		snap_done(&snap);
	}
}

static const struct {
	const char *name;
	const char *from, *to;
	uint32_t want_paths;
} older_cases[] = {
	{"paths of today", "\"paths\":[{", "\"paths\":[{", 2},
	{"without paths", "\"paths\":[{", "\"ways\":[{", 0},
	{"a step of a newer version", "\"kind\":\"not-taken\"", "\"kind\":\"teleport\"", 1},
	{"paths null", "\"paths\":[]}", "\"paths\":null}", 2},
	{"without a place", "\"pc\":0,\"pc_prog\":43,\"same_as\":43,\"paths\":[]", "\"x\":1", 2},
};

/** Fields that came later default, and what a newer version adds to paths does no harm. */
Test(snapshot_json, other_versions)
{
	struct out_mem doc = fixture_doc();

	for (size_t i = 0; i < COUNT_OF(older_cases); i++) {
		bool placeless = strstr(older_cases[i].from, "pc_prog") != NULL;
		char *bytes = replaced(&doc, older_cases[i].from, older_cases[i].to);
		struct snapshot snap;
		struct err err = {0};

		cr_assert_eq(read_exact(bytes, strlen(bytes), SNAP_ARENA_BYTES, &snap, &err), 0,
		             "%s: %s", older_cases[i].name, err.text);
		const struct snap_prog *prog = snap_find_prog(&snap, 43);

		cr_assert_not_null(prog, "%s", older_cases[i].name);
		cr_expect_eq(prog->returns.n_paths, older_cases[i].want_paths, "%s",
		             older_cases[i].name);
		cr_expect_eq(snap_find_prog(&snap, 42)->returns.same_as, placeless ? 0 : 43, "%s",
		             older_cases[i].name);
		cr_expect_eq(snap_find_prog(&snap, 42)->returns.pc_prog, placeless ? 0 : 43, "%s",
		             older_cases[i].name);
		snap_done(&snap);
		free(bytes);
	}
	out_mem_done(&doc);
}

/** What a document does not tell is not known, which is no gap: nobody failed to read it. */
static const struct {
	const char *name;
	const char *from, *to;
	uint32_t missing; /**< Facets. */
} unknown_cases[] = {
	{"all there", "\"schema\"", "\"schema\"", 0},
	{"no maps", "\"maps\":", "\"x\":", 0},
	{"no pins", "\"pins\":", "\"x\":", FACET_PINS},
	{"pins null", "\"pins\":", "\"pins\":null,\"x\":", FACET_PINS},
	{"no processes", "\"processes\":", "\"x\":", FACET_PROCESSES | FACET_AGENT},
	{"processes null",
         "\"processes\":", "\"processes\":null,\"x\":", FACET_PROCESSES | FACET_AGENT},
	{"no settings", "\"config\":", "\"x\":", FACET_AGENT},
	{"settings null", "\"config\":", "\"config\":null,\"x\":", FACET_AGENT},
	{"no places of settings", "\"where\":\"/etc", "\"x\":\"/etc", 0},
	{"a pin of a newer kind", "\"kind\":\"link\"", "\"kind\":\"moon\"", FACET_PINS},
};

Test(snapshot_json, unknown_tables)
{
	struct out_mem doc = fixture_doc();
	uint32_t whole = 0;

	for (size_t i = 0; i < COUNT_OF(unknown_cases); i++) {
		const char *name = unknown_cases[i].name;
		char *bytes = replaced(&doc, unknown_cases[i].from, unknown_cases[i].to);
		struct snapshot snap;
		struct err err = {0};

		cr_assert_eq(read_exact(bytes, strlen(bytes), SNAP_ARENA_BYTES, &snap, &err), 0,
		             "%s: %s", name, err.text);
		whole = i == 0 ? snap.facets : whole; /* the fixture has gaps of its own */
		cr_expect_eq(snap.facets, whole & ~unknown_cases[i].missing, "%s: %x, not %x", name,
		             snap.facets, whole & ~unknown_cases[i].missing);
		cr_expect_eq(snap.n_gaps, strstr(name, "newer") ? 5 : 4, "%s: %u gaps", name,
		             snap.n_gaps);

		struct out_mem first = write_doc(&snap);
		struct out_mem second = again(first.bytes, first.len);

		cr_expect_str_eq(second.bytes, first.bytes, "%s", name);
		out_mem_done(&second);
		out_mem_done(&first);
		snap_done(&snap);
		free(bytes);
	}
	out_mem_done(&doc);
}

/** Null and an empty list are two different things to say. */
Test(snapshot_json, nothing_known_or_nothing_there)
{
	static const struct {
		const char *name;
		uint32_t facets;
		const char *want[3];
	} rows[] = {
		{"whole",
	         FACETS_ALL,
	         {"\"pins\":[]", "\"processes\":[]",
	          "\"running\":false,\"version\":null,\"config\":[]"}},
		{"no pins",
	         FACETS_ALL & ~(uint32_t)FACET_PINS,
	         {"\"pins\":null", "\"processes\":[]"}},
		{"no processes",
	         FACETS_ALL & ~(uint32_t)(FACET_PROCESSES | FACET_AGENT),
	         {"\"pins\":[]", "\"processes\":null", "\"config\":null"}},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct snapshot snap;
		struct err err = {0};

		snap_init(&snap, SNAP_ARENA_BYTES);
		snap.facets = rows[i].facets;
		snap.agent.present = true;
		cr_assert_eq(snap_seal(&snap, &err), 0);

		struct out_mem first = write_doc(&snap);
		struct out_mem second = again(first.bytes, first.len);

		for (size_t k = 0; k < COUNT_OF(rows[i].want) && rows[i].want[k]; k++) {
			cr_expect(strstr(first.bytes, rows[i].want[k]), "%s: no %s in %s",
			          rows[i].name, rows[i].want[k], first.bytes);
		}
		cr_expect_str_eq(second.bytes, first.bytes, "%s", rows[i].name);
		out_mem_done(&second);
		out_mem_done(&first);
		snap_done(&snap);
	}
}

/** Nothing of a newer version is dropped in silence. */
Test(snapshot_json, newer_words)
{
	struct out_mem doc = fixture_doc();
	char *bytes = replaced(&doc, "\"qdisc/1:10\"", "\"meta/ingress\"");
	struct snapshot snap;
	struct err err = {0};

	cr_assert_eq(read_exact(bytes, strlen(bytes), SNAP_ARENA_BYTES, &snap, &err), 0, "%s",
	             err.text);
	cr_expect_eq(snap.n_hooks, 5);
	cr_expect_eq(snap.gaps[snap.n_gaps - 1].kind, GAP_FROM_FILE);
	cr_expect(strstr(snap.gaps[snap.n_gaps - 1].error, "meta/ingress"));
	cr_expect_eq(snap.facets, 0);
	snap_done(&snap);
	free(bytes);

	bytes = replaced(&doc, "\"kind\":\"netns-unreadable\"", "\"kind\":\"moon-phase\"");
	cr_assert_eq(read_exact(bytes, strlen(bytes), SNAP_ARENA_BYTES, &snap, &err), 0, "%s",
	             err.text);
	cr_expect_eq(snap.gaps[snap.n_gaps - 1].kind, GAP_FROM_FILE);
	cr_expect_str_eq(snap.gaps[snap.n_gaps - 1].word, "moon-phase");
	cr_expect_eq(snap.facets, 0);

	struct out_mem first = write_doc(&snap);
	struct out_mem second = again(first.bytes, first.len);

	cr_expect(strstr(first.bytes, "moon-phase"));
	cr_expect_str_eq(second.bytes, first.bytes);
	out_mem_done(&second);
	out_mem_done(&first);
	snap_done(&snap);
	free(bytes);
	out_mem_done(&doc);
}

/** Errors of the sink are the sink's, not the writer's. */
static int no_space(void *ctx, const char *bytes, size_t len)
{
	(void)ctx;
	(void)bytes;
	(void)len;
	return -ENOSPC;
}

Test(snapshot_json, sink_fails)
{
	struct snapshot snap;
	struct err err = {0};
	struct out o;

	snap_init(&snap, SNAP_ARENA_BYTES);
	cr_assert_eq(fixture_fill(&snap), 0);
	cr_assert_eq(snap_seal(&snap, &err), 0);
	out_init(&o, no_space, NULL);
	cr_expect_eq(snapshot_write_json(&snap, &o), 0);
	cr_expect_eq(out_flush(&o), -ENOSPC);
	snap_done(&snap);
}
