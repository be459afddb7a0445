/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/outcome.h"
#include "analyzer/vendors_match.h"
#include "model/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/** Who --cilium-version is about. */
#define CILIUM_ID "cilium"

const struct vendor *vendors_find(const struct vendors *table, const char *id)
{
	uint32_t low = 0;
	uint32_t high = table->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int r = strcasecmp(table->rows[mid].id, id);

		if (r == 0) {
			return &table->rows[mid];
		}
		if (r < 0) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return NULL;
}

/** Room for @p n rows, and for none without asking for nothing. */
static void *alloc_rows(struct arena *arena, uint32_t n, size_t row_bytes)
{
	return arena_alloc(arena, ((size_t)n + 1) * row_bytes);
}

/** One identification under way. */
struct identifying {
	const struct vendors *table;
	const struct snapshot *snap;
	struct pin_index pins;
	struct arena *arena;
	struct vendor_id *entries;
	struct release_range *versions;
	bool *running;
	uint32_t *hooks;
	bool *disputed; /**< For each vendor: its hints contradict each other. */
	/* The last evidence: neighbours mostly have the same. */
	const struct vendor_match *last_match;
	const char *last_prog;
	enum hook_type last_hook;
	const char *last_text;
};

static const char *prog_name(const struct snapshot *snap, const struct snap_entry *entry)
{
	const struct snap_prog *prog =
		entry->prog_id != 0 ? snap_find_prog(snap, entry->prog_id) : NULL;

	return prog != NULL ? prog->name : NULL;
}

/** Evidence of a match, made once for equal neighbours. @return NULL: no memory. */
static const char *evidence_of(struct identifying *id, const struct snap_entry *entry,
                               const struct vendor_match *match)
{
	enum hook_type hook = id->snap->hooks[entry->hook].type;
	const char *name = prog_name(id->snap, entry);

	if (id->last_text == NULL || id->last_match != match || id->last_hook != hook ||
	    !text_eq(id->last_prog, name)) {
		id->last_match = match;
		id->last_hook = hook;
		id->last_prog = name;
		id->last_text = vendor_match_evidence(match, id->snap, entry, id->arena);
	}
	return id->last_text;
}

/** The best fingerprint of an entry so far. */
struct best {
	const struct vendor_match *match; /**< NULL: none. */
	uint32_t vendor;
	bool tie; /**< Another vendor is recognised as surely. */
};

/** How much a match says; a loader's hint says less than a vendor's. */
static int rank_of(const struct vendor *vendor, const struct vendor_match *match)
{
	return 2 * (int)match->strength + (vendor->generic ? 0 : 1);
}

/** The first of the strongest fingerprints that hold, of those not weaker than @p floor. */
static const struct vendor_match *match_vendor(const struct identifying *id,
                                               const struct snap_entry *entry,
                                               const struct vendor *vendor, int floor)
{
	const struct vendor_match *found = NULL;

	for (uint32_t i = 0; i < vendor->n_matches; i++) {
		const struct vendor_match *match = &vendor->matches[i];
		int rank = rank_of(vendor, match);

		if (rank >= floor && (found == NULL || rank > rank_of(vendor, found)) &&
		    vendor_match_holds(match, &id->pins, entry)) {
			found = match;
		}
	}
	return found;
}

static struct best best_match(const struct identifying *id, const struct snap_entry *entry)
{
	struct best best = {0};
	int floor = 0;

	for (uint32_t v = 0; v < id->table->n; v++) {
		const struct vendor *vendor = &id->table->rows[v];
		const struct vendor_match *match = match_vendor(id, entry, vendor, floor);

		if (match == NULL) {
			continue;
		}
		best.tie = best.match != NULL && rank_of(vendor, match) == floor;
		if (!best.tie) {
			best.match = match;
			best.vendor = v;
			floor = rank_of(vendor, match);
		}
	}
	return best;
}

/** A name in the snapshot's file, where what it was given by may have been taken out. */
static void name_from_snapshot(const struct identifying *id, const struct snap_entry *entry,
                               struct vendor_id *ret)
{
	const struct snap_prog *prog =
		entry->prog_id != 0 ? snap_find_prog(id->snap, entry->prog_id) : NULL;
	const struct vendor *vendor =
		prog != NULL && prog->vendor != NULL ? vendors_find(id->table, prog->vendor) : NULL;

	if (vendor != NULL && vendor->uses_tc && !vendor->generic) {
		*ret = (struct vendor_id){.vendor = (uint32_t)(vendor - id->table->rows),
		                          .strength = MATCH_LIKELY,
		                          .evidence = "named in the snapshot"};
	}
}

/** What hints come to: a name of what it could be, and of what loaded it. */
static const char *hint_text(struct identifying *id, const struct best *best, const char *evidence)
{
	return arena_printf(id->arena, "could be %s: %s", id->table->rows[best->vendor].name,
	                    evidence);
}

