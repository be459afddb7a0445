/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing: from rows in the order they came in to sorted tables with ranges.
 *
 * Tables are sorted from the top down, so that the index of a row's parent is final when the row
 * is compared. A table is permuted in place; the only memory needed is two numbers for each row of
 * the longest one.
 */
#include "model/snapshot_rows.h"
#include "model/text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/** Largest row of any table. */
#define MAX_ROW_BYTES 256

_Static_assert(sizeof(struct snap_netns) <= MAX_ROW_BYTES, "fits");
_Static_assert(sizeof(struct snap_link) <= MAX_ROW_BYTES, "fits");
_Static_assert(sizeof(struct snap_qdisc) <= MAX_ROW_BYTES, "fits");
_Static_assert(sizeof(struct snap_hook) <= MAX_ROW_BYTES, "fits");
_Static_assert(sizeof(struct snap_entry) <= MAX_ROW_BYTES, "fits");
_Static_assert(sizeof(struct snap_action) <= MAX_ROW_BYTES, "fits");
_Static_assert(sizeof(struct snap_prog) <= MAX_ROW_BYTES, "fits");
_Static_assert(sizeof(struct snap_gap) <= MAX_ROW_BYTES, "fits");

/* A row begins with the index of its parent, which makes the steps below the same for all. */
_Static_assert(offsetof(struct snap_link, netns) == 0, "parent first");
_Static_assert(offsetof(struct snap_qdisc, link) == 0, "parent first");
_Static_assert(offsetof(struct snap_hook, link) == 0, "parent first");
_Static_assert(offsetof(struct snap_entry, hook) == 0, "parent first");
_Static_assert(offsetof(struct snap_action, entry) == 0, "parent first");

/** Order of two rows of one table. */
typedef int row_cmp(const void *a, const void *b);

/** A table as bytes. */
struct table {
	char *rows;
	uint32_t n;
	size_t row_bytes;
	row_cmp *cmp;
};

/** Numbers for the longest table; live in the snapshot's arena during sealing. */
struct scratch {
	uint32_t *perm;  /**< perm[new] = old. */
	uint32_t *remap; /**< remap[old] = new, or SNAP_NONE. */
};

static int cmp_u32(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int netns_cmp(const void *a, const void *b)
{
	const struct snap_netns *x = a;
	const struct snap_netns *y = b;

	if (x->host != y->host) {
		return x->host ? -1 : 1;
	}
	return (x->inode > y->inode) - (x->inode < y->inode);
}

static int link_cmp(const void *a, const void *b)
{
	const struct snap_link *x = a;
	const struct snap_link *y = b;
	int r = cmp_u32(x->netns, y->netns);

	return r != 0 ? r : cmp_u32(x->ifindex, y->ifindex);
}

static int qdisc_cmp(const void *a, const void *b)
{
	const struct snap_qdisc *x = a;
	const struct snap_qdisc *y = b;
	int r = cmp_u32(x->link, y->link);

	if (r == 0) {
		r = cmp_u32(x->parent, y->parent);
	}
	return r != 0 ? r : cmp_u32(x->handle, y->handle);
}

static int hook_cmp(const void *a, const void *b)
{
	const struct snap_hook *x = a;
	const struct snap_hook *y = b;
	int r = cmp_u32(x->link, y->link);

	if (r == 0) {
		r = cmp_u32(x->type, y->type);
	}
	return r != 0 ? r : cmp_u32(x->classid, y->classid);
}

static int entry_cmp(const void *a, const void *b)
{
	const struct snap_entry *x = a;
	const struct snap_entry *y = b;
	int r = cmp_u32(x->hook, y->hook);

	return r != 0 ? r : cmp_u32(x->order, y->order);
}

static int action_cmp(const void *a, const void *b)
{
	const struct snap_action *x = a;
	const struct snap_action *y = b;
	int r = cmp_u32(x->entry, y->entry);

	return r != 0 ? r : cmp_u32(x->order, y->order);
}

static int prog_cmp(const void *a, const void *b)
{
	const struct snap_prog *x = a;
	const struct snap_prog *y = b;

	return cmp_u32(x->id, y->id);
}

static int map_cmp(const void *a, const void *b)
{
	const struct snap_map *x = a;
	const struct snap_map *y = b;

	return cmp_u32(x->id, y->id);
}

static int pin_cmp(const void *a, const void *b)
{
	const struct snap_pin *x = a;
	const struct snap_pin *y = b;
	int r = text_cmp(x->path, y->path);

	if (r == 0) {
		r = cmp_u32(x->kind, y->kind);
	}
	return r != 0 ? r : cmp_u32(x->id, y->id);
}

static int process_cmp(const void *a, const void *b)
{
	const struct snap_process *x = a;
	const struct snap_process *y = b;

	return cmp_u32(x->pid, y->pid);
}

static int gap_cmp(const void *a, const void *b)
{
	return snap_gap_cmp(a, b);
}

static const void *row_at(const struct table *t, uint32_t i)
{
	return t->rows + (size_t)i * t->row_bytes;
}

/** qsort_r() over indexes: the rows' order, then that of insertion. */
static int index_cmp(const void *a, const void *b, void *arg)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;
	const struct table *t = arg;
	int r = t->cmp(row_at(t, x), row_at(t, y));

	return r != 0 ? r : cmp_u32(x, y);
}

