/* SPDX-License-Identifier: Apache-2.0 */
/**
 * privs.h - says in advance what this run will not see, and which capability would show it.
 */
#ifndef TCAUDIT_CLI_PRIVS_H
#define TCAUDIT_CLI_PRIVS_H

#include "cli/ui.h"

#include <stdint.h>

/** Capabilities in CapEff of a /proc/PID/status text; 0 when the line is missing. */
uint64_t privs_effective(const char *status);

/** One note on standard error for the capabilities that are missing, if any are. */
void privs_note(struct ui *ui);

#endif
