/* SPDX-License-Identifier: Apache-2.0 */
/**
 * analyze.h - from a sealed snapshot to everything that can be said of it.
 */
#ifndef TCAUDIT_ANALYZER_ANALYZE_H
#define TCAUDIT_ANALYZER_ANALYZE_H

#include "model/err.h"
#include "model/findings.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/** The Agent's default classifier_priority since 7.39.2. */
#define AGENT_DEFAULT_PRIORITY 10u

struct vendors;     /* analyzer/vendors.h */
struct ignore_list; /* analyzer/ignore.h */

struct analyze_options {
	uint32_t priority;             /**< --priority, 1..65535; 0: not given. */
	const char *agent_version;     /**< --agent-version, or NULL. */
	const char *cilium_version;    /**< --cilium-version, or NULL. */
	const struct vendors *vendors; /**< Has to outlive the findings; NULL: nobody is known. */
	const struct ignore_list *ignore; /**< --ignore-file, or NULL. */
	const char *today;                /**< "2026-11-23", for expiry; NULL: nothing expires. */
	const char *const *only;          /**< --only codes; none: all. */
	uint32_t n_only;
	const char *const *skip; /**< --skip codes. */
	uint32_t n_skip;
};

/**
 * Run every rule and the solver.
 *
 * @param ret  initialised by the caller with findings_init(); freed by the caller either way.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int analyze(const struct snapshot *snap, const struct analyze_options *opts,
                         struct findings *ret, struct err *err);

#endif
