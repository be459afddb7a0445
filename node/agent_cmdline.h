/* SPDX-License-Identifier: Apache-2.0 */
/**
 * agent_cmdline.h - where a system-probe process has its settings.
 */
#ifndef TCAUDIT_NODE_AGENT_CMDLINE_H
#define TCAUDIT_NODE_AGENT_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

/** Longest path that is followed, with its NUL. */
#define AGENT_PATH_BYTES 4096

/** File that is used when the command line names none. */
#define AGENT_CONFIG_PATH "/etc/datadog-agent/system-probe.yaml"

/** What the arguments say. */
struct agent_cmdline {
	bool daemon; /**< It runs, and is not one of the program's other commands. */
	bool named;  /**< The path was given. */
	char path[AGENT_PATH_BYTES]; /**< Of the file; empty: longer than is followed. */
};

/**
 * Read /proc/PID/cmdline of a system-probe (MakeCommand() and SetDefaultCommandIfNonePresent() in
 * cmd/system-probe/command of the Agent): `-c`, `--config` or, formerly, `--cfgpath` name a file
 * that ends with .yaml, or a directory with system-probe.yaml in it.
 *
 * @param text arguments with a NUL behind each, NUL-terminated at text[len].
 */
void agent_cmdline_parse(const char *text, size_t len, struct agent_cmdline *ret);

#endif
