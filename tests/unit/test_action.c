/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/action.h"
#include "analyzer/agent.h"
#include "model/attrs.h"
#include "model/text.h"

#include <criterion/criterion.h>
#include <string.h>

#define LIMIT_BYTES ((size_t)1 << 20)

static const struct action_case {
	const char *name;
	const char *agent;
	const char *cilium;
	enum action action;
	uint32_t priority, seen_after;
	const char *vendor; /**< Of the one blocker, where there is one. */
	bool blocked, proven, setting;
	enum action want;
	const char *says; /**< NULL: the solver's reason stays. */
} action_cases[] = {
	{"nothing to do", "7.50.0", NULL, ACTION_NONE, 0, 4, NULL, false, false, false, ACTION_NONE,
         NULL},
	{"set", "7.39.2", NULL, ACTION_SET_PRIORITY, 4, 4, NULL, false, false, false,
         ACTION_SET_PRIORITY, NULL},
	{"version unknown", NULL, "1.9.0", ACTION_SET_PRIORITY, 4, 4, NULL, false, false, false,
         ACTION_SET_PRIORITY, NULL},
	{"cannot be set", "7.39.1", NULL, ACTION_SET_PRIORITY, 4, 4, NULL, false, false, false,
         ACTION_UPGRADE_AGENT, "After the upgrade: Because."},
	{"too old, and blind", "7.36.0", NULL, ACTION_FIX_VENDOR, 0, 3, NULL, true, true, false,
         ACTION_UPGRADE_AGENT, "always uses 1"},
	{"too old, and fine", "7.38.0", NULL, ACTION_NONE, 0, 4, NULL, false, false, false,
         ACTION_NONE, NULL},
	{"too old, and a race", "7.38.0", "1.9.0", ACTION_NONE, 0, 4, NULL, false, false, false,
         ACTION_UPGRADE_AGENT, "there is a race"},
	{"too old, perhaps a race", "7.38.0", "1.11.0", ACTION_NONE, 0, 4, NULL, false, false,
         false, ACTION_UPGRADE_AGENT, "there is a race possible"},
	{"before the classifiers", "7.35.0", "1.9.0", ACTION_NONE, 0, 4, NULL, false, false, false,
         ACTION_NONE, NULL},
	{"all blind, and nothing to change", "7.50.0", NULL, ACTION_FIX_VENDOR, 0, 0, "x", true,
         true, false, ACTION_DISABLE_NETWORK, "Because. No setting"},
	{"some are seen", "7.50.0", NULL, ACTION_FIX_VENDOR, 0, 1, "x", true, true, false,
         ACTION_FIX_VENDOR, NULL},
	{"a setting helps", "7.50.0", NULL, ACTION_FIX_VENDOR, 0, 0, "x", true, true, true,
         ACTION_FIX_VENDOR, NULL},
	{"not identified", "7.50.0", NULL, ACTION_FIX_VENDOR, 0, 0, NULL, true, true, false,
         ACTION_FIX_VENDOR, NULL},
	{"not proven", "7.50.0", NULL, ACTION_FIX_VENDOR, 0, 0, "x", true, false, false,
         ACTION_FIX_VENDOR, NULL},
	{"investigate first", "7.50.0", NULL, ACTION_INVESTIGATE, 0, 0, "x", true, false, false,
         ACTION_INVESTIGATE, NULL},
};

static void check_action(const struct action_case *c)
{
	struct blocker blocker = {.vendor = c->vendor, .proven = c->proven};
	struct vendor_advice setting = {.vendor = "x"};
	struct snapshot snap = {.facets = UINT32_MAX};
	struct analyze_options opts = {.cilium_version = c->cilium};
	const struct context ctx = {.snap = &snap, .opts = &opts};
	struct findings f;

	findings_init(&f, LIMIT_BYTES);
	f.agent_version = c->agent;
	f.advice = (struct recommendation){
		.action = c->action,
		.priority = c->priority,
		.reason = "Because.",
		.hooks_total = 4,
		.seen_after = c->seen_after,
		.blocked_by = &blocker,
		.n_blocked_by = c->blocked,
		.settings = &setting,
		.n_settings = c->setting,
	};
	cr_expect_eq(action_settle(&ctx, &f), 0, "%s", c->name);
	cr_expect_eq(f.advice.action, c->want, "%s: %s", c->name, action_word(f.advice.action));
	cr_expect_eq(f.advice.priority, c->priority, "%s", c->name);
	if (c->says == NULL) {
		cr_expect_str_eq(f.advice.reason, "Because.", "%s", c->name);
	} else {
		cr_expect_not_null(strstr(f.advice.reason, c->says), "%s: %s", c->name,
		                   f.advice.reason);
	}
	findings_done(&f);
}

