/* SPDX-License-Identifier: Apache-2.0 */
/**
 * processes.h - the processes of the node whose names tell a vendor's presence, and the Agent's.
 */
#ifndef TCAUDIT_NODE_PROCESSES_H
#define TCAUDIT_NODE_PROCESSES_H

#include "model/attrs.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/** Bounds; reaching one is a gap. */
#define PROCESSES_MAX      4194304u
#define PROCESSES_MAX_KEPT 65536u

/** What to look for, and where. */
struct processes_options {
	const char *proc;         /**< "/proc" or --proc. */
	const char *const *names; /**< Of vendors' processes; those of the Agent are added. */
	uint32_t n_names;
	bool restricted; /**< Only some namespaces are asked for. */
};

/**
 * Walk all processes once: rows into snap->processes, the Agent's version and settings into
 * snap->agent.
 *
 * A /proc that shows only some processes is a gap of the namespace walk, where all of them were
 * asked for. In a run restricted to some namespaces it is none, and so nothing is claimed: the
 * facets FACET_PROCESSES and FACET_AGENT are cleared and no row is added. The same goes for files
 * of the node's own that may not be read: there FACET_AGENT is cleared without a gap.
 *
 * @return 0 (what could not be read is a gap) or -ENOMEM.
 */
ATTR_MUSTUSE int processes_collect(const struct processes_options *opts, struct snapshot *snap);

#endif
