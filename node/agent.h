/* SPDX-License-Identifier: Apache-2.0 */
/**
 * agent.h - the Datadog Agent on this node: does it run, which version, with which settings.
 *
 * Its tc classifiers are attached by system-probe, so that process's settings count: its command
 * line says where its file is, the file is read from its own root directory, and its environment
 * is that of the process.
 */
#ifndef TCAUDIT_NODE_AGENT_H
#define TCAUDIT_NODE_AGENT_H

#include "model/attrs.h"
#include "model/err.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/** Name of the process that attaches. */
#define AGENT_PROBE_COMM "system-probe"

/** Processes of that name whose settings are read; more are a gap. */
#define AGENT_MAX_PROBES 16u

/** While processes are walked; zero-initialised. */
struct agent_run {
	uint32_t n_probes; /**< Running ones. */
	bool seen;         /**< Another process that only the Agent has. */
};

/** Process names to look for, besides those of vendors. NULL at the end. */
extern const char *const agent_processes[];

/**
 * Note a process of the Agent; of a system-probe the settings are read.
 *
 * @param proc_fd /proc/PID. @param row its pid and comm; gets the version.
 * @return 0 (what could not be read is a gap); -ESRCH: it is gone; -ENOMEM.
 */
ATTR_MUSTUSE int agent_add_process(struct agent_run *run, int proc_fd, struct snap_process *row,
                                   struct snapshot *snap);

/**
 * Complete snap->agent. Where no system-probe runs, the files of the node itself are read: what a
 * start would find. Where these may not be looked at, FACET_AGENT is cleared without a gap.
 *
 * @param init_fd    /proc/1, or -1.
 * @param restricted what may not be read clears FACET_AGENT, but is no gap.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int agent_finish(struct agent_run *run, int init_fd, bool restricted,
                              struct snapshot *snap);

/**
 * Settings of a file that the user names, as the Agent's ("option-file").
 *
 * @return 0; a negative errno, with file and line in @p err (status 2).
 */
ATTR_MUSTUSE int agent_config_read_file(const char *path, struct snapshot *snap, struct err *err);

#endif
