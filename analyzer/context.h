/* SPDX-License-Identifier: Apache-2.0 */
/**
 * context.h - what rules, solver and checklist look at while one snapshot is judged.
 *
 * Made by analyze(), read by everything else in this layer. The snapshot is sealed; the tables
 * here run parallel to its tables.
 */
#ifndef TCAUDIT_ANALYZER_CONTEXT_H
#define TCAUDIT_ANALYZER_CONTEXT_H

#include "analyzer/analyze.h"
#include "analyzer/keytab.h"
#include "model/arena.h"
#include "model/findings.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/** Largest priority of a filter: TC_H_MAJ is 16 bits wide. */
#define PREF_MAX 65535u

/** One judgement under way. */
struct context {
	const struct snapshot *snap;
	const struct analyze_options *opts;
	const enum effect *effects;          /**< One for each entry. */
	const bool *own;                     /**< One for each entry: the Agent's own filter. */
	const bool *by_table;                /**< One for each entry: the vendor table decided. */
	const bool *shadowed;                /**< One for each entry, see order_shadows(). */
	const uint32_t *netkit_before;       /**< One for each link, see order_netkit_before(). */
	uint32_t priority;                   /**< The Agent's effective priority, 1..65535. */
	const struct identities *who;        /**< analyzer/vendors.h. */
	const struct recommendation *advice; /**< The solver's answer; set before rules run. */
	struct keytab *seen;                 /**< Fingerprint to row of the findings. */
	struct arena *scratch;               /**< Dies with the judgement. */
};

#endif
