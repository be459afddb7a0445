/* SPDX-License-Identifier: Apache-2.0 */
/* The race for one slot at pod start: known by versions, and as it is left behind. */
#include "analyzer/rule_rows.h"

#include "analyzer/agent.h"
#include "analyzer/context.h"
#include "analyzer/describe.h"
#include "analyzer/emit.h"
#include "analyzer/keytab.h"
#include "analyzer/order.h"
#include "analyzer/race.h"
#include "analyzer/rule_parts.h"
#include "analyzer/vendors.h"
#include "model/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char *const race_links[] = {RULE_LINK_DOCS,
                                         "https://github.com/DataDog/datadog-agent/pull/13692",
                                         RULE_LINK_RACE, NULL};

static const char cilium_id[] = "cilium";

static bool is_filter_of(const struct context *ctx, uint32_t entry, uint32_t vendor)
{
	return ctx->who->entries[entry].vendor == vendor && order_is_rival(ctx, entry) &&
	       ctx->snap->entries[entry].handle != 0;
}

/** Does a vendor attach by replacing a slot of its own, whoever holds it? */
static bool takes_slot(const struct context *ctx, uint32_t vendor)
{
	const struct vendor *row = &ctx->who->table->rows[vendor];

	for (uint32_t i = 0; i < row->n_takes; i++) {
		if (row->takes[i].scope == TAKES_SLOT &&
		    vendors_applies(ctx->who, vendor, &row->takes[i].when, HOOK_CLSACT_INGRESS) !=
		            RELEASE_OUTSIDE) {
			return true;
		}
	}
	return false;
}

/* --- TC106 --------------------------------------------------------------------------------- */

/** @param entry a filter of Cilium in the slot, or SNAP_NONE: Cilium is told to come. */
static int report_race(const struct rule *rule, const struct context *ctx, uint32_t entry,
                       const char *answer, struct findings *out)
{
	bool seen = entry != SNAP_NONE;
	struct subject subject = seen ? emit_about_entry(ctx, entry)
	                              : (struct subject){.place = EMIT_NOWHERE, .nowhere = true};
	struct finding *f = NULL;

	subject.vendor = cilium_id;

	int r = emit_open(ctx, rule, seen ? SEV_FAIL : SEV_WARN, &subject, out, &f);

	if (r <= 0) {
		return r;
	}

	const char *where =
		seen ? describe_hook(ctx->snap, ctx->snap->entries[entry].hook, &out->arena)
		     : "--cilium-version";

	f->message = arena_printf(&out->arena, "%s: %s", where != NULL ? where : "", answer);
	return where != NULL ? emit_check(f) : -ENOMEM;
}

static int check_race(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	const struct vendor *cilium = vendors_find(ctx->who->table, cilium_id);
	struct race race = race_judge(ctx, out, &out->arena);
	bool seen = false;
	int r = 0;

	if (race.answer == NULL) {
		return -ENOMEM;
	}
	if (cilium == NULL || (race.status != CHECK_FAIL && race.status != CHECK_WARN)) {
		return 0;
	}

	uint32_t vendor = (uint32_t)(cilium - ctx->who->table->rows);

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		if (is_filter_of(ctx, i, vendor) &&
		    ctx->snap->entries[i].pref == AGENT_FIXED_PRIORITY) {
			seen = true;
			r = report_race(rule, ctx, i, race.answer, out);
		}
	}
	if (r == 0 && !seen) {
		r = report_race(rule, ctx, SNAP_NONE, race.answer, out);
	}
	return r;
}

/* --- TC107 --------------------------------------------------------------------------------- */

/** A vendor that replaces slots holds the priority of an Agent's filter on the same hook. */
static uint32_t rival_of(const struct context *ctx, uint32_t entry)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	const struct snap_hook *hook = &ctx->snap->hooks[row->hook];

	for (uint32_t i = hook->first_entry; i < hook->first_entry + hook->n_entries; i++) {
		uint32_t vendor = ctx->who->entries[i].vendor;

		if (vendor != SNAP_NONE && is_filter_of(ctx, i, vendor) &&
		    ctx->snap->entries[i].pref == row->pref && takes_slot(ctx, vendor)) {
			return i;
		}
	}
	return SNAP_NONE;
}

