/* SPDX-License-Identifier: Apache-2.0 */
/**
 * rules.h - the table of rules: one row, one pure check, one page of explanation each.
 */
#ifndef TCAUDIT_ANALYZER_RULES_H
#define TCAUDIT_ANALYZER_RULES_H

#include "model/findings.h"
#include "model/snapshot.h"

#include <stdint.h>

struct context; /* analyzer/context.h: snapshot, options, effects, agent */

struct rule;
/** Append findings. @return 0 or -ENOMEM. */
typedef int rule_fn(const struct rule *rule, const struct context *ctx, struct findings *out);

struct rule {
	const char *code;       /**< "TC101"; never reused. */
	const char *name;       /**< "blocked-at-priority-1". */
	const char *group;      /**< "checklist", "hidden", "agent", "takes", "hygiene", "sight". */
	enum severity severity; /**< Worst it reports. */
	uint32_t needs;         /**< enum snap_facet that must be whole for silence to mean "no". */
	rule_fn *check;
	const char *title;        /**< One line for the list. */
	const char *seen;         /**< Page: what was seen. */
	const char *matters;      /**< Page: why it matters. */
	const char *fact;         /**< Page: the kernel's or vendor's fact behind it. */
	const char *fix;          /**< Page: how to fix it; also a finding's remedy by default. */
	const char *safe;         /**< Page: when it is safe to skip. */
	const char *const *links; /**< NULL-terminated references, or NULL. */
};

/** All rules, sorted by code. */
extern const struct rule *const rules[];
extern const uint32_t n_rules;

/** @return the rule, NULL when there is none. Case does not matter. */
const struct rule *rule_find(const char *code);

#endif