/** Put rows where @p perm says, along its cycles; @p perm is used up. */
static void permute(const struct table *t, uint32_t *perm)
{
	char held[MAX_ROW_BYTES];

	for (uint32_t start = 0; start < t->n; start++) {
		uint32_t to = start;

		if (perm[start] == start) {
			continue;
		}
		memcpy(held, row_at(t, start), t->row_bytes);
		while (perm[to] != start) {
			uint32_t from = perm[to];

			memcpy(t->rows + (size_t)to * t->row_bytes, row_at(t, from), t->row_bytes);
			perm[to] = to;
			to = from;
		}
		memcpy(t->rows + (size_t)to * t->row_bytes, held, t->row_bytes);
		perm[to] = to;
	}
}

/** Sort a table and fill scratch->remap. Collectors mostly deliver in order: that is quick. */
static void sort_table(struct table t, struct scratch *scratch)
{
	bool sorted = true;

	for (uint32_t i = 0; i < t.n; i++) {
		scratch->perm[i] = i;
		scratch->remap[i] = i;
		sorted = sorted && (i == 0 || t.cmp(row_at(&t, i - 1), row_at(&t, i)) <= 0);
	}
	if (sorted) {
		return;
	}
	qsort_r(scratch->perm, t.n, sizeof(*scratch->perm), index_cmp, &t);
	for (uint32_t i = 0; i < t.n; i++) {
		scratch->remap[scratch->perm[i]] = i;
	}
	permute(&t, scratch->perm);
}

static uint32_t *parent_at(const struct table *t, uint32_t i)
{
	return (uint32_t *)(void *)(t->rows + (size_t)i * t->row_bytes);
}

/** Rows without a parent have been sorted to the end, as SNAP_NONE is the largest index. */
static uint32_t cut_orphans(const struct table *t, struct scratch *scratch)
{
	uint32_t kept = t->n;

	while (kept > 0 && *parent_at(t, kept - 1) == SNAP_NONE) {
		kept--;
	}
	if (kept < t->n) {
		for (uint32_t i = 0; i < t->n; i++) {
			scratch->remap[i] =
				scratch->remap[i] < kept ? scratch->remap[i] : SNAP_NONE;
		}
	}
	return kept;
}

/** Point the children of a table just sorted to their parents' new places. */
static void follow(const struct table *children, const struct scratch *scratch, uint32_t n_old)
{
	for (uint32_t i = 0; i < children->n; i++) {
		uint32_t *parent = parent_at(children, i);

		assert(*parent < n_old);
		*parent = scratch->remap[*parent];
	}
}

#define TABLE(snap, member, order)                                                                 \
	((struct table){(char *)(snap)->member, (snap)->n_##member, sizeof(*(snap)->member),       \
	                (order)})

static void sort_netns(struct snapshot *snap, struct scratch *scratch)
{
	struct table links = TABLE(snap, links, link_cmp);

	sort_table(TABLE(snap, netns, netns_cmp), scratch);
	follow(&links, scratch, snap->n_netns);
}

static void sort_links(struct snapshot *snap, struct scratch *scratch)
{
	struct table links = TABLE(snap, links, link_cmp);
	struct table qdiscs = TABLE(snap, qdiscs, qdisc_cmp);
	struct table hooks = TABLE(snap, hooks, hook_cmp);

	for (uint32_t i = 0; i < snap->n_links; i++) {
		if (snap->links[i].dead) {
			snap->links[i].netns = SNAP_NONE;
		}
	}
	sort_table(links, scratch);
	snap->n_links = cut_orphans(&links, scratch);
	follow(&qdiscs, scratch, links.n);
	follow(&hooks, scratch, links.n);
}

static void sort_hooks(struct snapshot *snap, struct scratch *scratch)
{
	struct table hooks = TABLE(snap, hooks, hook_cmp);
	struct table entries = TABLE(snap, entries, entry_cmp);

	sort_table(hooks, scratch);
	snap->n_hooks = cut_orphans(&hooks, scratch);
	follow(&entries, scratch, hooks.n);
}

