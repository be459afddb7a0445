/* SPDX-License-Identifier: Apache-2.0 */
/**
 * node_rows.h - nodes in a few rows, for rules that look at vendors, the Agent and processes.
 *
 * A case is a list of entries on named interfaces of the host's namespace, with what the node shows
 * besides, and the one finding that a rule has to write or must not write.
 */
#ifndef TCAUDIT_TESTS_NODE_ROWS_H
#define TCAUDIT_TESTS_NODE_ROWS_H

#include "analyzer/rules.h"
#include "analyzer/vendors.h"
#include "model/attrs.h"
#include "tests/unit/build.h"

#define SILENT (-1)

#define NODE_ENTRIES   40
#define NODE_CONFIG    4
#define NODE_PROCESSES 3
#define NODE_SAYS      4

/** Inode of the host's namespace. */
#define NODE_INODE UINT64_C(4026531840)

#define IN  HOOK_CLSACT_INGRESS
#define OUT HOOK_CLSACT_EGRESS

/** Filters of the Agent as it names them on interface 2; 77 is its process. */
#define AGENT_NAME_IN  "classifier_ingress_security_classifier_ingress_2_4026531840_77"
#define AGENT_NAME_OUT "classifier_egress_security_classifier_egress_2_4026531840_77"
#define AGENT_IN(p)                                                                                \
	{                                                                                          \
		BPF(p, 6), .name = AGENT_NAME_IN                                                   \
	}
#define AGENT_OUT(p)                                                                               \
	{                                                                                          \
		BPF(p, 6), .name = AGENT_NAME_OUT                                                  \
	}

/** Filters that the vendor table recognises. */
#define CILIUM(p)                                                                                  \
	{                                                                                          \
		BPF(p, 3), .name = "cil_from_container-lxc1"                                       \
	}
#define CILIUM_OUT(p)                                                                              \
	{                                                                                          \
		BPF(p, 5), .name = "cil_to_container-lxc1"                                         \
	}
#define AWS_IN                                                                                     \
	{                                                                                          \
		BPF(1, 10), .name = "handle_egress"                                                \
	}

/** The process that the names of AGENT_IN and AGENT_OUT tell. */
#define PROBE_77                                                                                   \
	{                                                                                          \
		{                                                                                  \
			.pid = 77, .comm = "system-probe"                                          \
		}                                                                                  \
	}

/** Eight rows in sequence, from @p n. */
#define EIGHT(row, n)                                                                              \
	row(n), row((n) + 1), row((n) + 2), row((n) + 3), row((n) + 4), row((n) + 5),              \
		row((n) + 6), row((n) + 7)

/** Programs of every node: what they return is in the name of their row. */
static const struct node_prog {
	uint32_t id;
	const char *name;
	uint32_t codes;
	const char *loaded_at;
	const char *tag;
} node_progs[] = {
	{1, "some_ok", BIT(OK), "2026-01-01T00:00:00Z", "aa"},
	{2, "some_unspec", BIT(UNSPEC), "2026-01-01T00:00:00Z", "bb"},
	{3, "cil_from_contai", BIT(OK) | BIT(SHOT) | BIT(REDIRECT), "2026-01-01T00:00:00Z", "cc"},
	{4, "cil_from_contai", BIT(OK) | BIT(SHOT), "2026-01-02T00:00:00Z", "cd"},
	{5, "cil_to_containe", BIT(OK) | BIT(SHOT), "2026-01-01T00:00:00Z", "ce"},
	{6, "classifier_ingr", BIT(UNSPEC), "2026-01-01T00:00:00Z", "dd"},
	{7, "classifier_ingr", BIT(UNSPEC) | BIT(SHOT), "2026-01-01T00:00:00Z", "de"},
	{8, "classifier_ingr", BIT(UNSPEC) | BIT(OK), "2026-01-01T00:00:00Z", "df"},
	{9, "cali_tc_preambl", BIT(UNSPEC) | BIT(SHOT), "2026-01-01T00:00:00Z", "ee"},
	{10, NULL, BIT(OK) | BIT(SHOT), "2026-01-01T00:00:00Z", "ff"},
	{11, NULL, BIT(OK) | BIT(SHOT), "2026-01-02T00:00:00Z", "ff"},
	{12, "cil_from_contai", BIT(UNSPEC) | BIT(SHOT), "2026-01-01T00:00:00Z", "cf"},
	{13, "cali_tc_preambl", BIT(OK), "2026-01-01T00:00:00Z", "ef"},
	{14, "some_unknown", CODES_ALL, "2026-01-01T00:00:00Z", "ab"},
	{15, "tc_dispatcher", CODES_ALL, "2026-01-01T00:00:00Z", "ac"},
	{16, "cil_from_contai", CODES_ALL, "2026-01-01T00:00:00Z", "ad"},
	{17, "linklocal_to_gu", CODES_ALL, "2026-01-01T00:00:00Z", "ae"},
};

