/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First part of sealing: one spelling for everything that can be said in several ways. What a
 * file does not keep is set to what the loader will find there, so that an analysis cannot tell a
 * live snapshot from its file.
 */
#include "model/abi.h"
#include "model/snapshot_rows.h"
#include "model/text.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int u32_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static bool is_ascending(const uint32_t *list, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		if (list[i - 1] >= list[i]) {
			return false;
		}
	}
	return true;
}

/** Sort in place and drop repetitions. @return how many are left. */
static uint32_t sort_u32(uint32_t *list, uint32_t n)
{
	uint32_t kept = 0;

	qsort(list, n, sizeof(*list), u32_cmp);
	for (uint32_t i = 0; i < n; i++) {
		if (kept == 0 || list[kept - 1] != list[i]) {
			list[kept++] = list[i];
		}
	}
	return kept;
}

/** Replace a list that is not ascending by a copy that is. @return 0 or -ENOMEM. */
static int order_list(struct arena *arena, const uint32_t **list, uint32_t *n)
{
	if (is_ascending(*list, *n)) {
		return 0;
	}

	uint32_t *copy = arena_alloc(arena, (size_t)*n * sizeof(*copy));

	if (!copy) {
		return -ENOMEM;
	}
	memcpy(copy, *list, (size_t)*n * sizeof(*copy));
	*n = sort_u32(copy, *n);
	*list = copy;
	return 0;
}

static int name_cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void order_names(struct snap_netns *netns)
{
	bool sorted = true;
	uint32_t kept = 0;

	for (uint32_t i = 1; i < netns->n_names; i++) {
		sorted = sorted && strcmp(netns->names[i - 1], netns->names[i]) < 0;
	}
	if (sorted) {
		return;
	}
	qsort(netns->names, netns->n_names, sizeof(*netns->names), name_cmp);
	for (uint32_t i = 0; i < netns->n_names; i++) {
		if (kept == 0 || strcmp(netns->names[kept - 1], netns->names[i]) != 0) {
			netns->names[kept++] = netns->names[i];
		}
	}
	netns->n_names = kept;
}

static void normalise_netns(struct snap_netns *netns)
{
	assert(netns->n_kept_pids <= SNAP_MAX_PIDS);
	order_names(netns);
	netns->n_kept_pids = sort_u32(netns->pids, netns->n_kept_pids);
	if (netns->n_pids < netns->n_kept_pids) {
		netns->n_pids = netns->n_kept_pids;
	}
}

/** A message without a name makes a nameless row, never a missing one. */
static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static void normalise_link(struct snap_link *link)
{
	link->name = text_or_empty(link->name);
	link->peer = SNAP_NONE;
	if (!link->has_peer || link->peer_ifindex == 0) {
		link->has_peer = false;
		link->peer_ifindex = 0;
		link->peer_inode = 0;
	}
}

static int normalise_hook(struct arena *arena, struct snap_hook *hook)
{
	if (hook->type != HOOK_QDISC) {
		hook->classid = 0;
	}
	if (!hook->has_revision) {
		hook->revision = 0;
	}
	return order_list(arena, &hook->chains, &hook->n_chains);
}

static void normalise_entry(struct snap_entry *entry, enum hook_type type)
{
	assert(entry->pref <= UINT16_MAX);
	entry->kind = text_or_empty(entry->kind);
	entry->is_filter = snap_hook_has_filters(type);
	if (!entry->is_filter) {
		entry->direct_action = true;
		entry->protocol = ABI_ETH_P_ALL;
		entry->pref = 0;
		entry->handle = 0;
		entry->chain = 0;
		entry->skip_sw = false;
		entry->skip_hw = false;
		entry->in_hw = false;
	} else if (strcmp(entry->kind, "bpf") != 0) {
		entry->direct_action = false;
	}
	entry->classic_codes &= CODES_ALL;
}

static void normalise_action(struct snap_action *action)
{
	action->kind = text_or_empty(action->kind);
	if (action->control != ACT_JUMP && action->control != ACT_GOTO_CHAIN) {
		action->control_arg = 0;
	}
}

static int normalise_progs(struct snapshot *snap)
{
	int r = 0;

	for (uint32_t i = 0; i < snap->n_progs && r == 0; i++) {
		struct snap_prog *prog = &snap->progs[i];

		prog->returns.codes &= CODES_ALL;
		r = order_list(&snap->arena, &prog->map_ids, &prog->n_map_ids);
		if (r == 0) {
			r = order_list(&snap->arena, &prog->tail_calls, &prog->n_tail_calls);
		}
	}
	return r;
}

int snap_normalise(struct snapshot *snap)
{
	for (uint32_t i = 0; i < snap->n_netns; i++) {
		normalise_netns(&snap->netns[i]);
	}
	for (uint32_t i = 0; i < snap->n_links; i++) {
		normalise_link(&snap->links[i]);
	}
	for (uint32_t i = 0; i < snap->n_qdiscs; i++) {
		snap->qdiscs[i].kind = text_or_empty(snap->qdiscs[i].kind);
	}
	for (uint32_t i = 0; i < snap->n_hooks; i++) {
		if (normalise_hook(&snap->arena, &snap->hooks[i]) < 0) {
			return -ENOMEM;
		}
	}
	for (uint32_t i = 0; i < snap->n_entries; i++) {
		assert(snap->entries[i].hook < snap->n_hooks);
		normalise_entry(&snap->entries[i], snap->hooks[snap->entries[i].hook].type);
	}
	for (uint32_t i = 0; i < snap->n_actions; i++) {
		normalise_action(&snap->actions[i]);
	}
	return normalise_progs(snap);
}
