/* SPDX-License-Identifier: Apache-2.0 */
/**
 * agent.h - the Datadog Agent in a snapshot: its own filters and its settings.
 */
#ifndef TCAUDIT_ANALYZER_AGENT_H
#define TCAUDIT_ANALYZER_AGENT_H

#include "analyzer/agent_settings.h"
#include "analyzer/analyze.h"
#include "model/arena.h"
#include "model/attrs.h"
#include "model/findings.h"
#include "model/release.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/** What the Agent uses when its setting says 0 (DefaultTCFilterPriority of its attach library). */
#define AGENT_ZERO_PRIORITY 50u

/** What Agents before classifier_priority use, always. */
#define AGENT_FIXED_PRIORITY 1u

/** First release with tc classifiers, 7.36.0. */
extern const struct release agent_network_since;

/** First release with classifier_priority, and with the fix of the race with Cilium: 7.39.2. */
extern const struct release agent_priority_since;

/** Does the version have tc classifiers, but no classifier_priority? false where not known. */
bool agent_is_fixed(const char *version);

/** The version to judge with: the option, else what the node shows, else NULL. */
const char *agent_version(const struct snapshot *snap, const struct analyze_options *opts);

/** The same as a number. @return false: not known. */
bool agent_release(const struct snapshot *snap, const struct analyze_options *opts,
                   struct release *ret);

/**
 * The setting that switches the network detections off.
 *
 * @return the row, or NULL when none does, or another one with more weight says otherwise.
 */
const struct snap_config *agent_network_off(const struct snapshot *snap,
                                            const struct analyze_options *opts);

/** What the name of one of its filters tells. */
struct agent_filter {
	uint32_t pid;     /**< Of the system-probe that attached it, as the host counts. */
	uint64_t netns;   /**< Inode of the namespace it was attached in. */
	uint32_t ifindex; /**< Interface it was attached to; 0: the name does not say. */
	size_t own_len;   /**< Length of the part in front of the numbers. */
};

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

/** The same, with what the numbers say. @return false: not such a name, *ret untouched. */
bool agent_filter_parse(const char *name, struct agent_filter *ret);

/** The same for the name of a program, cut to 15 characters or in full. */
bool agent_prog_name(const char *name);

/** Is the entry the Agent's own filter? Never for TCX, netkit and XDP, which it does not use. */
bool agent_owns(const struct snapshot *snap, const struct snap_entry *entry);

/**
 * A number among the Agent's settings, cut to 16 bits as the Agent does.
 *
 * @param version NULL: not known. @param suffix "network.classifier_priority", ...
 * @return false when it is not set or is no number.
 */
bool agent_number(const struct snapshot *snap, const struct release *version, const char *suffix,
                  uint32_t *ret_value, enum priority_source *ret_source);

/**
 * The priority the Agent uses: the option, else what its filters here show, else the only one that
 * its version knows, else its settings, else its default.
 *
 * @param own one for each entry of the snapshot. @param scratch for counting.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int agent_effective_priority(const struct snapshot *snap,
                                          const struct analyze_options *opts, const bool *own,
                                          struct arena *scratch, struct agent_priority *ret);

#endif
