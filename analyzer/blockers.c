/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/blockers.h"

#include "analyzer/describe.h"
#include "analyzer/keytab.h"
#include "analyzer/order.h"
#include "analyzer/outcome.h"
#include "analyzer/settings.h"
#include "analyzer/vendors.h"
#include "model/text.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** Blockers under collection. */
struct gathering {
	const struct context *ctx;
	uint32_t priority;
	struct keytab seen;
	struct blocker *rows;
	uint32_t n, cap;
};

static uint64_t hash_number(uint64_t seed, uint32_t number)
{
	return text_hash(seed, &number, sizeof(number));
}

/** Equal for lanes that would get the same sentence. Only compared within one run. */
static uint64_t key_of(const struct context *ctx, const struct sighting *found)
{
	uint64_t key = hash_number(TEXT_HASH_SEED, found->cause);

	key = hash_number(key, found->sight);
	key = hash_number(key, ctx->snap->hooks[found->hook].type);

	const struct vendor *vendor = settings_vendor_at(ctx, found->hook, found->entry);

	key = text_hash_str(key, vendor != NULL ? vendor->id : NULL);
	if (found->entry == SNAP_NONE) {
		return key;
	}

	const struct snap_entry *entry = &ctx->snap->entries[found->entry];
	struct slice name = describe_name(ctx->snap, entry);
	struct snap_returns returns = outcome_returns(ctx->snap, entry);

	key = hash_number(key, entry->pref);
	key = hash_number(key, entry->protocol);
	key = text_hash_str(key, entry->kind);
	key = text_hash_part(key, name.text, name.len);
	key = hash_number(key, returns.codes);
	return text_hash_str(key, returns.reason);
}

/** Why a filter at or before the Agent's priority hides it. */
static const char *why_filter(const struct gathering *g, const struct snap_entry *entry,
                              const char *actor, struct arena *arena)
{
	const char *ending =
		describe_ending(g->ctx, (uint32_t)(entry - g->ctx->snap->entries), arena);
	const char *hook = hook_type_word(g->ctx->snap->hooks[entry->hook].type);

	if (ending == NULL) {
		return NULL;
	}
	return arena_printf(arena, "%s at priority %u of %s %s", actor, entry->pref, hook, ending);
}

/** Why a program of a list that runs before clsact hides it. */
static const char *why_list(const struct gathering *g, const struct snap_entry *entry,
                            const char *actor, struct arena *arena)
{
	const char *ending =
		describe_ending(g->ctx, (uint32_t)(entry - g->ctx->snap->entries), arena);
	const char *hook = hook_type_word(g->ctx->snap->hooks[entry->hook].type);

	if (ending == NULL) {
		return NULL;
	}
	return arena_printf(arena, "%s on %s %s, and runs before every priority of clsact", actor,
	                    hook, ending);
}

static const char *why_entry(const struct gathering *g, const struct sighting *found,
                             struct arena *arena)
{
	const struct snap_entry *entry = &g->ctx->snap->entries[found->entry];
	const char *actor = describe_actor(g->ctx->snap, entry, arena);
	const char *hook = hook_type_word(g->ctx->snap->hooks[entry->hook].type);

	if (actor == NULL) {
		return NULL;
	}
	switch (found->cause) {
	case CAUSE_NETKIT:
	case CAUSE_TCX:
		return why_list(g, entry, actor, arena);
	case CAUSE_REFUSED:
		return arena_printf(
			arena,
			"%s holds priority %u of %s with another kind or protocol, so the "
			"kernel refuses the Agent's filter",
			actor, entry->pref, hook);
	case CAUSE_TIED:
		return arena_printf(
			arena,
			"%s shares priority %u of %s with the Agent, where the order is not "
			"safe",
			actor, entry->pref, hook);
	case CAUSE_FILTER:
	case CAUSE_NONE:
	case CAUSE_BLOCK:
	case CAUSE_QDISC:
		break;
	}
	return why_filter(g, entry, actor, arena);
}

