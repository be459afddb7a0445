/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/order.h"

#include "analyzer/outcome.h"
#include "model/abi.h"
#include "model/text.h"

bool order_is_agent_hook(enum hook_type type)
{
	return type == HOOK_CLSACT_INGRESS || type == HOOK_CLSACT_EGRESS || type == HOOK_INGRESS;
}

bool order_is_rival(const struct context *ctx, uint32_t entry)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];

	return !ctx->own[entry] && row->is_filter && row->chain == 0 &&
	       order_is_agent_hook(ctx->snap->hooks[row->hook].type);
}

bool order_is_agents(const struct context *ctx, uint32_t entry)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];

	return ctx->own[entry] && row->chain == 0 && row->handle != 0 &&
	       order_is_agent_hook(ctx->snap->hooks[row->hook].type);
}

bool order_refuses_agent(const struct snap_entry *entry)
{
	return !outcome_is_bpf(entry) || entry->protocol != ABI_ETH_P_ALL;
}

static uint32_t hook_index(const struct snapshot *snap, const struct snap_link *link,
                           enum hook_type type)
{
	const struct snap_hook *hook = snap_link_hook(snap, link, type);

	return hook == NULL ? SNAP_NONE : (uint32_t)(hook - snap->hooks);
}

void order_netkit_before(const struct snapshot *snap, uint32_t *ret_hook)
{
	for (uint32_t i = 0; i < snap->n_links; i++) {
		ret_hook[i] = SNAP_NONE;
	}
	for (uint32_t i = 0; i < snap->n_links; i++) {
		const struct snap_link *link = &snap->links[i];
		uint32_t peer_hook = hook_index(snap, link, HOOK_NETKIT_PEER);
		uint32_t primary_hook = hook_index(snap, link, HOOK_NETKIT_PRIMARY);

		if (peer_hook != SNAP_NONE) {
			ret_hook[i] = peer_hook;
		}
		if (primary_hook != SNAP_NONE && link->peer < snap->n_links) {
			ret_hook[link->peer] = primary_hook;
		}
	}
	/* One end may know the other although that one's namespace did not tell. */
	for (uint32_t i = 0; i < snap->n_links; i++) {
		uint32_t peer = snap->links[i].peer;

		if (ret_hook[i] == SNAP_NONE && peer < snap->n_links) {
			ret_hook[i] = hook_index(snap, &snap->links[peer], HOOK_NETKIT_PRIMARY);
		}
	}
}

struct lane order_lane(const struct context *ctx, uint32_t link, enum direction direction)
{
	const struct snapshot *snap = ctx->snap;
	const struct snap_link *row = &snap->links[link];
	bool receive = direction == DIR_RECEIVE;
	struct lane lane = {
		.link = link,
		.direction = direction,
		.netkit = receive ? ctx->netkit_before[link] : SNAP_NONE,
		.xdp = receive ? hook_index(snap, row, HOOK_XDP) : SNAP_NONE,
		.tcx = hook_index(snap, row, receive ? HOOK_TCX_INGRESS : HOOK_TCX_EGRESS),
		.filters =
			hook_index(snap, row, receive ? HOOK_CLSACT_INGRESS : HOOK_CLSACT_EGRESS),
		.qdisc_hook = hook_index(snap, row, HOOK_INGRESS),
	};

	if (receive && lane.filters == SNAP_NONE) {
		lane.filters = lane.qdisc_hook;
	}
	lane.wrong_qdisc = !receive && lane.qdisc_hook != SNAP_NONE;
	return lane;
}

struct lane order_lane_of(const struct context *ctx, uint32_t hook)
{
	const struct snap_hook *row = &ctx->snap->hooks[hook];

	return order_lane(ctx, row->link, row->type == HOOK_CLSACT_EGRESS ? DIR_SEND : DIR_RECEIVE);
}

/** A walk under way. */
struct walk {
	const struct context *ctx;
	uint32_t priority;
	step_fn *visit;
	void *data;
	struct sighting found;
};

/** Keep the first of the worst. */
static void note(struct walk *walk, enum sight sight, enum cause cause, uint32_t hook,
                 uint32_t entry)
{
	if (sight > walk->found.sight) {
		walk->found = (struct sighting){sight, cause, hook, entry};
	}
}

static void visit_entry(const struct walk *walk, uint32_t hook, uint32_t entry)
{
	struct step step = {.hook = hook, .entry = entry, .effect = walk->ctx->effects[entry]};

	if (walk->visit != NULL) {
		walk->visit(walk->data, &step);
	}
}

static void visit_agent(const struct walk *walk, uint32_t hook)
{
	struct step step = {.hook = hook, .entry = SNAP_NONE, .effect = EFFECT_ON, .agent = true};

	if (walk->visit != NULL) {
		walk->visit(walk->data, &step);
	}
}

static enum sight sight_behind(const struct context *ctx, uint32_t entry)
{
	if (ctx->own[entry] || ctx->shadowed[entry]) {
		return SIGHT_FULL;
	}
	switch (ctx->effects[entry]) {
	case EFFECT_ENDS:
		return SIGHT_BLIND;
	case EFFECT_MAY_END:
		return SIGHT_UNSURE;
	case EFFECT_NEVER:
	case EFFECT_ON:
	case EFFECT_DROPS:
		break;
	}
	return SIGHT_FULL;
}