/** Has a vendor a filter in one direction of a link? @return the entry, or SNAP_NONE. */
static uint32_t filter_in(const struct context *ctx, uint32_t link, enum direction direction,
                          uint32_t vendor)
{
	struct lane lane = order_lane(ctx, link, direction);

	if (lane.filters == SNAP_NONE) {
		return SNAP_NONE;
	}

	const struct snap_hook *hook = &ctx->snap->hooks[lane.filters];

	for (uint32_t i = hook->first_entry; i < hook->first_entry + hook->n_entries; i++) {
		if (is_filter_of(ctx, i, vendor)) {
			return i;
		}
	}
	return SNAP_NONE;
}

/** Length of the part of a name that devices of one kind share: "lxc" of "lxc1f2e". */
static size_t family_len(const char *name)
{
	size_t len = strcspn(name, "0123456789");

	return len > 0 && len <= 4 ? len : 4;
}

/** A vendor and a kind of interfaces, by name. */
static uint64_t family_key(const struct context *ctx, uint32_t link, uint32_t vendor)
{
	const char *name = ctx->snap->links[link].name;
	uint64_t key = text_hash(TEXT_HASH_SEED, &vendor, sizeof(vendor));

	return name != NULL ? text_hash(key, name, strnlen(name, family_len(name))) : key;
}

/** Note the vendors that are on both directions of a link. @return 0 or -ENOMEM. */
static int note_both(const struct context *ctx, uint32_t link, struct keytab *both)
{
	struct lane lane = order_lane(ctx, link, DIR_RECEIVE);
	int r = 0;

	if (lane.filters == SNAP_NONE) {
		return 0;
	}

	const struct snap_hook *hook = &ctx->snap->hooks[lane.filters];

	for (uint32_t i = hook->first_entry; i < hook->first_entry + hook->n_entries; i++) {
		uint32_t vendor = ctx->who->entries[i].vendor;

		if (r < 0 || vendor == SNAP_NONE || !is_filter_of(ctx, i, vendor)) {
			continue;
		}

		uint64_t key = family_key(ctx, link, vendor);

		if (keytab_find(both, key) == SNAP_NONE &&
		    filter_in(ctx, link, DIR_SEND, vendor) != SNAP_NONE) {
			r = keytab_put(both, key, link);
		}
	}
	return r;
}

/** What the race leaves behind: the word that tells kinds apart, and what it means. */
struct remnant {
	const char *kind;
	const char *means;
};

static const struct remnant shared_slot = {
	.kind = "slot",
	.means = "both hold one priority, where the next attach or cleanup of the one hits the "
		 "other's filter",
};
static const struct remnant one_sided = {
	.kind = "one-sided",
	.means = "the latter is on one direction only, while it has both on other interfaces of "
		 "this kind: its filter beside the Agent's is gone",
};

static int report_seen(const struct rule *rule, const struct context *ctx, uint32_t own,
                       uint32_t rival, const struct remnant *remnant, struct findings *out)
{
	struct subject subject = emit_about_entry(ctx, own);
	const struct vendor *vendor = &ctx->who->table->rows[ctx->who->entries[rival].vendor];
	struct told told;

	subject.kind = remnant->kind;
	subject.vendor = vendor->id;

	int r = emit_about(ctx, rule, rule->severity, &subject, out, &told);

	if (r <= 0) {
		return r;
	}

	const char *other = describe_entry(ctx->snap, &ctx->snap->entries[rival], &out->arena);

	/* Not told.what, which names the vendor: this is the Agent's. */
	const char *agents = describe_entry(ctx->snap, &ctx->snap->entries[own], &out->arena);

	if (other == NULL || agents == NULL) {
		return -ENOMEM;
	}
	told.row->message = arena_printf(&out->arena, "%s: the Agent's %s and %s's %s: %s",
	                                 told.where, agents, vendor->name, other, remnant->means);
	r = emit_check(told.row);
	return r < 0 ? r : emit_evidence(out, told.row, "rival", other);
}

