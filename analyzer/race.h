/* SPDX-License-Identifier: Apache-2.0 */
/**
 * race.h - the known race between the Agent 7.36.0 to 7.39.1 and Cilium for one filter slot.
 *
 * These Agents attach at priority 1 with a handle that the kernel chooses. Where they come first
 * they get handle 1, which Cilium takes for its own and replaces; the Agent then deletes that slot,
 * with Cilium's filter in it, and the pod has no network. Fixed in 7.39.2 (DataDog/datadog-agent
 * #13692).
 */
#ifndef TCAUDIT_ANALYZER_RACE_H
#define TCAUDIT_ANALYZER_RACE_H

#include "analyzer/context.h"

struct race {
	enum check_status status;
	const char *answer; /**< NULL: no memory. */
};

/** Could it happen here? @param f vendors and the Agent's version in it. */
struct race race_judge(const struct context *ctx, const struct findings *f, struct arena *arena);

#endif
