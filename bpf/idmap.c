/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/idmap.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define FIRST_SLOTS 256u

struct idmap_slot {
	uint32_t id; /* 0: empty */
	uint32_t value;
};

void idmap_done(struct idmap *map)
{
	free(map->slots);
	*map = (struct idmap){0};
}

/** Ids are handed out in sequence; an odd multiplier spreads them over the table. */
static struct idmap_slot *slot_of(const struct idmap *map, uint32_t id)
{
	uint32_t mask = map->n_slots - 1;
	uint32_t at = (id * UINT32_C(2654435761)) & mask;

	while (map->slots[at].id != 0 && map->slots[at].id != id) {
		at = (at + 1) & mask;
	}
	return &map->slots[at];
}

bool idmap_find(const struct idmap *map, uint32_t id, uint32_t *ret)
{
	const struct idmap_slot *slot = map->n_slots ? slot_of(map, id) : NULL;

	if (!slot || slot->id == 0) {
		return false;
	}
	if (ret) {
		*ret = slot->value;
	}
	return true;
}

/** Keep the table at most half full. */
static int grow(struct idmap *map)
{
	struct idmap old = *map;

	if (map->n_slots / 2 > map->n) {
		return 0;
	}
	uint32_t n = old.n_slots ? old.n_slots * 2 : FIRST_SLOTS;
	struct idmap_slot *slots = calloc(n, sizeof(*slots));

	if (!slots) {
		return -ENOMEM;
	}
	map->slots = slots;
	map->n_slots = n;
	for (uint32_t i = 0; i < old.n_slots; i++) {
		if (old.slots[i].id != 0) {
			*slot_of(map, old.slots[i].id) = old.slots[i];
		}
	}
	free(old.slots);
	return 0;
}

int idmap_add(struct idmap *map, uint32_t id, uint32_t value)
{
	int r = grow(map);

	assert(id != 0);
	if (r < 0) {
		return r;
	}
	struct idmap_slot *slot = slot_of(map, id);

	assert(slot->id == 0);
	*slot = (struct idmap_slot){.id = id, .value = value};
	map->n++;
	return 0;
}