static const char *why_text(const struct gathering *g, const struct sighting *found,
                            struct arena *arena)
{
	if (found->cause == CAUSE_BLOCK) {
		return arena_printf(
			arena,
			"%s is a shared block, to which the kernel lets nobody add a filter "
			"through the device",
			hook_type_word(g->ctx->snap->hooks[found->hook].type));
	}
	if (found->cause == CAUSE_QDISC) {
		return "an ingress qdisc holds the place of clsact, so there is no hook for "
		       "packets "
		       "that are sent";
	}
	return why_entry(g, found, arena);
}

static int add_blocker(struct gathering *g, uint64_t key, const struct sighting *found,
                       struct arena *arena)
{
	const struct snapshot *snap = g->ctx->snap;
	uint32_t link = snap->hooks[found->hook].link;
	const struct snap_entry *entry =
		found->entry != SNAP_NONE ? &snap->entries[found->entry] : NULL;
	const struct vendor *vendor = settings_vendor_at(g->ctx, found->hook, found->entry);
	void *rows = g->rows;
	int r = arena_reserve(g->ctx->scratch, &rows, g->n, &g->cap, sizeof(*g->rows));

	if (r < 0) {
		return r;
	}
	g->rows = rows;
	r = keytab_put(&g->seen, key, g->n);
	if (r < 0) {
		return r;
	}
	g->rows[g->n] = (struct blocker){
		.vendor = vendor != NULL ? vendor->id : NULL,
		.place = {.netns = snap->links[link].netns,
	                  .link = link,
	                  .hook = found->hook,
	                  .entry = found->entry,
	                  .prog_id = entry != NULL ? entry->prog_id : 0},
		.count = 1,
		.pref = entry != NULL && entry->is_filter ? entry->pref : 0,
		.proven = found->sight == SIGHT_BLIND,
		.why = why_text(g, found, arena),
	};
	return g->rows[g->n++].why != NULL ? 0 : -ENOMEM;
}

static int gather_lane(struct gathering *g, const struct lane *lane, struct arena *arena)
{
	struct sighting found = order_walk(g->ctx, lane, g->priority, NULL, NULL);

	if (found.sight == SIGHT_FULL) {
		return 0;
	}

	uint64_t key = key_of(g->ctx, &found);
	uint32_t known = keytab_find(&g->seen, key);

	if (known < g->n) {
		assert(g->rows != NULL);
		g->rows[known].count++;
		return 0;
	}
	return add_blocker(g, key, &found, arena);
}

static int cmp_blocker(const void *left, const void *right)
{
	const struct blocker *a = left;
	const struct blocker *b = right;
	int by_text = text_cmp(a->why, b->why);

	if (a->count != b->count) {
		return a->count > b->count ? -1 : 1;
	}
	if (by_text != 0) {
		return by_text;
	}
	return a->place.hook < b->place.hook ? -1 : a->place.hook > b->place.hook;
}

static int gather_all(struct gathering *g, struct arena *arena)
{
	for (uint32_t link = 0; link < g->ctx->snap->n_links; link++) {
		for (unsigned int dir = 0; dir < N_DIRECTIONS; dir++) {
			struct lane lane = order_lane(g->ctx, link, (enum direction)dir);
			int r = gather_lane(g, &lane, arena);

			if (r < 0) {
				return r;
			}
		}
	}
	return 0;
}

/** Move the rows from the growing vector, which nobody would free, into the arena. */
static int keep_rows(const struct gathering *g, struct arena *arena, struct recommendation *ret)
{
	struct blocker *rows = NULL;

	if (g->n == 0) {
		return 0;
	}
	rows = arena_alloc(arena, g->n * sizeof(*rows));
	if (rows == NULL) {
		return -ENOMEM;
	}
	memcpy(rows, g->rows, g->n * sizeof(*rows));
	qsort(rows, g->n, sizeof(*rows), cmp_blocker);
	ret->blocked_by = rows;
	ret->n_blocked_by = g->n;
	return 0;
}

int blockers_find(const struct context *ctx, uint32_t priority, struct arena *arena,
                  struct recommendation *ret)
{
	struct gathering g = {.ctx = ctx, .priority = priority, .seen = {.arena = ctx->scratch}};
	int r = gather_all(&g, arena);
	void *rows = g.rows;

	if (r == 0) {
		r = keep_rows(&g, arena, ret);
	}
	arena_release(ctx->scratch, &rows, &g.cap, sizeof(*g.rows));
	return r;
}
