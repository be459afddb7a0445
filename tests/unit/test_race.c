/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/race.h"
#include "analyzer/vendors.h"
#include "model/attrs.h"

#include <criterion/criterion.h>
#include <string.h>

#define LIMIT_BYTES ((size_t)1 << 20)

#define CLSACT (1u << HOOK_CLSACT_INGRESS)
#define TCX    (1u << HOOK_TCX_INGRESS)

/** What the table made of the node's Cilium. */
enum hint {
	NO_TABLE,
	ANY,          /**< Nothing is known. */
	TO_1_9,       /**< 1.9 or earlier. */
	FROM_1_12,    /**< 1.12 or later. */
	ABOUT_1_9_10, /**< 1.9 or 1.10. */
};

static const struct race_case {
	const char *name;
	const char *agent;
	const char *cilium; /**< --cilium-version. */
	uint32_t hooks;     /**< Of Cilium, types; 0: it is not seen. */
	uint32_t prefs[2];  /**< Ends at 0. */
	enum hint hint;
	uint32_t running; /**< Priority of the Agent's own filters; 0: none. */
	bool gap;
	enum check_status want;
	const char *says;
} race_cases[] = {
	{"nobody", "7.38.0", NULL, 0, {0}, ANY, 0, false, CHECK_NOT_APPLICABLE, "not found"},
	{"nobody seen", "7.38.0", NULL, 0, {0}, ANY, 0, true, CHECK_UNKNOWN, "not everything"},
	{"new Agent, nobody seen",
         "7.50.1",
         NULL,
         0,
         {0},
         ANY,
         0,
         true,
         CHECK_UNKNOWN,
         "not found"},
	{"first with the fix",
         "7.39.2",
         NULL,
         CLSACT,
         {1},
         ANY,
         1,
         false,
         CHECK_PASS,
         "not this Agent: 7.39.2 has the fix"},
	{"new Agent",
         "7.50.1",
         NULL,
         CLSACT,
         {1},
         TO_1_9,
         0,
         false,
         CHECK_PASS,
         "not this Agent: 7.50.1"},
	{"before the classifiers",
         "7.35.2",
         NULL,
         CLSACT,
         {1},
         TO_1_9,
         0,
         false,
         CHECK_PASS,
         "7.35.2 has no tc"},
	{"last without the fix",
         "7.39.1",
         "1.9.5",
         CLSACT,
         {1},
         ANY,
         0,
         false,
         CHECK_FAIL,
         "race: Agent 7.39.1 and Cilium 1.9.5"},
	{"first with classifiers",
         "7.36.0",
         "1.9.5",
         CLSACT,
         {1},
         ANY,
         1,
         false,
         CHECK_FAIL,
         "race: Agent 7.36.0"},
	{"by option alone", "7.38.0", "1.9", 0, {0}, ANY, 0, false, CHECK_FAIL, "race:"},
	{"by the table", "7.38.0", NULL, CLSACT, {1}, TO_1_9, 0, false, CHECK_FAIL, "race:"},
	{"by the table, perhaps",
         "7.38.0",
         NULL,
         CLSACT,
         {1},
         ABOUT_1_9_10,
         0,
         false,
         CHECK_FAIL,
         "race: Agent"},
	{"newer than documented",
         "7.38.0",
         "1.10.0",
         CLSACT,
         {1},
         ANY,
         0,
         false,
         CHECK_FAIL,
         "documented is only Cilium 1.9"},
	{"newer, by the table",
         "7.38.0",
         NULL,
         CLSACT,
         {1},
         FROM_1_12,
         0,
         false,
         CHECK_FAIL,
         "race: Agent"},
	{"version unknown",
         "7.38.0",
         NULL,
         CLSACT,
         {1},
         ANY,
         0,
         false,
         CHECK_FAIL,
         "of unknown version"},
	{"without a table",
         "7.38.0",
         NULL,
         CLSACT,
         {1},
         NO_TABLE,
         0,
         false,
         CHECK_FAIL,
         "race: Agent"},
	{"told to come", "7.38.0", "1.11.0", 0, {0}, ANY, 0, false, CHECK_WARN, "race possible"},
	{"told to come, with TCX",
         "7.38.0",
         "1.16.0",
         0,
         {0},
         ANY,
         0,
         false,
         CHECK_PASS,
         "1.16 and later"},
	{"option is stronger than the table",
         "7.38.0",
         "1.9.1",
         CLSACT,
         {1},
         FROM_1_12,
         0,
         false,
         CHECK_FAIL,
         "race:"},
	{"TCX only", "7.38.0", NULL, TCX, {0}, ANY, 0, false, CHECK_PASS, "not here"},
	{"another priority",
         "7.38.0",
         "1.9.5",
         CLSACT,
         {50},
         ANY,
         0,
         false,
         CHECK_PASS,
         "not here"},
	{"both priorities", "7.38.0", "1.9.5", CLSACT, {1, 50}, ANY, 0, false, CHECK_FAIL, "race:"},
	{"Agent unknown",
         NULL,
         NULL,
         CLSACT,
         {1},
         TO_1_9,
         0,
         false,
         CHECK_UNKNOWN,
         "give --agent-version"},
	{"Agent is a word",
         "latest",
         NULL,
         CLSACT,
         {1},
         TO_1_9,
         0,
         false,
         CHECK_UNKNOWN,
         "give --agent-version"},
	{"Agent unknown, at 10",
         NULL,
         NULL,
         CLSACT,
         {1},
         TO_1_9,
         10,
         false,
         CHECK_PASS,
         "its filters are at priority 10"},
	{"Agent unknown, at 1",
         NULL,
         NULL,
         CLSACT,
         {1},
         TO_1_9,
         1,
         false,
         CHECK_UNKNOWN,
         "give --agent-version"},
	{"Agent unknown, TCX only", NULL, NULL, TCX, {0}, ANY, 0, false, CHECK_PASS, "not here"},
};

