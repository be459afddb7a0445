/* SPDX-License-Identifier: Apache-2.0 */
/**
 * build.h - snapshots in few words, for tests of the analyzer.
 *
 * Every function stops the test when the snapshot's arena is full, which no test wants by accident.
 */
#ifndef TCAUDIT_TESTS_BUILD_H
#define TCAUDIT_TESTS_BUILD_H

#include "analyzer/agent.h"
#include "analyzer/analyze.h"
#include "analyzer/context.h"
#include "analyzer/order.h"
#include "analyzer/outcome.h"
#include "analyzer/vendors.h"
#include "model/abi.h"
#include "model/snapshot.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define BUILD_BYTES ((size_t)64 << 20)
#define BIT(code)   CODE_BIT(CODE_##code)

#define FILTER_ROW(k, proto, p, h)                                                                 \
	.kind = (k), .is_filter = true, .protocol = (proto), .pref = (p), .handle = (h)

/** An eBPF filter as most software attaches it. */
#define BPF(p, prog)                                                                               \
	FILTER_ROW("bpf", ABI_ETH_P_ALL, (p), 1), .direct_action = true, .prog_id = (prog)
/** The same for one protocol; with handle @p h; without direct-action; without a filter. */
#define IP_BPF(p, prog) FILTER_ROW("bpf", 0x0800, (p), 1), .direct_action = true, .prog_id = (prog)
#define AT_BPF(p, h, prog)                                                                         \
	FILTER_ROW("bpf", ABI_ETH_P_ALL, (p), (h)), .direct_action = true, .prog_id = (prog)
#define INDIRECT(p, prog) FILTER_ROW("bpf", ABI_ETH_P_ALL, (p), 1), .prog_id = (prog)
#define HELD(k, p)        FILTER_ROW(k, ABI_ETH_P_ALL, (p), 0), .direct_action = true

/** A filter of another kind that looks at every packet, or only at some. */
#define PLAIN(k, p) FILTER_ROW(k, ABI_ETH_P_ALL, (p), 1), .match = MATCH_ALL
#define SOME(k, p)  FILTER_ROW(k, ABI_ETH_P_ALL, (p), 1), .match = MATCH_SOME

/** A program of TCX, netkit or XDP. */
#define ATTACHED(prog) .kind = "bpf", .direct_action = true, .prog_id = (prog)

static inline uint32_t build_netns(struct snapshot *snap, uint64_t inode, bool host)
{
	struct snap_netns row = {.inode = inode, .host = host};
	uint32_t idx = 0;

	cr_assert_eq(snap_add_netns(snap, &row, &idx), 0);
	return idx;
}

static inline uint32_t build_link(struct snapshot *snap, uint32_t netns, uint32_t ifindex,
                                  const char *name)
{
	struct snap_link row = {
		.netns = netns,
		.ifindex = ifindex,
		.name = arena_strndup(&snap->arena, name, strlen(name)),
		.up = true,
		.netnsid = -1,
		.peer = SNAP_NONE,
	};
	uint32_t idx = 0;

	cr_assert_not_null(row.name);
	cr_assert_eq(snap_add_link(snap, &row, &idx), 0);
	return idx;
}

static inline uint32_t build_hook(struct snapshot *snap, uint32_t link, enum hook_type type)
{
	struct snap_hook row = {.link = link, .type = type};
	uint32_t idx = 0;

	cr_assert_eq(snap_add_hook(snap, &row, &idx), 0);
	return idx;
}

/** Append an entry behind those that its hook has; hook and order are set here. */
static inline uint32_t build_entry(struct snapshot *snap, uint32_t hook, struct snap_entry row)
{
	uint32_t idx = 0;

	row.hook = hook;
	row.order = 0;
	for (uint32_t i = 0; i < snap->n_entries; i++) {
		row.order += snap->entries[i].hook == hook ? 1 : 0;
	}
	cr_assert_eq(snap_add_entry(snap, &row, &idx), 0);
	return idx;
}

