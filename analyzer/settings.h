/* SPDX-License-Identifier: Apache-2.0 */
/**
 * settings.h - which settings of other vendors would move them out of the Agent's way.
 */
#ifndef TCAUDIT_ANALYZER_SETTINGS_H
#define TCAUDIT_ANALYZER_SETTINGS_H

#include "analyzer/context.h"
#include "model/attrs.h"
#include "model/findings.h"

/**
 * Fill settings and n_settings for the blockers that @p ret holds: for each identified vendor the
 * settings of the purpose that helps first where it blocks, for its versions and hook. Texts are
 * the table's.
 *
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int settings_find(const struct context *ctx, struct arena *arena,
                               struct recommendation *ret);

/** The vendor that a place is about: of its entry, else the first one recognised on its hook. */
const struct vendor *settings_vendor_at(const struct context *ctx, uint32_t hook, uint32_t entry);

#endif
