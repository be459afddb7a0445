/* SPDX-License-Identifier: Apache-2.0 */
/**
 * agent_version.h - the version of an installed Agent, from the manifest its packages carry.
 */
#ifndef TCAUDIT_NODE_AGENT_VERSION_H
#define TCAUDIT_NODE_AGENT_VERSION_H

#include "model/arena.h"
#include "model/attrs.h"

#include <stddef.h>

/** Longest version, with its NUL. */
#define AGENT_VERSION_BYTES 64

/**
 * Version in the text of a version-manifest.txt, whose first line is a package's name and its
 * version: "datadog-agent 7.50.3".
 *
 * @return whether there is one, in @p ret.
 */
bool agent_version_of_text(const char *text, char ret[AGENT_VERSION_BYTES]);

/** The same of a version-manifest.json: member "build_version". */
bool agent_version_of_json(const char *bytes, size_t len, char ret[AGENT_VERSION_BYTES]);

/**
 * Look for a manifest in the root directory of a process: in the installation its program belongs
 * to (/opt/datadog-packages/datadog-agent/VERSION/embedded/bin/system-probe), else in
 * /opt/datadog-agent. Without one the version stays unknown, which is no gap: an option tells it.
 *
 * @param proc_fd /proc/PID.
 * @param ret_version in @p arena, or NULL.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int agent_version_read(int proc_fd, struct arena *arena, const char **ret_version);

#endif
