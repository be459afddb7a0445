/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/netns_set.h"

#include "model/text.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 256u
#define FIRST_NAMES 4u

void netns_set_done(struct netns_set *set)
{
	void *rows = set->rows;

	if (rows) {
		arena_release(set->arena, &rows, &set->cap, sizeof(*set->rows));
	}
	free(set->slots);
	*set = (struct netns_set){.arena = set->arena};
}

static uint32_t slot_of(const struct netns_set *set, struct netns_id id)
{
	uint64_t hash = text_hash(TEXT_HASH_SEED, &id.inode, sizeof(id.inode));
	uint32_t mask = set->n_slots - 1;
	uint32_t at = (uint32_t)(hash ^ hash >> 32) & mask;

	while (set->slots[at] != 0 && !netns_id_eq(set->rows[set->slots[at] - 1].id, id)) {
		at = (at + 1) & mask;
	}
	return at;
}

struct netns_seen *netns_set_find(const struct netns_set *set, struct netns_id id)
{
	uint32_t row = set->n_slots ? set->slots[slot_of(set, id)] : 0;

	return row ? &set->rows[row - 1] : NULL;
}

/** Keep the table at most half full. @return 0 or -ENOMEM. */
static int grow_slots(struct netns_set *set)
{
	if (set->n_slots / 2 > set->n) {
		return 0;
	}
	uint32_t n = set->n_slots ? set->n_slots * 2 : FIRST_SLOTS;
	uint32_t *slots = calloc(n, sizeof(*slots));

	if (!slots) {
		return -ENOMEM;
	}
	free(set->slots);
	set->slots = slots;
	set->n_slots = n;
	for (uint32_t i = 0; i < set->n; i++) {
		assert(set->rows);
		set->slots[slot_of(set, set->rows[i].id)] = i + 1;
	}
	return 0;
}

struct netns_seen *netns_set_get(struct netns_set *set, struct netns_id id)
{
	struct netns_seen *old = netns_set_find(set, id);
	void *rows = set->rows;

	if (old) {
		return old;
	}
	if (grow_slots(set) < 0 ||
	    arena_reserve(set->arena, &rows, set->n, &set->cap, sizeof(*set->rows)) < 0) {
		return NULL;
	}
	set->rows = rows;

	/* The slot is found before the row is counted: an empty one, as the row is new. */
	uint32_t at = slot_of(set, id);

	set->rows[set->n] = (struct netns_seen){.id = id};
	set->slots[at] = ++set->n;
	return &set->rows[set->n - 1];
}

void netns_seen_add_pid(struct netns_seen *seen, uint32_t pid)
{
	if (seen->last_pid == pid) {
		return;
	}
	for (uint32_t i = 0; i < seen->n_kept_pids; i++) {
		if (seen->pids[i] == pid) {
			return;
		}
	}
	seen->last_pid = pid;
	seen->n_pids++;

	uint32_t at = seen->n_kept_pids;

	if (at == SNAP_MAX_PIDS) {
		if (pid > seen->pids[SNAP_MAX_PIDS - 1]) {
			return;
		}
		at--;
	} else {
		seen->n_kept_pids++;
	}
	for (; at > 0 && seen->pids[at - 1] > pid; at--) {
		seen->pids[at] = seen->pids[at - 1];
	}
	seen->pids[at] = pid;
}

int netns_set_add_name(struct netns_set *set, struct netns_seen *seen, const char *bytes)
{
	const char *name = text_import(set->arena, bytes, strlen(bytes));

	if (!name) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < seen->n_names; i++) {
		if (text_eq(seen->names[i], name)) {
			return 0;
		}
	}
	if (seen->n_names == NETNS_MAX_NAMES) {
		seen->names_cut = true;
		return 0;
	}
	if (seen->n_names == seen->cap_names) {
		uint32_t cap = seen->cap_names ? seen->cap_names * 2 : FIRST_NAMES;
		const char **names = arena_alloc(set->arena, cap * sizeof(*names));

		if (!names) {
			return -ENOMEM;
		}
		for (uint32_t i = 0; i < seen->n_names; i++) {
			names[i] = seen->names[i];
		}
		seen->names = names;
		seen->cap_names = cap;
	}
	seen->names[seen->n_names++] = name;
	return 0;
}