/** The vendor is on the other direction of this interface only, and on both of others like it. */
static uint32_t one_sided_rival(const struct context *ctx, const struct keytab *both,
                                const struct lane *lane)
{
	enum direction other = lane->direction == DIR_SEND ? DIR_RECEIVE : DIR_SEND;

	for (uint32_t v = 0; v < ctx->who->table->n; v++) {
		if (!takes_slot(ctx, v)) {
			continue;
		}

		uint32_t there = filter_in(ctx, lane->link, other, v);

		if (there != SNAP_NONE &&
		    filter_in(ctx, lane->link, lane->direction, v) == SNAP_NONE &&
		    keytab_find(both, family_key(ctx, lane->link, v)) != SNAP_NONE) {
			return there;
		}
	}
	return SNAP_NONE;
}

static int check_race_seen(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	struct keytab both = {.arena = ctx->scratch};
	int r = 0;

	for (uint32_t link = 0; link < ctx->snap->n_links && r == 0; link++) {
		r = note_both(ctx, link, &both);
	}
	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		if (!order_is_agents(ctx, i)) {
			continue;
		}

		uint32_t rival = rival_of(ctx, i);
		const struct remnant *remnant = &shared_slot;

		if (rival == SNAP_NONE) {
			struct lane lane = order_lane_of(ctx, ctx->snap->entries[i].hook);

			rival = one_sided_rival(ctx, &both, &lane);
			remnant = &one_sided;
		}
		if (rival != SNAP_NONE) {
			r = report_seen(rule, ctx, i, rival, remnant, out);
		}
	}
	return r;
}

const struct rule rule_race_known = {
	.code = "TC106",
	.name = "race-known",
	.group = "checklist",
	.severity = SEV_FAIL,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_race,
	.title = "Cilium and an Agent from 7.36.0 to 7.39.1 fight for one slot",
	.seen = "The Agent's version is at least 7.36.0 and below 7.39.2, and Cilium uses tc "
		"filters "
		"at priority 1 here, or is going to.",
	.matters = "A pod that starts can end without network until it or Cilium is restarted.",
	.fact = "These Agents attach at priority 1 with a handle from the kernel and often get "
		"0x1. "
		"Cilium replaces priority 1, handle 0x1, which it takes for its own. The Agent "
		"then finds its program gone and deletes by that handle, which is Cilium's filter. "
		"The documentation names Cilium 1.9 and lower; 1.10 and 1.11 have the same fixed "
		"slot, and from 1.12 bpf-filter-priority can move it. In 7.36 network detections "
		"are off unless they are switched on.",
	.fix = "Upgrade the Agent to 7.39.2 or later. Until then switch off network detections, or "
	       "move Cilium 1.12 and later with bpf-filter-priority.",
	.safe = "When network detections are switched off.",
	.links = race_links,
};

const struct rule rule_race_seen = {
	.code = "TC107",
	.name = "race-seen",
	.group = "checklist",
	.severity = SEV_FAIL,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_race_seen,
	.title = "The Agent and software that replaces slots hold one priority",
	.seen = "A filter of the Agent has the priority of software that attaches by replacing a "
		"slot, or that software's filter is missing in the direction in which the Agent's "
		"filter stands.",
	.matters = "This is what the race for a slot leaves behind. Each of the two can remove the "
		   "other's filter; a pod whose network filter is gone has no network.",
	.fact = "A replace by priority and handle swaps the program of whoever holds the handle; a "
		"delete by priority and handle asks for no owner (net/sched/cls_api.c).",
	.fix = "Give the Agent a priority of its own (7.39.2 and later: classifier_priority), then "
	       "restart the pods concerned.",
	.safe = "Never.",
	.links = race_links,
};
