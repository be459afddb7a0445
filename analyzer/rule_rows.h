/* SPDX-License-Identifier: Apache-2.0 */
/**
 * rule_rows.h - rows of the table of rules, one file per group.
 */
#ifndef TCAUDIT_ANALYZER_RULE_ROWS_H
#define TCAUDIT_ANALYZER_RULE_ROWS_H

#include "analyzer/rules.h"

/** @name rules_checklist.c @{ */
extern const struct rule rule_blocked_at_1;
extern const struct rule rule_blocked_in_front;
extern const struct rule rule_priority_shared;
extern const struct rule rule_priority_refused;
extern const struct rule rule_handle_taken;
/** @} */

/** @name rules_hidden.c @{ */
extern const struct rule rule_tcx_ends;
extern const struct rule rule_xdp_takes;
extern const struct rule rule_netkit_ends;
extern const struct rule rule_classifier_ends;
extern const struct rule rule_shared_block;
extern const struct rule rule_ingress_qdisc;
extern const struct rule rule_goto_chain;
extern const struct rule rule_other_qdisc;
/** @} */

/** @name rules_sight.c @{ */
extern const struct rule rule_gap;
extern const struct rule rule_returns_unproven;
/** @} */

#endif
