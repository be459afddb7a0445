/* SPDX-License-Identifier: Apache-2.0 */
/**
 * solver.h - the one priority that serves every hook, or the proof that there is none.
 *
 * Each direction of each link constrains the priority; all of them are counted into one table over
 * the 65,535 values, so the work grows with hooks plus filters, not with their product.
 */
#ifndef TCAUDIT_ANALYZER_SOLVER_H
#define TCAUDIT_ANALYZER_SOLVER_H

#include "analyzer/context.h"
#include "model/attrs.h"
#include "model/findings.h"

/**
 * Solve for the whole snapshot. Needs everything in @p ctx up to priority.
 *
 * @param arena of what the answer points to.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int solver_run(const struct context *ctx, struct arena *arena,
                            struct recommendation *ret);

#endif
