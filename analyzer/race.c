/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/race.h"

#include "analyzer/agent.h"
#include "analyzer/vendors.h"
#include "model/release.h"
#include "model/text.h"

#include <string.h>

/** The priority both of them use. */
#define RACE_PREF 1u

/** Without these nobody can say that Cilium is not here. */
#define SEEING_CILIUM (FACET_NETNS | FACET_LINKS | FACET_FILTERS | FACET_TCX | FACET_PROGS)

/** The documentation names Cilium 1.9 and lower. */
static const struct release_range documented = {.has_before = true, .before = {1, 10, 0}};

/** From here on Cilium attaches with TCX by default. */
static const struct release tcx_since = {1, 16, 0};

static const struct vendor_seen *find_cilium(const struct findings *f)
{
	for (uint32_t i = 0; i < f->n_vendors; i++) {
		if (text_eq(f->vendors[i].id, "cilium")) {
			return &f->vendors[i];
		}
	}
	return NULL;
}

/** Versions that this Cilium can have. */
static struct release_range cilium_range(const struct context *ctx)
{
	struct release release = {0};

	if (release_parse(ctx->opts->cilium_version, &release)) {
		return release_exactly(release);
	}
	for (uint32_t i = 0; ctx->who != NULL && i < ctx->who->table->n; i++) {
		if (text_eq(ctx->who->table->rows[i].id, "cilium")) {
			return ctx->who->versions[i];
		}
	}
	return (struct release_range){0};
}

static const char *cilium_version(const struct context *ctx, const struct vendor_seen *seen)
{
	if (ctx->opts->cilium_version != NULL) {
		return ctx->opts->cilium_version;
	}
	return seen != NULL && seen->version != NULL ? seen->version : "of unknown version";
}

/** Is what is seen of Cilium elsewhere than in the slot: on other hooks or other priorities? */
static bool is_elsewhere(const struct vendor_seen *seen)
{
	if (seen == NULL || seen->n_hooks == 0) {
		return false;
	}
	for (uint32_t i = 0; i < seen->n_prefs; i++) {
		if (seen->prefs[i] == RACE_PREF) {
			return false;
		}
	}
	return true;
}

/** Is Cilium's program seen in the slot itself? */
static bool is_in_slot(const struct vendor_seen *seen)
{
	return seen != NULL && seen->n_prefs > 0 && seen->prefs[0] == RACE_PREF;
}

/** Told, not seen, and of a version that attaches with TCX unless it is told otherwise. */
static bool is_to_come_with_tcx(const struct context *ctx, const struct vendor_seen *seen)
{
	struct release release = {0};

	return seen == NULL && release_parse(ctx->opts->cilium_version, &release) &&
	       release_cmp(release, tcx_since) >= 0;
}

/** In 7.36 network detections have to be asked for. */
static bool is_not_asked_for(const struct context *ctx, const struct release *agent)
{
	struct agent_setting setting;

	return agent->major == 7 && agent->minor == 36 && ctx->snap->agent.present &&
	       (ctx->snap->facets & FACET_AGENT) != 0 &&
	       !agent_setting_find(ctx->snap, agent, "network.enabled", &setting);
}

/** The Agent's own filters at any other priority show a release that has the fix. */
static bool runs_elsewhere(const struct findings *f)
{
	return f->agent_source == PRIORITY_RUNNING && f->agent_priority != RACE_PREF;
}

static struct race racing(const struct context *ctx, const struct findings *f,
                          const struct vendor_seen *cilium, struct arena *arena)
{
	struct release_range range = cilium_range(ctx);
	const char *version = cilium_version(ctx, cilium);

	if (release_fits(&range, &documented) == RELEASE_INSIDE) {
		return (struct race){
			CHECK_FAIL, arena_printf(arena,
		                                 "race: Agent %s and Cilium %s take the same slot "
		                                 "when a pod starts, and the pod loses its network",
		                                 f->agent_version, version)};
	}
	if (is_in_slot(cilium)) {
		return (struct race){
			CHECK_FAIL,
			arena_printf(
				arena,
				"race: Agent %s has no fix, and Cilium %s is in the same slot, "
				"priority 1 (documented is only Cilium 1.9 and lower, but "
				"later versions replace that slot as well)",
				f->agent_version, version)};
	}
	return (struct race){
		CHECK_WARN,
		arena_printf(
			arena,
			"race possible: Agent %s has no fix, and Cilium %s may use the same slot, "
			"priority 1 and handle 1 (documented is only Cilium 1.9 and lower)",
			f->agent_version, version)};
}

static struct race with_cilium(const struct context *ctx, const struct findings *f,
                               const struct vendor_seen *cilium, struct arena *arena)
{
	struct release agent = {0};
	bool known = release_parse(f->agent_version, &agent);

	if (known && release_cmp(agent, agent_priority_since) >= 0) {
		return (struct race){CHECK_PASS,
		                     arena_printf(arena, "not this Agent: %s has the fix of 7.39.2",
		                                  f->agent_version)};
	}
	if (known && release_cmp(agent, agent_network_since) < 0) {
		return (struct race){CHECK_PASS,
		                     arena_printf(arena, "not this Agent: %s has no tc classifiers",
		                                  f->agent_version)};
	}
	if (!known && runs_elsewhere(f)) {
		return (struct race){
			CHECK_PASS,
			arena_printf(arena,
		                     "not this Agent: its filters are at priority %u, and "
		                     "releases with the race know 1 only",
		                     f->agent_priority)};
	}
	if (agent_network_off(ctx->snap, ctx->opts) != NULL ||
	    (known && is_not_asked_for(ctx, &agent))) {
		return (struct race){CHECK_PASS, "not here: network detections are switched off"};
	}
	if (is_to_come_with_tcx(ctx, cilium)) {
		return (struct race){CHECK_PASS,
		                     "not with Cilium 1.16 and later on TCX, which is its default"};
	}
	if (is_elsewhere(cilium)) {
		return (struct race){CHECK_PASS,
		                     "not here: Cilium's programs are not at priority 1 of "
		                     "clsact, where the race is"};
	}
	if (!known) {
		return (struct race){
			CHECK_UNKNOWN,
			"Cilium is here, and Agents 7.36.0 to 7.39.1 have a race with it: "
			"give --agent-version"};
	}
	return racing(ctx, f, cilium, arena);
}

struct race race_judge(const struct context *ctx, const struct findings *f, struct arena *arena)
{
	const struct vendor_seen *cilium = find_cilium(f);

	if (cilium != NULL || ctx->opts->cilium_version != NULL) {
		return with_cilium(ctx, f, cilium, arena);
	}
	if ((SEEING_CILIUM & ~ctx->snap->facets) != 0) {
		return (struct race){CHECK_UNKNOWN,
		                     "Cilium was not found, but not everything could be read"};
	}
	return (struct race){CHECK_NOT_APPLICABLE, "Cilium was not found"};
}
