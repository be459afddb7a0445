/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/action.h"

#include "analyzer/agent.h"
#include "analyzer/race.h"

#include <errno.h>

static int settle_upgrade(const struct context *ctx, struct findings *f)
{
	struct recommendation *advice = &f->advice;
	struct race race = race_judge(ctx, f, &f->arena);
	bool races = race.status == CHECK_FAIL || race.status == CHECK_WARN;

	if (race.answer == NULL) {
		return -ENOMEM;
	}
	if (advice->action == ACTION_NONE && !races) {
		return 0;
	}

	const char *why = arena_printf(&f->arena,
	                               "Agent %s has no classifier_priority and always uses %u; "
	                               "7.39.2 is the first that can be told another one",
	                               f->agent_version, AGENT_FIXED_PRIORITY);

	if (why != NULL && races) {
		why = arena_printf(&f->arena, "%s. On this node there is a %s", why, race.answer);
	}
	if (why != NULL && advice->priority != 0) {
		why = arena_printf(&f->arena, "%s. After the upgrade: %s", why, advice->reason);
	} else if (why != NULL) {
		why = arena_printf(&f->arena, "%s.", why);
	}
	if (why == NULL) {
		return -ENOMEM;
	}
	advice->action = ACTION_UPGRADE_AGENT;
	advice->reason = why;
	return 0;
}

/** Nothing is seen, and everybody who could change that is known and has nothing to change. */
static bool is_hopeless(const struct recommendation *advice)
{
	if (advice->action != ACTION_FIX_VENDOR || advice->seen_after > 0 ||
	    advice->n_settings > 0) {
		return false;
	}
	for (uint32_t i = 0; i < advice->n_blocked_by; i++) {
		if (!advice->blocked_by[i].proven || advice->blocked_by[i].vendor == NULL) {
			return false;
		}
	}
	return true;
}

static int settle_hopeless(struct findings *f)
{
	const char *why = arena_printf(&f->arena,
	                               "%s No setting of the software in the way is known that "
	                               "would change this.",
	                               f->advice.reason);

	if (why == NULL) {
		return -ENOMEM;
	}
	f->advice.action = ACTION_DISABLE_NETWORK;
	f->advice.reason = why;
	return 0;
}

/** Where the Agent attaches nothing, advice must not read as if something were lost today. */
static int add_network_off(const struct context *ctx, struct findings *f)
{
	const struct snap_config *off = agent_network_off(ctx->snap, ctx->opts);

	if (off == NULL || f->advice.action == ACTION_NONE) {
		return 0;
	}

	const char *why = arena_printf(&f->arena,
	                               "%s Network detections are switched off now (%s = %s), so "
	                               "this is for when they are on.",
	                               f->advice.reason, off->key, off->value);

	if (why == NULL) {
		return -ENOMEM;
	}
	f->advice.reason = why;
	return 0;
}

int action_settle(const struct context *ctx, struct findings *f)
{
	int r = 0;

	if (agent_is_fixed(f->agent_version)) {
		r = settle_upgrade(ctx, f);
	} else if (is_hopeless(&f->advice)) {
		r = settle_hopeless(f);
	}
	return r < 0 ? r : add_network_off(ctx, f);
}