static inline void build_action(struct snapshot *snap, uint32_t entry, struct snap_action row)
{
	row.entry = entry;
	row.order = 0;
	for (uint32_t i = 0; i < snap->n_actions; i++) {
		row.order += snap->actions[i].entry == entry ? 1 : 0;
	}
	cr_assert_eq(snap_add_action(snap, &row, NULL), 0);
}

/** A program that returns exactly @p codes; CODES_ALL: unknown. */
static inline void build_prog(struct snapshot *snap, uint32_t id, const char *name, uint32_t codes)
{
	struct snap_prog row = {
		.id = id,
		.name = name,
		.type = "sched_cls",
		.returns = {.codes = codes,
	                    .exact = codes != CODES_ALL,
	                    .reason = codes == CODES_ALL ? "not analysed" : NULL},
	};

	cr_assert_eq(snap_add_prog(snap, &row, NULL), 0);
}

/** The same, with @p codes a superset. */
static inline void build_prog_superset(struct snapshot *snap, uint32_t id, const char *name,
                                       uint32_t codes)
{
	struct snap_prog row = {
		.id = id,
		.name = name,
		.type = "sched_cls",
		.returns = {.codes = codes, .exact = false, .reason = "superset"},
	};

	cr_assert_eq(snap_add_prog(snap, &row, NULL), 0);
}

/** The built-in vendor table; read once, lives as long as the test. */
static inline const struct vendors *build_vendors(void)
{
	static struct vendors table;
	static struct arena arena;
	struct err err = {0};

	if (table.rows == NULL) {
		arena_init(&arena, BUILD_BYTES);
		cr_assert_eq(vendors_parse(vendors_builtin, vendors_builtin_bytes, "built-in",
		                           &arena, &table, &err),
		             0, "%s", err.text);
	}
	return &table;
}

static inline void build_seal(struct snapshot *snap)
{
	struct err err = {0};

	cr_assert_eq(snap_seal(snap, &err), 0, "%s", err.text);
}

/** What rules and solver look at, for tests below analyze(). */
struct judged {
	struct arena scratch;
	struct analyze_options opts;
	struct context ctx;
	enum effect *effects;
	bool *own;
	bool *shadowed;
	uint32_t *netkit_before;
};

static inline void judged_init(struct judged *j, const struct snapshot *snap, uint32_t priority)
{
	*j = (struct judged){.opts = {.priority = priority}};
	arena_init(&j->scratch, BUILD_BYTES);
	j->effects = arena_alloc(&j->scratch, (snap->n_entries + 1) * sizeof(*j->effects));
	j->own = arena_alloc(&j->scratch, (snap->n_entries + 1) * sizeof(*j->own));
	j->shadowed = arena_alloc(&j->scratch, (snap->n_entries + 1) * sizeof(*j->shadowed));
	j->netkit_before = arena_alloc(&j->scratch, (snap->n_links + 1) * sizeof(uint32_t));
	cr_assert(j->effects != NULL && j->own != NULL && j->shadowed != NULL &&
	          j->netkit_before != NULL);
	for (uint32_t i = 0; i < snap->n_entries; i++) {
		struct outcome outcome = outcome_of(snap, &snap->entries[i]);

		j->effects[i] = outcome_effect(&outcome);
		j->own[i] = agent_owns(snap, &snap->entries[i]);
	}
	order_netkit_before(snap, j->netkit_before);
	j->ctx = (struct context){
		.snap = snap,
		.opts = &j->opts,
		.effects = j->effects,
		.own = j->own,
		.shadowed = j->shadowed,
		.netkit_before = j->netkit_before,
		.priority = priority,
		.scratch = &j->scratch,
	};
	order_shadows(&j->ctx, j->shadowed);
}

static inline void judged_done(struct judged *j)
{
	arena_done(&j->scratch);
}

/** xorshift64*: the same numbers everywhere. */
static inline uint32_t build_random(uint64_t *state, uint32_t below)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)((*state * UINT64_C(2685821657736338717)) >> 33) % below;
}

#endif
