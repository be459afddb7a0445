/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/rows.h"

#include "model/abi.h"
#include "model/text.h"

#include <errno.h>

/** Rows besides entries: one place of the Agent for each way. */
#define EXTRA_ROWS N_WAYS

/** State while the rows of one link are listed. */
struct builder {
	const struct snapshot *snap;
	const struct findings *findings;
	const struct snap_link *link;
	const struct snap_link *peer; /**< The other end, or NULL. */
	struct rows *rows;
	enum way way;
	bool attached; /**< The Agent has a filter on this way. */
	bool placed;   /**< Its place on this way is listed. */
};

static void add_row(struct builder *b, struct row row)
{
	struct rows *rows = b->rows;

	row.way = b->way;
	row.position = ++rows->n_way[b->way];
	rows->row[rows->n++] = row;
	rows->n_foreign[b->way] += row.agent ? 0 : 1;
}

/** Rows of this way that are listed already: the last n_way ones. */
static const struct row *way_rows(const struct builder *b)
{
	return &b->rows->row[b->rows->n - b->rows->n_way[b->way]];
}

/**
 * Does a row decide what the Agent sees? What XDP takes away never becomes a packet of tc, and
 * other chains are only entered by a goto, which has an effect of its own.
 */
static bool counts(const struct row *row)
{
	return !row->agent && row->hook->type != HOOK_XDP && row->entry->chain == 0;
}

/** What the rows listed so far leave for the Agent. Packets that are dropped are nobody's loss. */
static void look_back(const struct builder *b, struct row *agent)
{
	const struct row *row = way_rows(b);

	agent->outlook = OUTLOOK_SEES;
	for (uint32_t i = 0; i < b->rows->n_way[b->way]; i++) {
		if (!counts(&row[i])) {
			continue;
		}
		if (row[i].effect == EFFECT_ENDS) {
			agent->outlook = OUTLOOK_HIDDEN;
			agent->by = row[i].position;
			return;
		}
		if (row[i].effect == EFFECT_MAY_END && agent->outlook == OUTLOOK_SEES) {
			agent->outlook = OUTLOOK_UNSURE;
			agent->by = row[i].position;
		}
	}
}

/** Is there something else on the Agent's priority @p pref? @p index is the entry whose row would
 *  follow next, the Agent's row itself being in front of it. */
static void look_beside(const struct builder *b, const struct snap_hook *hook, uint32_t index,
                        uint32_t pref, struct row *agent)
{
	uint32_t position = b->rows->n_way[b->way] + 1;

	for (uint32_t i = 0; i < hook->n_entries; i++) {
		uint32_t k = hook->first_entry + i;
		const struct snap_entry *entry = &b->snap->entries[k];

		if (entry->chain != 0 || entry->pref != pref || b->findings->own[k]) {
			continue;
		}
		agent->by = position + k - index;
		if (!text_eq(entry->kind, "bpf") || entry->protocol != ABI_ETH_P_ALL) {
			agent->outlook = OUTLOOK_TAKEN;
			return;
		}
		agent->outlook = OUTLOOK_SHARED;
	}
}

/** Fill in what the Agent has of a row on @p hook, the rows in front of it being listed. */
static void judge(const struct builder *b, const struct snap_hook *hook, uint32_t index,
                  uint32_t pref, struct row *agent)
{
	look_back(b, agent);
	if (agent->outlook != OUTLOOK_HIDDEN) {
		look_beside(b, hook, index, pref, agent);
	}
}

/** The place that the Agent would take on a hook, before the entry at @p index. */
static void add_place(struct builder *b, const struct snap_hook *hook, uint32_t index)
{
	struct row row = {.hook = hook, .agent = true};

	judge(b, hook, index, b->findings->agent_priority, &row);
	if (hook->block != 0) {
		row.outlook = OUTLOOK_BLOCK;
		b->rows->n_foreign[b->way]++;
	}
	add_row(b, row);
	b->placed = true;
}

static bool is_agents_hook(const struct snap_hook *hook)
{
	return hook->type == HOOK_CLSACT_INGRESS || hook->type == HOOK_CLSACT_EGRESS ||
	       hook->type == HOOK_INGRESS;
}

static void add_hook(struct builder *b, const struct snap_hook *hook)
{
	bool place = is_agents_hook(hook) && !b->attached;
	uint32_t end = hook->first_entry + hook->n_entries;

	for (uint32_t i = hook->first_entry; i < end; i++) {
		const struct snap_entry *entry = &b->snap->entries[i];
		struct row row = {.hook = hook, .entry = entry};

		/* Among filters of one priority the order is not safe: it counts as the last. */
		if (place && !b->placed &&
		    (entry->chain != 0 || entry->pref > b->findings->agent_priority)) {
			add_place(b, hook, i);
		}
		row.effect = b->findings->effects[i];
		row.agent = b->findings->own[i];
		if (row.agent) {
			judge(b, hook, i, entry->pref, &row);
		}
		add_row(b, row);
	}
	if (place && !b->placed) {
		add_place(b, hook, end);
	}
}

