/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/spot.h"

struct spot spot_of(const struct snapshot *snap, const struct place *at)
{
	struct spot spot = {.prog_id = at->prog_id};
	uint32_t hook = at->hook;
	uint32_t link = at->link;
	uint32_t netns = at->netns;

	if (at->entry < snap->n_entries) {
		spot.entry = &snap->entries[at->entry];
		hook = spot.entry->hook;
		spot.prog_id = at->prog_id != 0 ? at->prog_id : spot.entry->prog_id;
	}
	if (hook < snap->n_hooks) {
		spot.hook = &snap->hooks[hook];
		link = spot.hook->link;
	}
	if (link < snap->n_links) {
		spot.link = &snap->links[link];
		netns = spot.link->netns;
	}
	if (netns < snap->n_netns) {
		spot.netns = &snap->netns[netns];
	}
	return spot;
}
