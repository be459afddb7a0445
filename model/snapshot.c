/* SPDX-License-Identifier: Apache-2.0 */
#include "model/snapshot.h"

#include "model/snapshot_rows.h"
#include "model/text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/** Gaps looked back at for an equal one when a gap comes in; sealing merges the rest. */
#define GAP_LOOK_BACK 8u

void snap_init(struct snapshot *snap, size_t limit_bytes)
{
	*snap = (struct snapshot){.facets = FACETS_ALL};
	arena_init(&snap->arena, limit_bytes);
}

/** Free one table. The pointer changes its type on the way, so it goes through a void one. */
#define RELEASE(snap, table)                                                                       \
	do {                                                                                       \
		void *rows = (snap)->table;                                                        \
		arena_release(&(snap)->arena, &rows, &(snap)->cap_##table,                         \
		              sizeof(*(snap)->table));                                             \
		(snap)->table = NULL;                                                              \
		(snap)->n_##table = 0;                                                             \
	} while (0)

void snap_done(struct snapshot *snap)
{
	if (!snap) {
		return;
	}
	RELEASE(snap, netns);
	RELEASE(snap, links);
	RELEASE(snap, qdiscs);
	RELEASE(snap, hooks);
	RELEASE(snap, entries);
	RELEASE(snap, actions);
	RELEASE(snap, progs);
	RELEASE(snap, maps);
	RELEASE(snap, pins);
	RELEASE(snap, processes);
	RELEASE(snap, gaps);
	arena_done(&snap->arena);
	*snap = (struct snapshot){.arena.limit_bytes = snap->arena.limit_bytes,
	                          .facets = FACETS_ALL};
}

struct snap_mark snap_mark(const struct snapshot *snap)
{
	return (struct snap_mark){
		.arena = arena_mark(&snap->arena),
		.n_netns = snap->n_netns,
		.n_links = snap->n_links,
		.n_qdiscs = snap->n_qdiscs,
		.n_hooks = snap->n_hooks,
		.n_entries = snap->n_entries,
		.n_actions = snap->n_actions,
		.n_progs = snap->n_progs,
		.n_maps = snap->n_maps,
		.n_pins = snap->n_pins,
		.n_processes = snap->n_processes,
		.n_gaps = snap->n_gaps,
		.facets = snap->facets,
	};
}

void snap_rewind(struct snapshot *snap, struct snap_mark mark)
{
	assert(!snap->sealed);
	snap->n_netns = mark.n_netns;
	snap->n_links = mark.n_links;
	snap->n_qdiscs = mark.n_qdiscs;
	snap->n_hooks = mark.n_hooks;
	snap->n_entries = mark.n_entries;
	snap->n_actions = mark.n_actions;
	snap->n_progs = mark.n_progs;
	snap->n_maps = mark.n_maps;
	snap->n_pins = mark.n_pins;
	snap->n_processes = mark.n_processes;
	snap->n_gaps = mark.n_gaps;
	snap->facets = mark.facets;
	arena_rewind(&snap->arena, mark.arena);
}

