/* SPDX-License-Identifier: Apache-2.0 */
/* layers: model */
#include "model/abi.h"
#include "model/snapshot.h"
#include "model/text.h"
#include "tests/unit/snap_fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void seal_ok(struct snapshot *snap)
{
	struct err err = {0};

	cr_assert_eq(snap_seal(snap, &err), 0, "%s", err.text);
}

Test(snapshot, fixture_sealed)
{
	struct snapshot snap;

	snap_init(&snap, SNAP_ARENA_BYTES);
	cr_assert_eq(fixture_fill(&snap), 0);
	seal_ok(&snap);

	cr_expect_eq(snap.n_netns, 3);
	cr_expect(snap.netns[0].host);
	cr_expect_eq(snap.netns[1].inode, 4026532400);
	cr_expect_eq(snap.netns[1].n_links, 0);
	cr_expect_eq(snap.netns[2].n_links, 1, "the dead link is gone");
	cr_expect_str_eq(snap.netns[2].names[0], "/run/docker/netns/\xc3\xa9t\xc3\xa9");
	cr_expect_eq(snap.n_links, 3);
	cr_expect_eq(snap.links[0].ifindex, 1);
	cr_expect_eq(snap.links[1].ifindex, 12);
	cr_expect_eq(snap.links[1].peer, 2);
	cr_expect_eq(snap.links[2].peer, 1);
	cr_expect_eq(snap.links[0].peer, SNAP_NONE);
	cr_expect_eq(snap.links[2].netns, 2);
	cr_expect_eq(snap.n_qdiscs, 2);
	cr_expect_str_eq(snap.qdiscs[0].kind, "clsact", "by parent");
	cr_expect_eq(snap.n_hooks, 6);
	cr_expect_eq(snap.links[1].n_hooks, 4);
	cr_expect_eq(snap.hooks[2].classid, 0x10010);
	cr_expect_eq(snap.hooks[3].classid, 0x80010000);
	cr_expect_eq(snap.n_entries, 5);
	cr_expect_eq(snap.n_actions, 3, "the dead link's actions are gone");
	cr_expect_eq(snap.progs[0].id, 42);
	cr_expect_eq(snap.progs[1].n_map_ids, 2, "ascending, once each");
	cr_expect_eq(snap.progs[1].map_ids[0], 4);
	cr_expect_eq(snap.maps[0].id, 4);
	cr_expect_eq(snap_find_map(&snap, 9), &snap.maps[2]);
	cr_expect_null(snap_find_map(&snap, 7));
	cr_expect_str_eq(snap.pins[0].path, "/sys/fs/bpf/link \"x\"");
	cr_expect_str_eq(snap.pins[2].path, "/sys/fs/bpf/tc/globals/b");
	cr_expect_eq(snap.processes[0].pid, 911);
	cr_expect_eq(snap.processes[2].pid, 4242);
	cr_expect_eq(snap.n_gaps, 4, "equal gaps are one");
	cr_expect_eq(snap.gaps[0].kind, GAP_NETNS_UNREADABLE);
	cr_expect_null(snap.gaps[1].where);
	cr_expect_str_eq(snap.gaps[2].where, "\\xff");
	cr_expect_eq(snap.facets, FACET_PROGS | FACET_PROCESSES | FACET_AGENT | FACET_PINS);
	snap_done(&snap);
}

Test(snapshot, fixture_entries)
{
	struct snapshot snap;

	snap_init(&snap, SNAP_ARENA_BYTES);
	cr_assert_eq(fixture_fill(&snap), 0);
	seal_ok(&snap);

	const struct snap_hook *egress = snap_link_hook(&snap, &snap.links[2], HOOK_CLSACT_EGRESS);

	cr_assert_not_null(egress);
	cr_expect_eq(egress->n_entries, 2);
	cr_expect_eq(egress->n_chains, 2);
	cr_expect_eq(egress->chains[0], 0);
	cr_expect_eq(egress->chains[1], 7);

	const struct snap_entry *flower = &snap.entries[egress->first_entry];

	cr_expect_str_eq(flower[0].kind, "flower");
	cr_expect_eq(flower[0].order, 0);
	cr_expect_eq(flower[1].order, 1);
	cr_expect_eq(flower[0].n_actions, 3);
	cr_expect_str_eq(snap.actions[flower[0].first_action].kind, "gact");
	cr_expect_eq(snap.actions[flower[0].first_action + 2].order, 2);
	cr_expect_eq(flower[1].n_actions, 0);

	const struct snap_hook *xdp = snap_link_hook(&snap, &snap.links[1], HOOK_XDP);

	cr_assert_not_null(xdp);
	cr_expect(!snap.entries[xdp->first_entry].is_filter);
	cr_expect(snap.entries[xdp->first_entry].direct_action);
	cr_expect_eq(snap.entries[xdp->first_entry].pref, 0, "priorities are of filters");
	cr_expect_eq(snap.entries[xdp->first_entry].protocol, ABI_ETH_P_ALL);
	cr_expect_null(snap_link_hook(&snap, &snap.links[0], HOOK_XDP));
	snap_done(&snap);
}

