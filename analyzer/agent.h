/* SPDX-License-Identifier: Apache-2.0 */
/**
 * agent.h - the Datadog Agent in a snapshot: its own filters and its settings.
 */
#ifndef TCAUDIT_ANALYZER_AGENT_H
#define TCAUDIT_ANALYZER_AGENT_H

#include "analyzer/analyze.h"
#include "model/arena.h"
#include "model/attrs.h"
#include "model/findings.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/** What the Agent uses when its setting says 0 (DefaultTCFilterPriority of its attach library). */
#define AGENT_ZERO_PRIORITY 50u

/** The priority to judge with, and where it was read. */
struct agent_priority {
	uint32_t value; /**< 1..65535. */
	enum priority_source source;
};

/**
 * Does the name of a filter have the form that the Agent gives its own: classifier_ingress_security
 * or classifier_egress_security, anything, then two numbers, joined by `_`? Holds for releases
 * before and after raw packets.
 */
bool agent_filter_name(const char *name);

/** The same for the name of a program, cut to 15 characters or in full. */
bool agent_prog_name(const char *name);

/** Is the entry the Agent's own filter? Never for TCX, netkit and XDP, which it does not use. */
bool agent_owns(const struct snapshot *snap, const struct snap_entry *entry);

/**
 * Read a setting of the part `network` as the Agent would: both spellings, the deprecated one
 * first, cut to 16 bits.
 *
 * @param key last component: "classifier_priority", "classifier_handle", ...
 * @return false when it is not set or is no number.
 */
bool agent_setting(const struct snapshot *snap, const char *key, uint32_t *ret_value,
                   enum priority_source *ret_source);

/**
 * The priority the Agent uses: the option, else what its filters here show, else its settings,
 * else its default.
 *
 * @param own one for each entry of the snapshot. @param scratch for counting.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int agent_effective_priority(const struct snapshot *snap,
                                          const struct analyze_options *opts, const bool *own,
                                          struct arena *scratch, struct agent_priority *ret);

#endif