struct node_entry {
	const char *device; /**< NULL ends the list. */
	uint32_t ifindex;
	enum hook_type type;
	struct snap_entry entry; /**< kind NULL: the hook alone. */
	struct snap_action action;
};

struct node_case {
	const char *code;
	const char *name;
	struct node_entry rows[NODE_ENTRIES];
	int severity; /**< SILENT, or enum severity of the one open finding. */
	const char *says[NODE_SAYS];
	struct snap_config config[NODE_CONFIG];
	struct snap_process processes[NODE_PROCESSES];
	const char *agent_version;
	const char *cilium_version;
	uint32_t priority;    /**< --priority; 0: not given. */
	uint32_t lost_facets; /**< enum snap_facet. */
	bool agent_seen;      /**< snap.agent.present. */
};

static inline uint32_t node_hook(struct snapshot *snap, uint32_t netns,
                                 const struct node_entry *row)
{
	uint32_t link = SNAP_NONE;

	for (uint32_t i = 0; i < snap->n_links; i++) {
		link = snap->links[i].ifindex == row->ifindex ? i : link;
	}
	if (link == SNAP_NONE) {
		link = build_link(snap, netns, row->ifindex, row->device);
	}
	for (uint32_t i = 0; i < snap->n_hooks; i++) {
		if (snap->hooks[i].link == link && snap->hooks[i].type == row->type) {
			return i;
		}
	}
	return build_hook(snap, link, row->type);
}

static inline void node_programs(struct snapshot *snap)
{
	for (size_t i = 0; i < COUNT_OF(node_progs); i++) {
		const struct node_prog *p = &node_progs[i];
		struct snap_prog row = {
			.id = p->id,
			.name = p->name,
			.type = "sched_cls",
			.tag = p->tag,
			.loaded_at = p->loaded_at,
			.returns = {.codes = p->codes,
		                    .exact = p->codes != CODES_ALL,
		                    .reason = p->codes == CODES_ALL ? "not analysed" : NULL},
		};

		cr_assert_eq(snap_add_prog(snap, &row, NULL), 0);
	}
}

static inline void node_build(struct snapshot *snap, const struct node_case *c)
{
	uint32_t netns = build_netns(snap, NODE_INODE, true);

	for (size_t i = 0; i < NODE_ENTRIES && c->rows[i].device != NULL; i++) {
		uint32_t hook = node_hook(snap, netns, &c->rows[i]);

		if (c->rows[i].entry.kind == NULL) {
			continue;
		}

		uint32_t entry = build_entry(snap, hook, c->rows[i].entry);

		if (c->rows[i].action.kind != NULL) {
			build_action(snap, entry, c->rows[i].action);
		}
	}
	node_programs(snap);
	for (size_t i = 0; i < NODE_PROCESSES && c->processes[i].comm != NULL; i++) {
		cr_assert_eq(snap_add_process(snap, &c->processes[i], NULL), 0);
	}
	snap->agent.present = c->agent_seen || c->config[0].key != NULL;
	snap->agent.config = arena_alloc(&snap->arena, sizeof(c->config));
	cr_assert_not_null(snap->agent.config);
	memcpy(snap->agent.config, c->config, sizeof(c->config));
	while (snap->agent.n_config < NODE_CONFIG && c->config[snap->agent.n_config].key != NULL) {
		snap->agent.n_config++;
	}
	build_seal(snap);
	snap->facets &= ~c->lost_facets;
}

