/* SPDX-License-Identifier: Apache-2.0 */
/**
 * rule_parts.h - facets that rules of several groups need, and pages that they name.
 */
#ifndef TCAUDIT_ANALYZER_RULE_PARTS_H
#define TCAUDIT_ANALYZER_RULE_PARTS_H

#include "model/snapshot.h"

/** Facets for what is on tc, and for what runs in front of it, too. */
#define RULE_NEEDS_FILTERS (FACET_NETNS | FACET_LINKS | FACET_QDISCS | FACET_FILTERS)
#define RULE_NEEDS_HOOKS   (RULE_NEEDS_FILTERS | FACET_TCX | FACET_NETKIT)

/** @name Pages, as rule.links wants them @{ */
#define RULE_LINK_DOCS                                                                             \
	"https://docs.datadoghq.com/security/workload_protection/troubleshooting/threats/"
#define RULE_LINK_RACE      "https://github.com/cilium/cilium/issues/21345"
#define RULE_LINK_TCX_ISSUE "https://github.com/cilium/cilium/issues/41393"
#define RULE_LINK_CLS_API   "https://github.com/torvalds/linux/blob/master/net/sched/cls_api.c"
#define RULE_LINK_INGRESS   "https://github.com/torvalds/linux/blob/master/net/sched/sch_ingress.c"
#define RULE_LINK_TC_BPF    "https://man7.org/linux/man-pages/man8/tc-bpf.8.html"
/** @} */

#endif
