/* SPDX-License-Identifier: Apache-2.0 */
/**
 * blockers.h - what stands between the Agent and full sight, once for equal causes.
 */
#ifndef TCAUDIT_ANALYZER_BLOCKERS_H
#define TCAUDIT_ANALYZER_BLOCKERS_H

#include "analyzer/context.h"
#include "model/attrs.h"
#include "model/findings.h"

#include <stdint.h>

/**
 * Walk every lane with @p priority and fill blocked_by and n_blocked_by: most lanes first, then
 * by text.
 *
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int blockers_find(const struct context *ctx, uint32_t priority, struct arena *arena,
                               struct recommendation *ret);

#endif