static void sort_entries(struct snapshot *snap, struct scratch *scratch)
{
	struct table entries = TABLE(snap, entries, entry_cmp);
	struct table actions = TABLE(snap, actions, action_cmp);

	sort_table(entries, scratch);
	snap->n_entries = cut_orphans(&entries, scratch);
	follow(&actions, scratch, entries.n);
}

/** Tables that nothing points into. */
static void sort_leaves(struct snapshot *snap, struct scratch *scratch)
{
	struct table qdiscs = TABLE(snap, qdiscs, qdisc_cmp);
	struct table actions = TABLE(snap, actions, action_cmp);

	sort_table(qdiscs, scratch);
	snap->n_qdiscs = cut_orphans(&qdiscs, scratch);
	sort_table(actions, scratch);
	snap->n_actions = cut_orphans(&actions, scratch);
	sort_table(TABLE(snap, progs, prog_cmp), scratch);
	sort_table(TABLE(snap, maps, map_cmp), scratch);
	sort_table(TABLE(snap, pins, pin_cmp), scratch);
	sort_table(TABLE(snap, processes, process_cmp), scratch);
	sort_table(TABLE(snap, gaps, gap_cmp), scratch);
}

/** Equal gaps are neighbours now; the first of them stays. */
static void merge_gaps(struct snapshot *snap)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < snap->n_gaps; i++) {
		if (kept == 0 || snap_gap_cmp(&snap->gaps[kept - 1], &snap->gaps[i]) != 0) {
			snap->gaps[kept++] = snap->gaps[i];
		}
		snap->facets &= ~gap_kind_facets(snap->gaps[i].kind);
	}
	snap->n_gaps = kept;
}

/** Rows from *at on that belong to @p parent; *at moves behind them. */
static uint32_t count_children(const struct table *children, uint32_t parent, uint32_t *at)
{
	uint32_t first = *at;

	while (*at < children->n && *parent_at(children, *at) == parent) {
		++*at;
	}
	return *at - first;
}

static void range_links(struct snapshot *snap)
{
	struct table links = TABLE(snap, links, link_cmp);
	struct table hooks = TABLE(snap, hooks, hook_cmp);
	struct table qdiscs = TABLE(snap, qdiscs, qdisc_cmp);
	uint32_t link = 0;
	uint32_t hook = 0;
	uint32_t qdisc = 0;

	for (uint32_t i = 0; i < snap->n_netns; i++) {
		snap->netns[i].first_link = link;
		snap->netns[i].n_links = count_children(&links, i, &link);
	}
	for (uint32_t i = 0; i < snap->n_links; i++) {
		snap->links[i].first_hook = hook;
		snap->links[i].n_hooks = count_children(&hooks, i, &hook);
		snap->links[i].first_qdisc = qdisc;
		snap->links[i].n_qdiscs = count_children(&qdiscs, i, &qdisc);
	}
	assert(link == snap->n_links && hook == snap->n_hooks && qdisc == snap->n_qdiscs);
}

static void range_entries(struct snapshot *snap)
{
	struct table entries = TABLE(snap, entries, entry_cmp);
	struct table actions = TABLE(snap, actions, action_cmp);
	uint32_t entry = 0;
	uint32_t action = 0;

	for (uint32_t i = 0; i < snap->n_hooks; i++) {
		snap->hooks[i].first_entry = entry;
		snap->hooks[i].n_entries = count_children(&entries, i, &entry);
	}
	for (uint32_t i = 0; i < snap->n_entries; i++) {
		struct snap_entry *row = &snap->entries[i];

		row->order = i - snap->hooks[row->hook].first_entry;
		row->first_action = action;
		row->n_actions = count_children(&actions, i, &action);
	}
	for (uint32_t i = 0; i < snap->n_actions; i++) {
		struct snap_action *row = &snap->actions[i];

		row->order = i - snap->entries[row->entry].first_action;
	}
	assert(entry == snap->n_entries && action == snap->n_actions);
}

static int check_netns(const struct snapshot *snap, struct err *err)
{
	for (uint32_t i = 1; i < snap->n_netns; i++) {
		const struct snap_netns *row = &snap->netns[i];

		if (row->host) {
			return err_set(err, -EBADMSG,
			               "two namespaces are the host's: inodes %" PRIu64
			               " and %" PRIu64,
			               snap->netns[i - 1].inode, row->inode);
		}
		/* the host's stands apart from the order of inodes, so it is compared with all */
		if (row->inode != 0 && (row->inode == snap->netns[i - 1].inode ||
		                        row->inode == snap->netns[0].inode)) {
			return err_set(err, -EBADMSG, "namespace inode %" PRIu64 " is there twice",
			               row->inode);
		}
	}
	return 0;
}

