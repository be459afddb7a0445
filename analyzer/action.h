/* SPDX-License-Identifier: Apache-2.0 */
/**
 * action.h - what to do where the solver's answer alone will not: the Agent is too old to be told,
 * or nothing can be told to anybody.
 */
#ifndef TCAUDIT_ANALYZER_ACTION_H
#define TCAUDIT_ANALYZER_ACTION_H

#include "analyzer/context.h"
#include "model/attrs.h"

/**
 * Change f->advice.action and reason where the solver's do not hold: to upgrade-agent for an Agent
 * without classifier_priority that needs another one or races with Cilium; to disable-network where
 * the Agent would see no hook at all, what hides it is proven and identified, and no setting of any
 * of it is known to help.
 *
 * @param f with version, vendors and advice. @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int action_settle(const struct context *ctx, struct findings *f);

#endif
