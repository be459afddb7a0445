/* SPDX-License-Identifier: Apache-2.0 */
/**
 * checklist.h - the vendor checklist of the Agent's documentation, answered for this node.
 */
#ifndef TCAUDIT_ANALYZER_CHECKLIST_H
#define TCAUDIT_ANALYZER_CHECKLIST_H

#include "analyzer/context.h"
#include "model/attrs.h"
#include "model/findings.h"

/** Fill checklist and n_checklist of sorted findings. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int checklist_fill(const struct context *ctx, struct findings *ret);

#endif