static const char *loader_text(struct identifying *id, const struct snap_entry *entry,
                               const struct best *best)
{
	const char *prog = prog_name(id->snap, entry);

	return arena_printf(id->arena, "loaded in the way of %s%s%s",
	                    id->table->rows[best->vendor].name, prog != NULL ? ": program " : "",
	                    prog != NULL ? prog : "");
}

static int identify_entry(struct identifying *id, uint32_t index)
{
	const struct snap_entry *entry = &id->snap->entries[index];
	struct vendor_id *ret = &id->entries[index];
	struct best best = best_match(id, entry);
	bool named = best.match != NULL && best.match->strength > MATCH_HINT && !best.tie &&
	             !id->table->rows[best.vendor].generic;

	*ret = (struct vendor_id){.vendor = SNAP_NONE, .strength = MATCH_HINT};
	if (named) {
		ret->vendor = best.vendor;
		ret->strength = best.match->strength;
		ret->evidence = evidence_of(id, entry, best.match);
		return ret->evidence != NULL ? 0 : -ENOMEM;
	}
	if (best.match == NULL || best.match->strength == MATCH_HINT) {
		name_from_snapshot(id, entry, ret);
	}
	if (ret->vendor != SNAP_NONE || best.match == NULL) {
		return 0;
	}
	if (id->table->rows[best.vendor].generic) {
		ret->evidence = loader_text(id, entry, &best);
	} else {
		const char *evidence = evidence_of(id, entry, best.match);

		ret->evidence = evidence != NULL ? hint_text(id, &best, evidence) : NULL;
	}
	return ret->evidence != NULL ? 0 : -ENOMEM;
}

/** Keep the versions that are in both. @return false when there is none. */
static bool narrow(struct release_range *range, const struct release_range *by)
{
	if (by->has_since && (!range->has_since || release_cmp(by->since, range->since) > 0)) {
		range->has_since = true;
		range->since = by->since;
	}
	if (by->has_before && (!range->has_before || release_cmp(by->before, range->before) < 0)) {
		range->has_before = true;
		range->before = by->before;
	}
	return !range->has_since || !range->has_before ||
	       release_cmp(range->since, range->before) < 0;
}

/** What the entries tell of their vendors. */
static void collect_hints(struct identifying *id)
{
	for (uint32_t i = 0; i < id->snap->n_entries; i++) {
		const struct snap_entry *entry = &id->snap->entries[i];
		uint32_t v = id->entries[i].vendor;

		if (v == SNAP_NONE) {
			continue;
		}
		id->hooks[v] |= VENDOR_HOOK(id->snap->hooks[entry->hook].type);
		for (uint32_t k = 0; k < id->table->rows[v].n_hints; k++) {
			const struct vendor_match *hint = &id->table->rows[v].hints[k];

			if (vendor_match_holds(hint, &id->pins, entry) &&
			    !narrow(&id->versions[v], &hint->versions)) {
				id->disputed[v] = true;
			}
		}
	}
	for (uint32_t v = 0; v < id->table->n; v++) {
		if (id->disputed[v]) {
			/* Two versions side by side, or one that left its filters behind. */
			id->versions[v] = (struct release_range){0};
		}
	}
}

static bool has_process(const struct vendor *vendor, const char *comm)
{
	for (uint32_t i = 0; i < vendor->n_processes; i++) {
		if (text_eq(vendor->processes[i], comm)) {
			return true;
		}
	}
	return false;
}

/** Make room in a range of told versions for one more. */
static void widen(struct release_range *range, struct release version)
{
	struct release_range one = release_exactly(version);

	if (!range->has_since) {
		*range = one;
		return;
	}
	if (release_cmp(one.since, range->since) < 0) {
		range->since = one.since;
	}
	if (release_cmp(one.before, range->before) > 0) {
		range->before = one.before;
	}
}

/** Processes: who runs, and which version its files tell, which is better than any hint. */
static void collect_processes(struct identifying *id, uint32_t v)
{
	const struct vendor *vendor = &id->table->rows[v];
	struct release_range told = {0};
	struct release version;

	for (uint32_t i = 0; i < id->snap->n_processes; i++) {
		const struct snap_process *process = &id->snap->processes[i];

		if (!has_process(vendor, process->comm)) {
			continue;
		}
		id->running[v] = true;
		if (release_parse(process->version, &version)) {
			widen(&told, version);
		}
	}
	if (vendor->agent) {
		id->running[v] = id->running[v] || id->snap->agent.running;
		if (!told.has_since && release_parse(id->snap->agent.version, &version)) {
			widen(&told, version);
		}
	}
	if (told.has_since) {
		id->versions[v] = told;
	}
}

