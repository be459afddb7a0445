/* SPDX-License-Identifier: Apache-2.0 */
/**
 * idmap.h - ids of kernel objects to table indexes; private to bpf/.
 */
#ifndef TCAUDIT_BPF_IDMAP_H
#define TCAUDIT_BPF_IDMAP_H

#include "model/attrs.h"

#include <stdbool.h>
#include <stdint.h>

/** Open addressing. Zero-initialised: empty. Ids are never 0. */
struct idmap {
	struct idmap_slot *slots;
	uint32_t n, n_slots;
};

void idmap_done(struct idmap *map);

/** @return whether @p id is there, and its value in @p ret (may be NULL). */
bool idmap_find(const struct idmap *map, uint32_t id, uint32_t *ret);

/** Add an id that is not there yet. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int idmap_add(struct idmap *map, uint32_t id, uint32_t value);

#endif
