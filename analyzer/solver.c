/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/solver.h"

#include "analyzer/blockers.h"
#include "analyzer/order.h"
#include "analyzer/settings.h"

#include <assert.h>
#include <errno.h>

/** Number of priorities, with the unused 0 so that they can be indexes. */
#define N_PREFS (PREF_MAX + 1)

/** Every lane's constraints, counted over the priorities. */
struct tally {
	uint32_t lanes;    /**< All. */
	uint32_t hopeless; /**< Lanes that no priority satisfies. */
	uint32_t *hidden;  /**< [p]: lanes whose bound is p, later lanes hidden at p. */
	uint32_t *held;    /**< [p]: lanes not hidden at p in which a foreign filter holds p. */
	uint32_t *stamp;   /**< [p]: last lane counted in held, plus one. */
};

static int tally_init(struct tally *tally, struct arena *scratch)
{
	*tally = (struct tally){0};
	tally->hidden = arena_alloc(scratch, (N_PREFS + 1) * sizeof(*tally->hidden));
	tally->held = arena_alloc(scratch, N_PREFS * sizeof(*tally->held));
	tally->stamp = arena_alloc(scratch, N_PREFS * sizeof(*tally->stamp));
	return tally->hidden != NULL && tally->held != NULL && tally->stamp != NULL ? 0 : -ENOMEM;
}

static bool ends_granted(const struct context *ctx, uint32_t entry)
{
	enum effect effect = ctx->effects[entry];

	return !ctx->own[entry] && !ctx->shadowed[entry] &&
	       (effect == EFFECT_ENDS || effect == EFFECT_MAY_END);
}

static bool list_ends(const struct context *ctx, uint32_t hook)
{
	if (hook == SNAP_NONE) {
		return false;
	}

	const struct snap_hook *row = &ctx->snap->hooks[hook];

	for (uint32_t i = row->first_entry; i < row->first_entry + row->n_entries; i++) {
		if (ends_granted(ctx, i)) {
			return true;
		}
	}
	return false;
}

/** No priority helps against what runs before clsact, or refuses the Agent altogether. */
static bool is_hopeless(const struct context *ctx, const struct lane *lane)
{
	return lane->wrong_qdisc || list_ends(ctx, lane->netkit) || list_ends(ctx, lane->tcx) ||
	       (lane->filters != SNAP_NONE && ctx->snap->hooks[lane->filters].block != 0);
}

/** The smallest priority in chain 0 that may end a granted packet; N_PREFS for none. */
static uint32_t upper_bound(const struct context *ctx, const struct snap_hook *hook)
{
	uint32_t bound = N_PREFS;

	for (uint32_t i = hook->first_entry; i < hook->first_entry + hook->n_entries; i++) {
		const struct snap_entry *entry = &ctx->snap->entries[i];

		if (entry->chain == 0 && entry->pref < bound && ends_granted(ctx, i)) {
			bound = entry->pref;
		}
	}
	return bound;
}

/** Count priorities below @p bound that foreign filters hold, once each. */
static void count_held(const struct context *ctx, const struct snap_hook *hook, uint32_t bound,
                       struct tally *tally)
{
	for (uint32_t i = hook->first_entry; i < hook->first_entry + hook->n_entries; i++) {
		const struct snap_entry *entry = &ctx->snap->entries[i];

		if (entry->chain != 0 || entry->pref >= bound || ctx->own[i] ||
		    tally->stamp[entry->pref] == tally->lanes) {
			continue;
		}
		tally->stamp[entry->pref] = tally->lanes;
		tally->held[entry->pref]++;
	}
}

static void tally_lane(const struct context *ctx, const struct lane *lane, struct tally *tally)
{
	tally->lanes++;
	if (is_hopeless(ctx, lane)) {
		tally->hopeless++;
		return;
	}
	if (lane->filters == SNAP_NONE) {
		return;
	}

	const struct snap_hook *hook = &ctx->snap->hooks[lane->filters];
	uint32_t bound = upper_bound(ctx, hook);

	tally->hidden[bound]++;
	count_held(ctx, hook, bound, tally);
}

static void tally_all(const struct context *ctx, struct tally *tally)
{
	for (uint32_t link = 0; link < ctx->snap->n_links; link++) {
		for (unsigned int dir = 0; dir < N_DIRECTIONS; dir++) {
			struct lane lane = order_lane(ctx, link, (enum direction)dir);

			tally_lane(ctx, &lane, tally);
		}
	}
	for (uint32_t pref = 1; pref <= PREF_MAX; pref++) {
		tally->hidden[pref] += tally->hidden[pref - 1];
	}
}

/** Lanes in which the Agent sees every granted packet with this priority. */
static uint32_t seen_at(const struct tally *tally, uint32_t pref)
{
	return tally->lanes - tally->hopeless - tally->hidden[pref] - tally->held[pref];
}

/**
 * The value that sees most. Among equals: the current one, else the nearest below it, which is the
 * value nearest below the vendor's, else the nearest above it.
 */
static uint32_t best_priority(const struct tally *tally, uint32_t current)
{
	uint32_t best = current;

	for (uint32_t pref = current; pref >= 1; pref--) {
		if (seen_at(tally, pref) > seen_at(tally, best)) {
			best = pref;
		}
	}
	for (uint32_t pref = current + 1; pref <= PREF_MAX; pref++) {
		if (seen_at(tally, pref) > seen_at(tally, best)) {
			best = pref;
		}
	}
	return best;
}