Test(snapshot, find)
{
	struct snapshot snap;

	snap_init(&snap, SNAP_ARENA_BYTES);
	cr_assert_eq(fixture_fill(&snap), 0);
	seal_ok(&snap);
	cr_expect_eq(snap_find_prog(&snap, 42), &snap.progs[0]);
	cr_expect_eq(snap_find_prog(&snap, 43), &snap.progs[1]);
	cr_expect_null(snap_find_prog(&snap, 41));
	cr_expect_null(snap_find_prog(&snap, 44));
	for (uint32_t i = 0; i < snap.n_netns; i++) {
		cr_expect_eq(snap_find_netns(&snap, snap.netns[i].inode), &snap.netns[i], "%u", i);
	}
	cr_expect_null(snap_find_netns(&snap, 0));
	cr_expect_null(snap_find_netns(&snap, 1));
	cr_expect_null(snap_find_netns(&snap, UINT64_MAX));
	cr_expect_eq(snap_find_link(&snap, 0, 12), &snap.links[1]);
	cr_expect_eq(snap_find_link(&snap, 2, 7), &snap.links[2]);
	cr_expect_null(snap_find_link(&snap, 0, 7));
	cr_expect_null(snap_find_link(&snap, 1, 1));
	snap_done(&snap);
}

Test(snapshot, ties_keep_insertion)
{
	struct snapshot snap;
	struct snap_netns netns = {.inode = 1};
	struct snap_link link = {.ifindex = 1, .name = "a"};
	struct snap_hook hook = {.type = HOOK_CLSACT_INGRESS};

	snap_init(&snap, SNAP_ARENA_BYTES);
	cr_assert_eq(snap_add_netns(&snap, &netns, NULL), 0);
	cr_assert_eq(snap_add_link(&snap, &link, NULL), 0);
	cr_assert_eq(snap_add_hook(&snap, &hook, NULL), 0);
	for (uint32_t i = 0; i < 1000; i++) {
		struct snap_entry entry = {.kind = "bpf", .handle = i, .order = (999 - i) / 100};
		struct snap_qdisc qdisc = {.kind = "x", .ingress_block = i, .handle = i % 3};

		cr_assert_eq(snap_add_entry(&snap, &entry, NULL), 0);
		cr_assert_eq(snap_add_qdisc(&snap, &qdisc, NULL), 0);
	}
	seal_ok(&snap);
	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t want = (9 - i / 100) * 100 + i % 100;

		cr_assert_eq(snap.entries[i].handle, want, "place %u: handle %u, want %u", i,
		             snap.entries[i].handle, want);
		cr_assert_eq(snap.entries[i].order, i);
		if (i > 0 && snap.qdiscs[i].handle == snap.qdiscs[i - 1].handle) {
			cr_assert_gt(snap.qdiscs[i].ingress_block,
			             snap.qdiscs[i - 1].ingress_block);
		}
	}
	snap_done(&snap);
}