static int identify_all(struct identifying *id, const struct vendor_versions *versions)
{
	struct release told;

	for (uint32_t i = 0; i < id->snap->n_entries; i++) {
		int r = identify_entry(id, i);

		if (r < 0) {
			return r;
		}
	}
	collect_hints(id);
	for (uint32_t v = 0; v < id->table->n; v++) {
		collect_processes(id, v);
		if (versions != NULL && strcmp(id->table->rows[v].id, CILIUM_ID) == 0 &&
		    release_parse(versions->cilium, &told)) {
			id->versions[v] = release_exactly(told);
		}
	}
	return 0;
}

int vendors_identify(const struct vendors *table, const struct snapshot *snap,
                     const struct vendor_versions *versions, struct arena *arena,
                     struct identities *ret)
{
	struct identifying id = {
		.table = table,
		.snap = snap,
		.arena = arena,
		.entries = alloc_rows(arena, snap->n_entries, sizeof(*id.entries)),
		.versions = alloc_rows(arena, table->n, sizeof(*id.versions)),
		.running = alloc_rows(arena, table->n, sizeof(*id.running)),
		.hooks = alloc_rows(arena, table->n, sizeof(*id.hooks)),
		.disputed = alloc_rows(arena, table->n, sizeof(*id.disputed)),
	};

	if (id.entries == NULL || id.versions == NULL || id.running == NULL || id.hooks == NULL ||
	    id.disputed == NULL || pin_index_make(snap, arena, &id.pins) < 0) {
		return -ENOMEM;
	}

	int r = identify_all(&id, versions);

	if (r < 0) {
		return r;
	}
	*ret = (struct identities){
		.table = table,
		.entries = id.entries,
		.versions = id.versions,
		.running = id.running,
		.hooks = id.hooks,
	};
	return 0;
}

const struct vendor *vendors_of_entry(const struct identities *who, uint32_t entry)
{
	if (who == NULL || who->entries[entry].vendor == SNAP_NONE) {
		return NULL;
	}
	return &who->table->rows[who->entries[entry].vendor];
}

/** The row of a program that may be written to. */
static struct snap_prog *find_prog(struct snapshot *snap, uint32_t id)
{
	const struct snap_prog *prog = id != 0 ? snap_find_prog(snap, id) : NULL;

	return prog != NULL ? &snap->progs[prog - snap->progs] : NULL;
}

void vendors_mark_programs(const struct identities *who, struct snapshot *snap)
{
	for (uint32_t i = 0; i < snap->n_entries; i++) {
		const struct vendor *vendor = vendors_of_entry(who, i);
		struct snap_prog *prog = find_prog(snap, snap->entries[i].prog_id);

		if (vendor != NULL && prog != NULL) {
			prog->vendor = vendor->id;
		}
	}
}

enum release_fit vendors_applies(const struct identities *who, uint32_t vendor,
                                 const struct vendor_when *when, enum hook_type hook)
{
	enum release_fit fit = release_fits(&who->versions[vendor], &when->versions);
	uint32_t seen =
		hook == (enum hook_type)N_HOOK_TYPES ? who->hooks[vendor] : VENDOR_HOOK(hook);

	if (when->hooks == 0 || fit == RELEASE_OUTSIDE) {
		return fit;
	}
	if (seen == 0) {
		return RELEASE_PARTLY; /* it runs, and has attached nothing yet */
	}
	return (when->hooks & seen) != 0 ? fit : RELEASE_OUTSIDE;
}

bool vendor_takes_on(const struct vendor_take *take, const char *device)
{
	struct arena scratch;
	bool found = take->n_devices == 0;

	arena_init(&scratch, sizeof(struct vendor_match) + (size_t)64 * 1024);
	for (uint32_t i = 0; i < take->n_devices && !found; i++) {
		const struct pattern *pattern = NULL;
		const char *wrong = pattern_read(take->devices[i], &scratch, &pattern);

		found = wrong == NULL && pattern != NULL &&
		        pattern_fits(pattern, device, NULL, false);
	}
	arena_done(&scratch);
	return found;
}

bool vendors_returns(const struct identities *who, const struct snapshot *snap, uint32_t entry,
                     uint32_t *ret_codes)
{
	const struct vendor *vendor = vendors_of_entry(who, entry);
	enum hook_type hook = snap->hooks[snap->entries[entry].hook].type;
	uint32_t codes = 0;

	for (uint32_t i = 0; vendor != NULL && i < vendor->n_returns; i++) {
		const struct vendor_returns *row = &vendor->returns[i];

		if (vendors_applies(who, who->entries[entry].vendor, &row->when, hook) ==
		    RELEASE_OUTSIDE) {
			continue;
		}
		if (row->depends || (codes != 0 && codes != row->codes)) {
			return false; /* the version decides, and it is not known well enough */
		}
		codes = row->codes;
	}
	if (codes != 0) {
		*ret_codes = codes;
	}
	return codes != 0;
}
