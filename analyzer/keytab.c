/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/keytab.h"

#include "model/snapshot.h"

#include <assert.h>
#include <errno.h>

#define FIRST_CAP 64u

/** @return the slot that holds @p key, or the free one where it belongs. */
static struct keytab_slot *slot_of(struct keytab_slot *slots, uint32_t cap, uint64_t key)
{
	uint32_t at = (uint32_t)(key ^ (key >> 32)) & (cap - 1);

	while (slots[at].row != 0 && slots[at].key != key) {
		at = (at + 1) & (cap - 1);
	}
	return &slots[at];
}

uint32_t keytab_find(const struct keytab *tab, uint64_t key)
{
	if (tab->cap == 0) {
		return SNAP_NONE;
	}

	const struct keytab_slot *slot = slot_of(tab->slots, tab->cap, key);

	return slot->row == 0 ? SNAP_NONE : slot->row - 1;
}

static int grow(struct keytab *tab)
{
	uint32_t cap = tab->cap == 0 ? FIRST_CAP : tab->cap * 2;
	/* The old slots stay in the arena: all of them together are smaller than the new ones. */
	struct keytab_slot *slots = arena_alloc(tab->arena, cap * sizeof(*slots));

	if (slots == NULL) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < tab->cap; i++) {
		if (tab->slots[i].row != 0) {
			*slot_of(slots, cap, tab->slots[i].key) = tab->slots[i];
		}
	}
	tab->slots = slots;
	tab->cap = cap;
	return 0;
}

int keytab_put(struct keytab *tab, uint64_t key, uint32_t row)
{
	if (tab->n >= tab->cap / 2) {
		int r = grow(tab);

		if (r < 0) {
			return r;
		}
	}

	struct keytab_slot *slot = slot_of(tab->slots, tab->cap, key);

	assert(slot->row == 0);
	*slot = (struct keytab_slot){.key = key, .row = row + 1};
	tab->n++;
	return 0;
}