/** One function to append a row to one table; indexes stay below SNAP_NONE. */
#define DEFINE_ADD(fn, type, table)                                                                \
	int fn(struct snapshot *snap, const struct type *row, uint32_t *ret_idx)                   \
	{                                                                                          \
		void *rows = snap->table;                                                          \
                                                                                                   \
		assert(!snap->sealed);                                                             \
		if (snap->n_##table == SNAP_NONE - 1 ||                                            \
		    arena_reserve(&snap->arena, &rows, snap->n_##table, &snap->cap_##table,        \
		                  sizeof(*row)) < 0) {                                             \
			return -ENOMEM;                                                            \
		}                                                                                  \
		snap->table = rows;                                                                \
		snap->table[snap->n_##table] = *row;                                               \
		if (ret_idx) {                                                                     \
			*ret_idx = snap->n_##table;                                                \
		}                                                                                  \
		snap->n_##table++;                                                                 \
		return 0;                                                                          \
	}

DEFINE_ADD(snap_add_netns, snap_netns, netns)
DEFINE_ADD(snap_add_link, snap_link, links)
DEFINE_ADD(snap_add_qdisc, snap_qdisc, qdiscs)
DEFINE_ADD(snap_add_hook, snap_hook, hooks)
DEFINE_ADD(snap_add_entry, snap_entry, entries)
DEFINE_ADD(snap_add_action, snap_action, actions)
DEFINE_ADD(snap_add_prog, snap_prog, progs)
DEFINE_ADD(snap_add_map, snap_map, maps)
DEFINE_ADD(snap_add_pin, snap_pin, pins)
DEFINE_ADD(snap_add_process, snap_process, processes)
DEFINE_ADD(snap_add_gap_row, snap_gap, gaps)

/** Import text that may be NULL. @return false at the arena's limit. */
static bool import(struct arena *arena, const char *text, const char **ret)
{
	*ret = text ? text_import(arena, text, SIZE_MAX) : NULL;
	return !text || *ret;
}

/** The same gap among the last few? Repeated failures come in a row. */
static bool seen_lately(const struct snapshot *snap, const struct snap_gap *gap)
{
	uint32_t back = snap->n_gaps < GAP_LOOK_BACK ? snap->n_gaps : GAP_LOOK_BACK;

	for (uint32_t i = snap->n_gaps - back; i < snap->n_gaps; i++) {
		if (snap_gap_cmp(&snap->gaps[i], gap) == 0) {
			return true;
		}
	}
	return false;
}

int snap_add_gap(struct snapshot *snap, enum gap_kind kind, const char *where, const char *error)
{
	struct arena_mark before = arena_mark(&snap->arena);
	struct snap_gap gap = {
		.kind = kind, .word = gap_kind_word(kind), .hint = gap_kind_hint(kind)};
	int r = -ENOMEM;

	if (import(&snap->arena, where, &gap.where) && import(&snap->arena, error, &gap.error)) {
		r = seen_lately(snap, &gap) ? 1 : snap_add_gap_row(snap, &gap, NULL);
	}
	if (r != 0) {
		arena_rewind(&snap->arena, before);
	}
	if (r >= 0) {
		snap->facets &= ~gap_kind_facets(kind);
	}
	return r < 0 ? r : 0;
}

int snap_gap_cmp(const struct snap_gap *a, const struct snap_gap *b)
{
	int r = (a->kind > b->kind) - (a->kind < b->kind);

	if (r == 0) {
		r = text_cmp(a->word, b->word); /* differs for GAP_FROM_FILE alone */
	}
	if (r == 0) {
		r = text_cmp(a->where, b->where);
	}
	return r != 0 ? r : text_cmp(a->error, b->error);
}

bool snap_hook_has_filters(enum hook_type type)
{
	switch (type) {
	case HOOK_CLSACT_INGRESS:
	case HOOK_INGRESS:
	case HOOK_CLSACT_EGRESS:
	case HOOK_QDISC:
		return true;
	case HOOK_XDP:
	case HOOK_TCX_INGRESS:
	case HOOK_TCX_EGRESS:
	case HOOK_NETKIT_PRIMARY:
	case HOOK_NETKIT_PEER:
		return false;
	}
	return false;
}

const struct snap_prog *snap_find_prog(const struct snapshot *snap, uint32_t id)
{
	uint32_t low = 0;
	uint32_t high = snap->n_progs;

	assert(snap->sealed);
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (snap->progs[mid].id < id) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low < snap->n_progs && snap->progs[low].id == id ? &snap->progs[low] : NULL;
}

const struct snap_map *snap_find_map(const struct snapshot *snap, uint32_t id)
{
	uint32_t low = 0;
	uint32_t high = snap->n_maps;

	assert(snap->sealed);
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (snap->maps[mid].id < id) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low < snap->n_maps && snap->maps[low].id == id ? &snap->maps[low] : NULL;
}

const struct snap_returns *snap_paths_of(const struct snapshot *snap, const struct snap_prog *prog)
{
	const struct snap_prog *same =
		prog->returns.same_as != 0 ? snap_find_prog(snap, prog->returns.same_as) : NULL;

	return same ? &same->returns : &prog->returns;
}

const struct snap_netns *snap_find_netns(const struct snapshot *snap, uint64_t inode)
{
	uint32_t low = 0;
	uint32_t high = snap->n_netns;

	assert(snap->sealed);
	if (inode == 0) {
		return NULL; /* stands for "not known" */
	}
	/* the host's comes first, whatever its inode */
	if (high > 0 && snap->netns[0].host) {
		if (snap->netns[0].inode == inode) {
			return &snap->netns[0];
		}
		low = 1;
	}
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (snap->netns[mid].inode < inode) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low < snap->n_netns && snap->netns[low].inode == inode ? &snap->netns[low] : NULL;
}

const struct snap_link *snap_find_link(const struct snapshot *snap, uint32_t netns,
                                       uint32_t ifindex)
{
	assert(snap->sealed && netns < snap->n_netns);

	uint32_t low = snap->netns[netns].first_link;
	uint32_t end = low + snap->netns[netns].n_links;
	uint32_t high = end;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (snap->links[mid].ifindex < ifindex) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low < end && snap->links[low].ifindex == ifindex ? &snap->links[low] : NULL;
}

const struct snap_hook *snap_link_hook(const struct snapshot *snap, const struct snap_link *link,
                                       enum hook_type type)
{
	assert(snap->sealed);
	for (uint32_t i = 0; i < link->n_hooks; i++) {
		const struct snap_hook *hook = &snap->hooks[link->first_hook + i];

		if (hook->type == type) {
			return hook;
		}
	}
	return NULL;
}

const char *snap_netns_label(const struct snap_netns *netns, char *buf, size_t size)
{
	if (netns->host) {
		(void)snprintf(buf, size, "host");
	} else if (netns->n_names > 0) {
		(void)snprintf(buf, size, "%s", netns->names[0]);
	} else if (netns->process && netns->n_kept_pids > 0) {
		(void)snprintf(buf, size, "%s[%" PRIu32 "]", netns->process, netns->pids[0]);
	} else {
		(void)snprintf(buf, size, "net:[%" PRIu64 "]", netns->inode);
	}
	return buf;
}