static void add_hooks(struct builder *b, const struct snap_link *link, enum hook_type type)
{
	for (uint32_t i = 0; link != NULL && i < link->n_hooks; i++) {
		const struct snap_hook *hook = &b->snap->hooks[link->first_hook + i];

		if (hook->type == type) {
			add_hook(b, hook);
		}
	}
}

static bool has_own(const struct builder *b, enum hook_type type)
{
	for (uint32_t i = 0; i < b->link->n_hooks; i++) {
		const struct snap_hook *hook = &b->snap->hooks[b->link->first_hook + i];

		for (uint32_t k = 0; hook->type == type && k < hook->n_entries; k++) {
			if (b->findings->own[hook->first_entry + k]) {
				return true;
			}
		}
	}
	return false;
}

/** Without a clsact the Agent adds one; show that only where something else is on the way. An
 *  `ingress` qdisc keeps it from that, which is worth a row of its own. */
static void add_missing(struct builder *b, bool ingress_qdisc)
{
	struct row row = {.agent = true};

	if (b->attached || b->placed || (b->rows->n_way[b->way] == 0 && !ingress_qdisc)) {
		return;
	}
	look_back(b, &row);
	if (ingress_qdisc) {
		row.outlook = OUTLOOK_NO_WAY;
		b->rows->n_foreign[b->way]++;
	}
	add_row(b, row);
	b->placed = true;
}

static void begin_way(struct builder *b, enum way way, enum hook_type type)
{
	b->way = way;
	b->attached = has_own(b, type);
	b->placed = false;
}

/** A way with nothing but the place where the Agent would attach says nothing. */
static void end_way(struct builder *b)
{
	if (b->rows->n_way[b->way] == 1 && b->placed && b->rows->n_foreign[b->way] == 0) {
		b->rows->n_way[b->way] = 0;
		b->rows->n--;
	}
}

static void list_ways(struct builder *b)
{
	bool ingress_qdisc = snap_link_hook(b->snap, b->link, HOOK_INGRESS) != NULL;

	/* drivers/net/netkit.c: the list of an end runs when that end sends, before the other end
	 * receives; both lists hang on the primary. */
	begin_way(b, WAY_RECEIVE, ingress_qdisc ? HOOK_INGRESS : HOOK_CLSACT_INGRESS);
	add_hooks(b, b->link, HOOK_NETKIT_PEER);
	add_hooks(b, b->peer, HOOK_NETKIT_PRIMARY);
	add_hooks(b, b->link, HOOK_XDP);
	add_hooks(b, b->link, HOOK_TCX_INGRESS);
	add_hooks(b, b->link, HOOK_CLSACT_INGRESS);
	add_hooks(b, b->link, HOOK_INGRESS);
	add_missing(b, false);
	end_way(b);

	begin_way(b, WAY_SEND, HOOK_CLSACT_EGRESS);
	add_hooks(b, b->link, HOOK_TCX_EGRESS);
	add_hooks(b, b->link, HOOK_CLSACT_EGRESS);
	add_missing(b, ingress_qdisc);
	add_hooks(b, b->link, HOOK_QDISC);
	add_hooks(b, b->link, HOOK_NETKIT_PRIMARY);
	end_way(b);
}

static uint32_t count_entries(const struct snapshot *snap, const struct snap_link *link)
{
	uint32_t n = 0;

	for (uint32_t i = 0; link != NULL && i < link->n_hooks; i++) {
		n += snap->hooks[link->first_hook + i].n_entries;
	}
	return n;
}

int rows_of_link(const struct report *rep, const struct snap_link *link, struct arena *arena,
                 struct rows *ret_rows)
{
	const struct snapshot *snap = rep->snap;
	struct builder b = {
		.snap = snap,
		.findings = rep->findings,
		.link = link,
		.peer = link->peer < snap->n_links ? &snap->links[link->peer] : NULL,
		.rows = ret_rows,
	};
	size_t cap = (size_t)count_entries(snap, link) + count_entries(snap, b.peer) + EXTRA_ROWS;

	*ret_rows = (struct rows){.row = arena_alloc(arena, cap * sizeof(struct row))};
	if (ret_rows->row == NULL) {
		return -ENOMEM;
	}
	list_ways(&b);
	return 0;
}
