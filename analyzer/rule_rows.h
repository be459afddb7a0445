/* SPDX-License-Identifier: Apache-2.0 */
/**
 * rule_rows.h - the rows of the table of rules, each once.
 */
#ifndef TCAUDIT_ANALYZER_RULE_ROWS_H
#define TCAUDIT_ANALYZER_RULE_ROWS_H

#include "analyzer/rules.h"

/** Every rule by the name of its object, sorted by code: declarations and table are made of it. */
#define RULE_ROWS(ROW)                                                                             \
	/* TC101 */ ROW(rule_blocked_at_1)                                                         \
	/* TC102 */ ROW(rule_blocked_in_front)                                                     \
	/* TC103 */ ROW(rule_priority_shared)                                                      \
	/* TC104 */ ROW(rule_priority_refused)                                                     \
	/* TC105 */ ROW(rule_handle_taken)                                                         \
	/* TC106 */ ROW(rule_race_known)                                                           \
	/* TC107 */ ROW(rule_race_seen)                                                            \
	/* TC201 */ ROW(rule_tcx_ends)                                                             \
	/* TC202 */ ROW(rule_xdp_takes)                                                            \
	/* TC203 */ ROW(rule_netkit_ends)                                                          \
	/* TC204 */ ROW(rule_classifier_ends)                                                      \
	/* TC205 */ ROW(rule_shared_block)                                                         \
	/* TC206 */ ROW(rule_ingress_qdisc)                                                        \
	/* TC207 */ ROW(rule_goto_chain)                                                           \
	/* TC208 */ ROW(rule_other_qdisc)                                                          \
	/* TC301 */ ROW(rule_agent_unreached)                                                      \
	/* TC302 */ ROW(rule_agent_missing)                                                        \
	/* TC303 */ ROW(rule_agent_leftover)                                                       \
	/* TC304 */ ROW(rule_agent_settings)                                                       \
	/* TC305 */ ROW(rule_agent_ends)                                                           \
	/* TC401 */ ROW(rule_takes_all)                                                            \
	/* TC402 */ ROW(rule_takes_slot)                                                           \
	/* TC403 */ ROW(rule_takes_ingress)                                                        \
	/* TC404 */ ROW(rule_takes_receive)                                                        \
	/* TC501 */ ROW(rule_orphans)                                                              \
	/* TC502 */ ROW(rule_twice)                                                                \
	/* TC503 */ ROW(rule_automatic)                                                            \
	/* TC504 */ ROW(rule_one_side)                                                             \
	/* TC505 */ ROW(rule_unknown_ends)                                                         \
	/* TC901 */ ROW(rule_gap)                                                                  \
	/* TC902 */ ROW(rule_returns_unproven)                                                     \
	/* TC903 */ ROW(rule_table_disagrees)

#define DECLARE_ROW(row) extern const struct rule row;
RULE_ROWS(DECLARE_ROW)
#undef DECLARE_ROW

#endif