static int check_links(const struct snapshot *snap, struct err *err)
{
	for (uint32_t i = 1; i < snap->n_links; i++) {
		const struct snap_link *row = &snap->links[i];

		if (link_cmp(&snap->links[i - 1], row) == 0) {
			return err_set(err, -EBADMSG,
			               "namespace inode %" PRIu64
			               " has two links with ifindex %" PRIu32,
			               snap->netns[row->netns].inode, row->ifindex);
		}
	}
	return 0;
}

static int check_hooks(const struct snapshot *snap, struct err *err)
{
	for (uint32_t i = 1; i < snap->n_hooks; i++) {
		const struct snap_hook *row = &snap->hooks[i];
		char word[32];

		if (hook_cmp(&snap->hooks[i - 1], row) == 0) {
			const struct snap_link *link = &snap->links[row->link];

			return err_set(err, -EBADMSG,
			               "namespace inode %" PRIu64 " ifindex %" PRIu32
			               " has hook %s twice",
			               snap->netns[link->netns].inode, link->ifindex,
			               snap_hook_word(row, word, sizeof(word)));
		}
	}
	return 0;
}

static int check_progs(const struct snapshot *snap, struct err *err)
{
	for (uint32_t i = 1; i < snap->n_progs; i++) {
		if (snap->progs[i - 1].id == snap->progs[i].id) {
			return err_set(err, -EBADMSG, "program id %" PRIu32 " is there twice",
			               snap->progs[i].id);
		}
	}
	for (uint32_t i = 1; i < snap->n_maps; i++) {
		if (snap->maps[i - 1].id == snap->maps[i].id) {
			return err_set(err, -EBADMSG, "map id %" PRIu32 " is there twice",
			               snap->maps[i].id);
		}
	}
	return 0;
}

static int check(const struct snapshot *snap, struct err *err)
{
	int r = check_netns(snap, err);

	if (r == 0) {
		r = check_links(snap, err);
	}
	if (r == 0) {
		r = check_hooks(snap, err);
	}
	return r < 0 ? r : check_progs(snap, err);
}

static void find_peers(struct snapshot *snap)
{
	for (uint32_t i = 0; i < snap->n_links; i++) {
		struct snap_link *link = &snap->links[i];
		const struct snap_netns *netns = snap_find_netns(snap, link->peer_inode);
		const struct snap_link *peer = NULL;

		if (link->has_peer && netns) {
			peer = snap_find_link(snap, (uint32_t)(netns - snap->netns),
			                      link->peer_ifindex);
		}
		link->peer = peer ? (uint32_t)(peer - snap->links) : SNAP_NONE;
	}
}

static uint32_t longest(const struct snapshot *snap)
{
	const uint32_t lengths[] = {
		snap->n_netns,   snap->n_links,     snap->n_qdiscs, snap->n_hooks,
		snap->n_entries, snap->n_actions,   snap->n_progs,  snap->n_maps,
		snap->n_pins,    snap->n_processes, snap->n_gaps,
	};
	uint32_t most = 0;

	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		most = lengths[i] > most ? lengths[i] : most;
	}
	return most;
}

/** Sort everything. @return 0 or -ENOMEM, with the tables as they were. */
static int sort_all(struct snapshot *snap)
{
	struct arena_mark before = arena_mark(&snap->arena);
	size_t bytes = (size_t)longest(snap) * sizeof(uint32_t);
	struct scratch scratch = {
		.perm = arena_alloc(&snap->arena, bytes),
		.remap = arena_alloc(&snap->arena, bytes),
	};

	if (scratch.perm && scratch.remap) {
		sort_netns(snap, &scratch);
		sort_links(snap, &scratch);
		sort_hooks(snap, &scratch);
		sort_entries(snap, &scratch);
		sort_leaves(snap, &scratch);
	}
	arena_rewind(&snap->arena, before);
	return scratch.perm && scratch.remap ? 0 : -ENOMEM;
}

int snap_seal(struct snapshot *snap, struct err *err)
{
	assert(!snap->sealed);
	if (snap_normalise(snap) < 0 || sort_all(snap) < 0) {
		return err_set(err, -ENOMEM, "sealing the snapshot: out of memory");
	}

	int r = check(snap, err);

	if (r < 0) {
		return r;
	}
	merge_gaps(snap);
	range_links(snap);
	range_entries(snap);
	snap->sealed = true;
	find_peers(snap);
	return 0;
}
