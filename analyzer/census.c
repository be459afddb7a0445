/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/census.h"

#include "analyzer/order.h"
#include "analyzer/outcome.h"
#include "model/text.h"

#include <errno.h>

/** Index into findings.vendors, or SNAP_NONE. */
static uint32_t vendor_of(const struct findings *f, uint32_t entry)
{
	const char *id = f->entry_vendors != NULL ? f->entry_vendors[entry] : NULL;

	for (uint32_t i = 0; id != NULL && i < f->n_vendors; i++) {
		if (f->vendors[i].id == id || text_eq(f->vendors[i].id, id)) {
			return i;
		}
	}
	return SNAP_NONE;
}

static void count(struct census *census, enum census_group group, uint32_t vendor)
{
	census->n[group]++;
	if (vendor == SNAP_NONE) {
		census->unnamed[group]++;
	} else {
		census->vendors[group][vendor] = true;
	}
}

static void count_filter(const struct snap_entry *entry, uint32_t vendor, struct census *census)
{
	count(census, CENSUS_TC, vendor);
	if (entry->chain != 0) {
		return;
	}
	if (entry->pref <= 1) {
		count(census, CENSUS_AT_1, vendor);
	} else if (entry->pref <= CENSUS_HIGH) {
		count(census, CENSUS_TO_10, vendor);
	} else {
		count(census, CENSUS_ABOVE, vendor);
	}
}

static void count_entry(const struct context *ctx, const struct findings *f, uint32_t entry,
                        struct census *census)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	enum effect effect = ctx->effects[entry];

	if (ctx->own[entry] || !outcome_is_bpf(row) || (row->is_filter && row->handle == 0)) {
		return;
	}

	uint32_t vendor = vendor_of(f, entry);

	switch (ctx->snap->hooks[row->hook].type) {
	case HOOK_XDP:
		count(census, CENSUS_XDP, vendor);
		return;
	case HOOK_QDISC:
		return;
	case HOOK_TCX_INGRESS:
	case HOOK_TCX_EGRESS:
		count(census, CENSUS_TCX, vendor);
		break;
	case HOOK_NETKIT_PRIMARY:
	case HOOK_NETKIT_PEER:
		count(census, CENSUS_NETKIT, vendor);
		break;
	case HOOK_CLSACT_INGRESS:
	case HOOK_INGRESS:
	case HOOK_CLSACT_EGRESS:
		count_filter(row, vendor, census);
		break;
	}
	if (effect == EFFECT_ENDS || effect == EFFECT_MAY_END) {
		count(census, CENSUS_ENDERS, vendor);
	}
}

int census_take(const struct context *ctx, const struct findings *f, struct census *ret)
{
	struct census census = {0};

	for (uint32_t i = 0; i < N_CENSUS_GROUPS; i++) {
		census.vendors[i] = arena_alloc(ctx->scratch, f->n_vendors + 1);
		if (census.vendors[i] == NULL) {
			return -ENOMEM;
		}
	}
	for (uint32_t i = 0; i < ctx->snap->n_entries; i++) {
		count_entry(ctx, f, i, &census);
	}
	for (uint32_t i = 0; i < ctx->snap->n_hooks; i++) {
		const struct snap_hook *hook = &ctx->snap->hooks[i];

		census.ingress_qdiscs += hook->type == HOOK_INGRESS ? 1 : 0;
		census.shared_blocks += hook->block != 0 && order_is_agent_hook(hook->type) ? 1 : 0;
	}
	*ret = census;
	return 0;
}

uint32_t census_classifiers(const struct census *census)
{
	return census->n[CENSUS_TC] + census->n[CENSUS_TCX] + census->n[CENSUS_NETKIT];
}

const char *census_text(const struct census *census, const struct findings *f,
                        enum census_group group, struct arena *arena)
{
	const char *names = "";

	for (uint32_t i = 0; i < f->n_vendors && names != NULL; i++) {
		if (census->vendors[group][i]) {
			names = arena_printf(arena, "%s%s%s", names, names[0] != '\0' ? ", " : "",
			                     f->vendors[i].name);
		}
	}
	if (names != NULL && names[0] != '\0' && census->unnamed[group] > 0) {
		names = arena_printf(arena, "%s, %u not identified", names, census->unnamed[group]);
	}
	if (names == NULL) {
		return NULL;
	}
	return names[0] != '\0' ? arena_printf(arena, "%u (%s)", census->n[group], names)
	                        : arena_printf(arena, "%u", census->n[group]);
}