/** A list in front of clsact; with CAUSE_NONE it decides nothing. */
static void walk_list(struct walk *walk, uint32_t hook, enum cause cause)
{
	if (hook == SNAP_NONE) {
		return;
	}

	const struct snap_hook *row = &walk->ctx->snap->hooks[hook];

	for (uint32_t i = row->first_entry; i < row->first_entry + row->n_entries; i++) {
		visit_entry(walk, hook, i);
		if (cause != CAUSE_NONE) {
			note(walk, sight_behind(walk->ctx, i), cause, hook, i);
		}
	}
}

static void walk_filter(struct walk *walk, uint32_t hook, uint32_t entry)
{
	const struct snap_entry *row = &walk->ctx->snap->entries[entry];

	if (walk->ctx->own[entry] || row->pref > walk->priority) {
		return;
	}
	if (row->pref == walk->priority && order_refuses_agent(row)) {
		note(walk, SIGHT_BLIND, CAUSE_REFUSED, hook, entry);
	}
	note(walk, sight_behind(walk->ctx, entry), CAUSE_FILTER, hook, entry);
	if (row->pref == walk->priority) {
		note(walk, SIGHT_UNSURE, CAUSE_TIED, hook, entry);
	}
}

static void walk_filters(struct walk *walk, uint32_t hook)
{
	bool passed = false;

	if (hook == SNAP_NONE) {
		visit_agent(walk, hook);
		return;
	}

	const struct snap_hook *row = &walk->ctx->snap->hooks[hook];

	if (row->block != 0) {
		note(walk, SIGHT_BLIND, CAUSE_BLOCK, hook, SNAP_NONE);
	}
	for (uint32_t i = row->first_entry; i < row->first_entry + row->n_entries; i++) {
		const struct snap_entry *entry = &walk->ctx->snap->entries[i];

		if (entry->chain != 0) {
			continue; /* only reached by goto, and nothing comes back from there */
		}
		if (!passed && entry->pref > walk->priority) {
			passed = true;
			visit_agent(walk, hook);
		}
		visit_entry(walk, hook, i);
		walk_filter(walk, hook, i);
	}
	if (!passed) {
		visit_agent(walk, hook);
	}
}

struct sighting order_walk(const struct context *ctx, const struct lane *lane, uint32_t priority,
                           step_fn *visit, void *data)
{
	struct walk walk = {
		.ctx = ctx,
		.priority = priority,
		.visit = visit,
		.data = data,
		.found = {SIGHT_FULL, CAUSE_NONE, SNAP_NONE, SNAP_NONE},
	};

	walk_list(&walk, lane->netkit, CAUSE_NETKIT);
	walk_list(&walk, lane->xdp, CAUSE_NONE);
	walk_list(&walk, lane->tcx, CAUSE_TCX);
	if (lane->wrong_qdisc) {
		note(&walk, SIGHT_BLIND, CAUSE_QDISC, lane->qdisc_hook, SNAP_NONE);
	} else {
		walk_filters(&walk, lane->filters);
	}
	return walk.found;
}

struct sighting order_reach(const struct context *ctx, const struct lane *lane, uint32_t entry)
{
	struct walk walk = {
		.ctx = ctx,
		.found = {SIGHT_FULL, CAUSE_NONE, SNAP_NONE, SNAP_NONE},
	};
	uint32_t hook = ctx->snap->entries[entry].hook;

	walk_list(&walk, lane->netkit, CAUSE_NETKIT);
	walk_list(&walk, lane->tcx, CAUSE_TCX);
	for (uint32_t i = ctx->snap->hooks[hook].first_entry; i < entry; i++) {
		if (ctx->snap->entries[i].chain == 0) {
			note(&walk, sight_behind(ctx, i), CAUSE_FILTER, hook, i);
		}
	}
	return walk.found;
}

/** Mark one list. @return false when no packet gets behind it, though none was granted. */
static bool shadow_list(const struct context *ctx, uint32_t hook, bool reached, bool *ret_shadowed)
{
	bool in_list = reached;
	bool left = false; /* some packets leave the list for the hook behind it */

	if (hook == SNAP_NONE) {
		return reached;
	}

	const struct snap_hook *row = &ctx->snap->hooks[hook];

	for (uint32_t i = row->first_entry; i < row->first_entry + row->n_entries; i++) {
		struct outcome outcome = outcome_of(ctx->snap, &ctx->snap->entries[i]);

		if (ctx->own[i] || ctx->snap->entries[i].chain != 0) {
			continue; /* the Agent's programs pass on; other chains are not entered */
		}
		ret_shadowed[i] = !in_list;
		if (!in_list || !outcome.all) {
			continue;
		}
		left = left || (outcome.set & OUTCOME_STOP) != 0;
		if (outcome.set == OUTCOME_DROP && !left) {
			reached = false;
		}
		in_list = (outcome.set & ~(OUTCOME_DROP | OUTCOME_STOP)) != 0 || outcome.set == 0;
	}
	return reached;
}

void order_shadows(const struct context *ctx, bool *ret_shadowed)
{
	for (uint32_t link = 0; link < ctx->snap->n_links; link++) {
		for (unsigned int dir = 0; dir < N_DIRECTIONS; dir++) {
			struct lane lane = order_lane(ctx, link, (enum direction)dir);
			bool reached = shadow_list(ctx, lane.netkit, true, ret_shadowed);

			reached = shadow_list(ctx, lane.tcx, reached, ret_shadowed);
			(void)shadow_list(ctx, lane.filters, reached, ret_shadowed);
		}
	}
}