/** What is added to two namespaces, one link and one program that all have number 1 and 2. */
static const struct bad_case {
	const char *name;
	struct snap_netns netns; /**< Used when its inode is set. */
	struct snap_link link;   /**< Used when its ifindex is set. */
	struct snap_hook hook;   /**< Used when its block is set. */
	uint32_t prog;           /**< Used when set. */
	const char *message;     /**< NULL: no contradiction. */
} bad_cases[] = {
	{"nothing", {0}, {0}, {0}, 0, NULL},
	{"equal ifindexes", {0}, {.ifindex = 1, .name = "b"}, {0}, 0, "two links with ifindex 1"},
	{"equal ifindexes, one dead", {0}, {.ifindex = 1, .name = "b", .dead = true}, {0}, 0, NULL},
	{"equal in two namespaces", {0}, {.netns = 1, .ifindex = 1, .name = "b"}, {0}, 0, NULL},
	{"equal programs", {0}, {0}, {0}, 1, "program id 1 is there twice"},
	{"other program", {0}, {0}, {0}, 2, NULL},
	{"two hosts", {.inode = 3, .host = true}, {0}, {0}, 0, "two namespaces are the host's"},
	{"inode of the host", {.inode = 2}, {0}, {0}, 0, "inode 2 is there twice"},
	{"inode of another", {.inode = 1}, {0}, {0}, 0, "inode 1 is there twice"},
	{"equal hooks",
         {0},
         {0},
         {.type = HOOK_QDISC, .classid = 0x10002, .block = 1},
         0,
         "hook qdisc/1:2 twice"},
	{"other hook", {0}, {0}, {.type = HOOK_QDISC, .classid = 0x10003, .block = 1}, 0, NULL},
};

static void fill_bad(struct snapshot *snap, const struct bad_case *c)
{
	const struct snap_netns plain = {.inode = 1};
	const struct snap_netns host = {.inode = 2, .host = true};
	const struct snap_link link = {.ifindex = 1, .name = "a"};
	const struct snap_hook hook = {.type = HOOK_QDISC, .classid = 0x10002};
	const struct snap_prog prog = {.id = 1};
	const struct snap_prog again = {.id = c->prog};

	cr_assert_eq(snap_add_netns(snap, &plain, NULL), 0);
	cr_assert_eq(snap_add_netns(snap, &host, NULL), 0);
	cr_assert_eq(snap_add_link(snap, &link, NULL), 0);
	cr_assert_eq(snap_add_hook(snap, &hook, NULL), 0);
	cr_assert_eq(snap_add_prog(snap, &prog, NULL), 0);
	cr_assert(c->netns.inode == 0 || snap_add_netns(snap, &c->netns, NULL) == 0);
	cr_assert(c->link.ifindex == 0 || snap_add_link(snap, &c->link, NULL) == 0);
	cr_assert(c->hook.block == 0 || snap_add_hook(snap, &c->hook, NULL) == 0);
	cr_assert(c->prog == 0 || snap_add_prog(snap, &again, NULL) == 0);
}

Test(snapshot, contradictions)
{
	for (size_t i = 0; i < COUNT_OF(bad_cases); i++) {
		const struct bad_case *c = &bad_cases[i];
		struct snapshot snap;
		struct err err = {0};

		snap_init(&snap, SNAP_ARENA_BYTES);
		fill_bad(&snap, c);
		cr_expect_eq(snap_seal(&snap, &err), c->message ? -EBADMSG : 0, "%s: %s", c->name,
		             err.text);
		cr_expect(!c->message || strstr(err.text, c->message), "%s: %s", c->name, err.text);
		snap_done(&snap);
	}
}

Test(snapshot, rewind)
{
	struct snapshot snap;
	struct snap_netns row = {.inode = 9};

	snap_init(&snap, SNAP_ARENA_BYTES);
	cr_assert_eq(snap_add_netns(&snap, &row, NULL), 0);
	cr_assert_eq(snap_add_gap(&snap, GAP_PROGS_UNREADABLE, "here", "EPERM"), 0);

	struct snap_mark mark = snap_mark(&snap);

	for (int i = 0; i < 3; i++) {
		cr_assert_eq(fixture_fill(&snap), 0);
		cr_expect_gt(snap.n_entries, 0);
		snap_rewind(&snap, mark);
		cr_expect_eq(snap.n_netns, 1);
		cr_expect_eq(snap.n_links + snap.n_qdiscs + snap.n_hooks + snap.n_entries +
		                     snap.n_actions + snap.n_progs,
		             0);
		cr_expect_eq(snap.n_gaps, 1);
		cr_expect_eq(snap.facets, FACETS_ALL & ~(uint32_t)FACET_PROGS);
	}
	cr_expect_str_eq(snap.gaps[0].where, "here");
	seal_ok(&snap);
	snap_done(&snap);
}