/** Fill the range of values that satisfy every lane. */
static int find_feasible(const struct tally *tally, struct arena *arena, struct recommendation *ret)
{
	uint32_t fitting = 0;

	for (uint32_t pref = 1; pref <= PREF_MAX; pref++) {
		if (seen_at(tally, pref) != tally->lanes) {
			continue;
		}
		if (fitting == 0) {
			ret->feasible_min = pref;
		}
		ret->feasible_max = pref;
		fitting++;
	}
	if (fitting == 0) {
		return 0;
	}
	ret->feasible = true;

	uint32_t n = ret->feasible_max - ret->feasible_min + 1 - fitting;

	if (n == 0) {
		return 0;
	}
	ret->excluded = arena_alloc(arena, n * sizeof(*ret->excluded));
	if (ret->excluded == NULL) {
		return -ENOMEM;
	}
	for (uint32_t pref = ret->feasible_min; pref <= ret->feasible_max; pref++) {
		if (seen_at(tally, pref) != tally->lanes) {
			ret->excluded[ret->n_excluded++] = pref;
		}
	}
	return 0;
}

static enum action choose_action(const struct recommendation *ret)
{
	if (ret->blind_after == 0) {
		return ret->priority != 0 ? ACTION_SET_PRIORITY : ACTION_NONE;
	}
	for (uint32_t i = 0; i < ret->n_blocked_by; i++) {
		if (ret->blocked_by[i].proven) {
			return ACTION_FIX_VENDOR;
		}
	}
	return ACTION_INVESTIGATE;
}

/** ": " and the commonest obstacle, with what follows when it holds the lowest priority. */
static const char *main_obstacle(const struct recommendation *ret, struct arena *arena)
{
	bool lowest = false;

	if (ret->n_blocked_by == 0) {
		return "";
	}
	for (uint32_t i = 0; i < ret->n_blocked_by; i++) {
		lowest = lowest || ret->blocked_by[i].pref == 1;
	}
	return arena_printf(arena, ": %s%s%s", ret->blocked_by[0].why,
	                    ret->n_blocked_by > 1 ? " (and more causes)" : "",
	                    lowest ? "; no value is below 1" : "");
}

static const char *directions(uint32_t n)
{
	return n == 1 ? "hook" : "hooks";
}

static const char *reason_core(const struct context *ctx, const struct recommendation *ret,
                               struct arena *arena)
{
	uint32_t total = ret->hooks_total;
	uint32_t now = ret->seen_now;
	const char *obstacle = main_obstacle(ret, arena);

	if (obstacle == NULL) {
		return NULL;
	}
	if (total == 0) {
		return "There is no interface on which the Agent could attach.";
	}
	if (ret->blind_after == 0 && ret->priority == 0) {
		return arena_printf(arena,
		                    "With priority %u the Agent sees every packet that is let "
		                    "through on all %u %s.",
		                    ctx->priority, total, directions(total));
	}
	if (ret->blind_after == 0) {
		return arena_printf(
			arena,
			"With priority %u the Agent runs in front of everything that may "
			"end a packet, on all %u %s; with %u it has full sight on %u.",
			ret->priority, total, directions(total), ctx->priority, now);
	}
	if (ret->priority != 0) {
		return arena_printf(
			arena,
			"Priority %u gives full sight on %u of %u %s in place of %u, but "
			"%u remain without%s.",
			ret->priority, ret->seen_after, total, directions(total), now,
			ret->blind_after, obstacle);
	}
	return arena_printf(
		arena,
		"No priority gives more than the current %u: %u of %u %s %s without full "
		"sight%s.",
		ctx->priority, ret->blind_after, total, directions(total),
		ret->blind_after == 1 ? "remains" : "remain", obstacle);
}

static const char *reason_text(const struct context *ctx, const struct recommendation *ret,
                               struct arena *arena)
{
	const char *core = reason_core(ctx, ret, arena);
	uint32_t gaps = ctx->snap->n_gaps;

	if (core == NULL || gaps == 0) {
		return core;
	}
	return arena_printf(arena,
	                    "%s %u %s could not be read, so this holds only for what was seen.",
	                    core, gaps, gaps == 1 ? "thing" : "things");
}

int solver_run(const struct context *ctx, struct arena *arena, struct recommendation *ret)
{
	struct tally tally;
	struct recommendation answer = {0};

	assert(ctx->priority >= 1 && ctx->priority <= PREF_MAX);
	if (tally_init(&tally, ctx->scratch) < 0) {
		return -ENOMEM;
	}
	tally_all(ctx, &tally);

	uint32_t best = best_priority(&tally, ctx->priority);

	answer.priority = best != ctx->priority ? best : 0;
	answer.hooks_total = tally.lanes;
	answer.seen_now = seen_at(&tally, ctx->priority);
	answer.seen_after = seen_at(&tally, best);
	answer.blind_after = tally.lanes - answer.seen_after;

	int r = find_feasible(&tally, arena, &answer);

	if (r == 0) {
		r = blockers_find(ctx, best, arena, &answer);
	}
	if (r == 0) {
		r = settings_find(ctx, arena, &answer);
	}
	if (r < 0) {
		return r;
	}
	answer.action = choose_action(&answer);
	answer.reason = reason_text(ctx, &answer, arena);
	if (answer.reason == NULL) {
		return -ENOMEM;
	}
	*ret = answer;
	return 0;
}