Test(action, settles)
{
	for (size_t i = 0; i < COUNT_OF(action_cases); i++) {
		check_action(&action_cases[i]);
	}
}

static const struct off_case {
	const char *name;
	enum action action;
	const char *enabled; /**< network.enabled, or NULL. */
	bool told;
} off_cases[] = {
	{"off", ACTION_SET_PRIORITY, "false", true},
	{"off, and nothing to do", ACTION_NONE, "false", false},
	{"on", ACTION_SET_PRIORITY, "true", false},
	{"not set", ACTION_SET_PRIORITY, NULL, false},
};

/** Who switched detections off is not told of losses without being told of that. */
Test(action, network_off)
{
	for (size_t i = 0; i < COUNT_OF(off_cases); i++) {
		const struct off_case *c = &off_cases[i];
		struct snap_config config[] = {
			{"runtime_security_config.network.enabled", c->enabled, "file", "f"}};
		struct snapshot snap = {
			.facets = UINT32_MAX,
			.agent = {.config = config, .n_config = c->enabled != NULL}};
		struct analyze_options opts = {0};
		const struct context ctx = {.snap = &snap, .opts = &opts};
		struct findings f;

		findings_init(&f, LIMIT_BYTES);
		f.advice = (struct recommendation){.action = c->action, .reason = "Because."};
		cr_expect_eq(action_settle(&ctx, &f), 0, "%s", c->name);
		cr_expect_eq(f.advice.action, c->action, "%s", c->name);
		cr_expect_str_eq(f.advice.reason,
		                 c->told ? "Because. Network detections are switched off now "
		                           "(runtime_security_config.network.enabled = false), so "
		                           "this is for when they are on."
		                         : "Because.",
		                 "%s", c->name);
		findings_done(&f);
	}
}

Test(action, out_of_memory)
{
	struct snapshot snap = {.facets = UINT32_MAX};
	struct analyze_options opts = {.cilium_version = "1.9.0"};
	const struct context ctx = {.snap = &snap, .opts = &opts};
	struct findings f;

	findings_init(&f, 1);
	f.agent_version = "7.38.0";
	f.advice.reason = "Because.";
	cr_expect_lt(action_settle(&ctx, &f), 0);
	cr_expect_eq(f.advice.action, ACTION_NONE);
	findings_done(&f);
}

static const struct {
	const char *version;
	bool want;
} fixed_cases[] = {
	{NULL, false},     {"latest", false}, {"7.35.9", false},    {"7.36.0", true},
	{"7.36", true},    {"7.39.1", true},  {"7.39.1-1", true},   {"7.39.2", false},
	{"7.40.0", false}, {"8.0.0", false},  {"1:7.38.2-1", true}, {"6.39.0", false},
};

/** Before 7.39.2 the setting does not exist: whatever is set, the Agent uses 1. */
Test(action, agents_that_know_one_priority)
{
	for (size_t i = 0; i < COUNT_OF(fixed_cases); i++) {
		struct snap_config config[] = {
			{"runtime_security_config.network.classifier_priority", "5", "file", NULL}};
		struct snapshot snap = {.agent = {.config = config, .n_config = 1}};
		struct analyze_options opts = {.agent_version = fixed_cases[i].version};
		struct agent_priority got = {0};
		struct arena arena;

		arena_init(&arena, LIMIT_BYTES);
		cr_expect_eq(agent_is_fixed(fixed_cases[i].version), fixed_cases[i].want, "%zu", i);
		cr_expect_eq(agent_effective_priority(&snap, &opts, NULL, &arena, &got), 0);
		cr_expect_eq(got.value, fixed_cases[i].want ? 1 : 5, "%zu", i);
		cr_expect_eq(got.source, fixed_cases[i].want ? PRIORITY_DEFAULT : PRIORITY_FILE,
		             "%zu", i);
		arena_done(&arena);
	}
}