/** Every limit from nothing to enough: -ENOMEM and nothing else, until it works. */
Test(snapshot, limits)
{
	bool done = false;

	for (size_t limit = 1; !done; limit += 37) {
		struct snapshot snap;
		struct err err = {0};
		int r = 0;

		snap_init(&snap, limit);
		if (fixture_fill(&snap) == 0) {
			r = snap_seal(&snap, &err);
			done = r == 0;
			cr_assert(r == 0 || r == -ENOMEM, "limit %zu: %d %s", limit, r, err.text);
		}
		cr_assert_leq(snap.arena.used_bytes, limit);
		snap_done(&snap);
		cr_assert_eq(snap.arena.used_bytes, 0);
		cr_assert_lt(limit, 1 << 20, "never enough");
	}
}

Test(snapshot, failed_add_changes_nothing)
{
	struct snapshot snap;
	struct snap_netns row = {.inode = 9};
	uint32_t idx = 77;

	snap_init(&snap, sizeof(row) - 1);
	cr_expect_eq(snap_add_netns(&snap, &row, &idx), -ENOMEM);
	cr_expect_eq(snap.n_netns, 0);
	cr_expect_eq(idx, 77);
	cr_expect_eq(snap_add_gap(&snap, GAP_LIMIT, "a long text that does not fit in there at all",
	                          "because the limit of the arena is reached before its end, for "
	                          "certain, as it is longer than a row of the table of namespaces "
	                          "and that is the limit: one byte less than such a row"),
	             -ENOMEM);
	cr_expect_eq(snap.n_gaps, 0);
	cr_expect_eq(snap.facets, FACETS_ALL);
	cr_expect_eq(snap.arena.used_bytes, 0);
	snap_done(&snap);
	snap_done(NULL);
}

static const struct label_case {
	const char *want;
	struct snap_netns netns;
	size_t size;
} label_cases[] = {
	{"host", {.host = true, .process = "init", .n_kept_pids = 1, .pids = {1}}, 64},
	{"sleep[77]", {.process = "sleep", .n_kept_pids = 1, .pids = {77}, .inode = 5}, 64},
	{"net:[4026532500]", {.inode = 4026532500}, 64},
	{"net:[5]", {.inode = 5, .n_kept_pids = 1, .pids = {77}}, 64},
	{"net:[402", {.inode = 4026532500}, 9},
};

Test(snapshot, labels)
{
	const char *names[] = {"blue", "green"};
	struct snap_netns named = {.names = names, .n_names = 2, .process = "x", .n_kept_pids = 1};
	char buf[64];

	for (size_t i = 0; i < COUNT_OF(label_cases); i++) {
		const struct label_case *c = &label_cases[i];

		cr_expect_str_eq(snap_netns_label(&c->netns, buf, c->size), c->want);
	}
	cr_expect_str_eq(snap_netns_label(&named, buf, sizeof(buf)), "blue");
	named.host = true;
	cr_expect_str_eq(snap_netns_label(&named, buf, sizeof(buf)), "host");
}

/** Thousands of gaps and of rows: time that grows with their square would be minutes. */
Test(snapshot, large, .timeout = 120)
{
	struct snapshot snap;
	char where[32];

	snap_init(&snap, SNAP_ARENA_BYTES);
	for (uint32_t i = 0; i < 200000; i++) {
		(void)snprintf(where, sizeof(where), "netns %u", i % 50000);
		cr_assert_eq(snap_add_gap(&snap, GAP_NETNS_UNREADABLE, where, "EPERM"), 0);
	}
	for (uint32_t i = 0; i < 100000; i++) {
		struct snap_netns netns = {.inode = (i * UINT64_C(2654435761)) % 4294967291};
		struct snap_link link = {.netns = i,
		                         .ifindex = 2,
		                         .name = "eth0",
		                         .has_peer = true,
		                         .peer_ifindex = 2,
		                         .peer_inode = netns.inode};

		netns.inode += 1;
		link.peer_inode += 1;
		cr_assert_eq(snap_add_netns(&snap, &netns, NULL), 0);
		cr_assert_eq(snap_add_link(&snap, &link, NULL), 0);
	}
	seal_ok(&snap);
	cr_expect_eq(snap.n_gaps, 50000);
	for (uint32_t i = 0; i < snap.n_links; i++) {
		cr_assert_eq(snap.links[i].peer, i);
		cr_assert_eq(snap.netns[i].first_link, i);
		cr_assert(i == 0 || snap.netns[i - 1].inode < snap.netns[i].inode);
	}
	snap_done(&snap);
}