static struct release_range range_of(enum hint hint)
{
	switch (hint) {
	case TO_1_9:
		return (struct release_range){.has_before = true, .before = {1, 10, 0}};
	case FROM_1_12:
		return (struct release_range){.has_since = true, .since = {1, 12, 0}};
	case ABOUT_1_9_10:
		return (struct release_range){.has_since = true,
		                              .since = {1, 9, 0},
		                              .has_before = true,
		                              .before = {1, 11, 0}};
	case NO_TABLE:
	case ANY:
		break;
	}
	return (struct release_range){0};
}

static void check_race(const struct race_case *c)
{
	struct vendor rows[] = {{.id = "calico"}, {.id = "cilium"}};
	const struct vendors table = {.rows = rows, .n = COUNT_OF(rows)};
	const struct release_range versions[] = {{0}, range_of(c->hint)};
	const struct identities who = {.table = &table, .versions = versions};
	uint32_t prefs[] = {c->prefs[0], c->prefs[1]};
	struct vendor_seen seen[] = {
		{.id = "calico", .n_hooks = 1, .hook_types = CLSACT},
		{.id = "cilium",
	         .n_hooks = c->hooks != 0,
	         .hook_types = c->hooks,
	         .prefs = prefs,
	         .n_prefs = (prefs[0] != 0) + (prefs[1] != 0)},
	};
	struct snapshot snap = {.facets = c->gap ? 0 : UINT32_MAX};
	struct analyze_options opts = {.cilium_version = c->cilium};
	struct findings f = {.vendors = seen,
	                     .n_vendors = c->hooks != 0 ? 2 : 1,
	                     .agent_version = c->agent,
	                     .agent_priority = c->running != 0 ? c->running : 10,
	                     .agent_source = c->running != 0 ? PRIORITY_RUNNING : PRIORITY_DEFAULT};
	struct context ctx = {
		.snap = &snap, .opts = &opts, .who = c->hint != NO_TABLE ? &who : NULL};
	struct arena arena;

	arena_init(&arena, LIMIT_BYTES);
	struct race got = race_judge(&ctx, &f, &arena);

	cr_assert_not_null(got.answer, "%s", c->name);
	cr_expect_eq(got.status, c->want, "%s: %s", c->name, got.answer);
	cr_expect_not_null(strstr(got.answer, c->says), "%s: %s", c->name, got.answer);
	arena_done(&arena);
}

Test(race, agents_and_ciliums)
{
	for (size_t i = 0; i < COUNT_OF(race_cases); i++) {
		check_race(&race_cases[i]);
	}
}
