/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the identified entries come to, vendor by vendor.
 */
#include "analyzer/outcome.h"
#include "analyzer/vendors.h"
#include "model/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** Facts listed as evidence for one vendor. */
#define MAX_EVIDENCE 16u

/** "1.16", "1.16.3". */
static const char *release_text(struct release version, struct arena *arena)
{
	return version.patch != 0 ? arena_printf(arena, "%u.%u.%u", version.major, version.minor,
	                                         version.patch)
	                          : arena_printf(arena, "%u.%u", version.major, version.minor);
}

/**
 * The last version in front of one. That of a release without patch is the release before it,
 * whose patches nobody counts; that of 2.0 has no number.
 */
static bool step_back(struct release *version)
{
	if (version->patch > 0) {
		version->patch--;
		return true;
	}
	if (version->minor > 0) {
		version->minor--;
		return true;
	}
	return false;
}

/** @param last the end of the range, or what is behind it when @p inside is false. */
static const char *between(struct release since, struct release last, bool inside,
                           struct arena *arena)
{
	const char *from = release_text(since, arena);
	const char *to = release_text(last, arena);

	if (from == NULL || to == NULL) {
		return NULL;
	}
	return arena_printf(arena, "%s %s %s", from, inside ? "to" : "up to before", to);
}

static const char *range_text(const struct release_range *range, struct arena *arena)
{
	struct release last = range->before;
	bool inside = range->has_before && step_back(&last);
	const char *text = NULL;

	if (range->has_since && inside && release_cmp(range->since, last) == 0) {
		/* One version, or all patches of one release. */
		return range->before.patch > 0
		               ? arena_printf(arena, "%u.%u.%u", last.major, last.minor, last.patch)
		               : release_text(last, arena);
	}
	if (range->has_since && range->has_before) {
		return between(range->since, last, inside, arena);
	}
	text = release_text(range->has_since ? range->since : last, arena);
	if (text == NULL) {
		return NULL;
	}
	if (range->has_since) {
		return arena_printf(arena, "%s or later", text);
	}
	return inside ? arena_printf(arena, "%s or earlier", text)
	              : arena_printf(arena, "before %s", text);
}

const char *vendors_range_text(const struct release_range *range, struct arena *arena, bool *failed)
{
	if (!range->has_since && !range->has_before) {
		return NULL;
	}

	const char *text = range_text(range, arena);

	*failed = *failed || text == NULL;
	return text;
}

static int cmp_number(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left;
	uint32_t b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

static int cmp_evidence(const void *left, const void *right)
{
	return text_cmp(*(const char *const *)left, *(const char *const *)right);
}

/** Sort and drop repetitions. */
static void sort_prefs(struct vendor_seen *seen)
{
	uint32_t kept = 0;

	qsort(seen->prefs, seen->n_prefs, sizeof(*seen->prefs), cmp_number);
	for (uint32_t i = 0; i < seen->n_prefs; i++) {
		if (kept == 0 || seen->prefs[kept - 1] != seen->prefs[i]) {
			seen->prefs[kept++] = seen->prefs[i];
		}
	}
	seen->n_prefs = kept;
}

static void sort_evidence(struct vendor_seen *seen)
{
	uint32_t kept = 0;

	qsort(seen->evidence, seen->n_evidence, sizeof(*seen->evidence), cmp_evidence);
	for (uint32_t i = 0; i < seen->n_evidence && kept < MAX_EVIDENCE; i++) {
		if (kept == 0 || !text_eq(seen->evidence[kept - 1], seen->evidence[i])) {
			seen->evidence[kept++] = seen->evidence[i];
		}
	}
	seen->n_evidence = kept;
}

/** What one entry adds to its vendor. */
static void add_entry(struct vendor_seen *seen, const struct identities *who,
                      const struct snapshot *snap, uint32_t index)
{
	const struct snap_entry *entry = &snap->entries[index];
	const struct vendor_id *id = &who->entries[index];
	uint32_t codes = 0;

	seen->hook_types |= 1u << snap->hooks[entry->hook].type;
	seen->strength = id->strength > seen->strength ? id->strength : seen->strength;
	if (entry->is_filter) {
		seen->prefs[seen->n_prefs++] = entry->pref;
	}
	if (seen->n_evidence == 0 || seen->evidence[seen->n_evidence - 1] != id->evidence) {
		seen->evidence[seen->n_evidence++] = id->evidence;
	}
	if (outcome_is_bpf(entry)) {
		struct snap_returns returns = outcome_returns(snap, entry);

		seen->codes |= returns.codes;
		seen->exact = seen->exact && returns.exact;
	}
	if (vendors_returns(who, snap, index, &codes)) {
		seen->table_codes |= codes;
	}
}

/** @param n entries of the vendor. */
static int fill_seen(struct vendor_seen *seen, const struct identities *who,
                     const struct snapshot *snap, uint32_t vendor, uint32_t n, struct arena *arena)
{
	const struct vendor *row = &who->table->rows[vendor];
	uint32_t last_hook = SNAP_NONE;
	bool failed = false;

	*seen = (struct vendor_seen){
		.id = row->id,
		.name = row->name,
		.version = vendors_range_text(&who->versions[vendor], arena, &failed),
		.exact = true,
		.running = who->running[vendor],
		.prefs = arena_alloc(arena, n * sizeof(*seen->prefs)),
		.evidence = arena_alloc(arena, n * sizeof(*seen->evidence)),
	};
	if (failed || seen->prefs == NULL || seen->evidence == NULL) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < snap->n_entries; i++) {
		if (who->entries[i].vendor == vendor) {
			add_entry(seen, who, snap, i);
			/* Entries of a hook are neighbours. */
			seen->n_hooks += snap->entries[i].hook != last_hook ? 1 : 0;
			last_hook = snap->entries[i].hook;
		}
	}
	sort_prefs(seen);
	sort_evidence(seen);
	return 0;
}

int vendors_summary(const struct identities *who, const struct snapshot *snap, struct arena *arena,
                    struct vendor_seen **ret, uint32_t *ret_n)
{
	uint32_t n_vendors = who->table->n;
	uint32_t *counts = arena_alloc(arena, ((size_t)n_vendors + 1) * sizeof(*counts));
	struct vendor_seen *rows = NULL;
	uint32_t n = 0;

	if (counts == NULL) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < snap->n_entries; i++) {
		uint32_t vendor = who->entries[i].vendor;

		if (vendor != SNAP_NONE) {
			n += counts[vendor]++ == 0 ? 1 : 0;
		}
	}
	rows = arena_alloc(arena, ((size_t)n + 1) * sizeof(*rows));
	if (rows == NULL) {
		return -ENOMEM;
	}
	n = 0;
	for (uint32_t v = 0; v < n_vendors; v++) {
		if (counts[v] > 0) {
			int r = fill_seen(&rows[n++], who, snap, v, counts[v], arena);

			if (r < 0) {
				return r;
			}
		}
	}
	*ret = rows;
	*ret_n = n;
	return 0;
}