static inline const struct finding *node_find(const struct findings *f, const char *code,
                                              uint32_t *ret_n)
{
	const struct finding *found = NULL;

	*ret_n = 0;
	for (uint32_t i = 0; i < f->n; i++) {
		if (strcmp(f->rows[i].code, code) == 0 && f->rows[i].state == FINDING_OPEN) {
			found = found == NULL ? &f->rows[i] : found;
			*ret_n += 1;
		}
	}
	return found;
}

static inline void node_check_words(const struct node_case *c, const struct finding *f)
{
	cr_expect_eq((int)f->severity, c->severity, "%s, %s: severity %d: %s", c->code, c->name,
	             (int)f->severity, f->message);
	cr_expect(f->remedy != NULL && f->remedy[0] != '\0', "%s, %s: remedy", c->code, c->name);
	for (size_t i = 0; i < NODE_SAYS && c->says[i] != NULL; i++) {
		cr_expect(strstr(f->message, c->says[i]) != NULL, "%s, %s: no '%s' in: %s", c->code,
		          c->name, c->says[i], f->message);
	}
}

/** Judge one node and compare the findings of its rule. */
static inline void node_check(const struct vendors *table, const struct node_case *c)
{
	struct snapshot snap;
	struct findings got;
	struct analyze_options opts = {
		.priority = c->priority,
		.agent_version = c->agent_version,
		.cilium_version = c->cilium_version,
		.vendors = table,
	};
	struct err err = {0};
	uint32_t n = 0;

	snap_init(&snap, BUILD_BYTES);
	findings_init(&got, BUILD_BYTES);
	node_build(&snap, c);
	cr_assert_eq(analyze(&snap, &opts, &got, &err), 0, "%s: %s", c->name, err.text);

	const struct finding *f = node_find(&got, c->code, &n);

	cr_expect_eq(n, c->severity == SILENT ? 0 : 1, "%s, %s: %u findings, first: %s", c->code,
	             c->name, n, f != NULL ? f->message : "none");
	if (f != NULL && c->severity != SILENT) {
		node_check_words(c, f);
	}
	findings_done(&got);
	snap_done(&snap);
}

/** The built-in table, in an arena of the caller's. */
static inline void node_table(struct arena *arena, struct vendors *ret)
{
	struct err err = {0};

	arena_init(arena, BUILD_BYTES);
	cr_assert_eq(
		vendors_parse(vendors_builtin, vendors_builtin_bytes, "built-in", arena, ret, &err),
		0, "%s", err.text);
}

/** Judge every case; each rule of theirs must fire in one and stay silent in another. */
static inline void node_check_all(const struct node_case *cases, size_t n)
{
	struct arena arena;
	struct vendors table;

	node_table(&arena, &table);
	for (size_t i = 0; i < n; i++) {
		node_check(&table, &cases[i]);
	}
	for (size_t i = 0; i < n; i++) {
		bool fires = false;
		bool silent = false;

		for (size_t k = 0; k < n; k++) {
			if (strcmp(cases[i].code, cases[k].code) == 0) {
				fires = fires || cases[k].severity != SILENT;
				silent = silent || cases[k].severity == SILENT;
			}
		}
		cr_expect(fires && silent, "%s needs a case that fires and one that does not",
		          cases[i].code);
	}
	arena_done(&arena);
}

#endif
