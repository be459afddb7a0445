/* SPDX-License-Identifier: Apache-2.0 */
/**
 * input.h - what an analysis needs besides the snapshot: files named by options, today's date.
 *
 * Read before anything is collected, so that a mistake in one of them costs no run.
 */
#ifndef TCAUDIT_CLI_INPUT_H
#define TCAUDIT_CLI_INPUT_H

#include "analyzer/ignore.h"
#include "analyzer/vendors.h"
#include "cli/options.h"
#include "model/arena.h"
#include "model/attrs.h"
#include "model/err.h"
#include "model/snapshot.h"

/** Room for "2026-12-31" and its NUL. */
#define INPUT_DATE_BYTES 11

struct vendor_table; /* cli/table.h */

struct inputs {
	const struct vendor_table *table; /**< Set by the caller, who owns it. */
	struct arena arena;               /**< Of everything below. */
	struct ignore_list ignore;        /**< Of --ignore-file. */
	struct snapshot settings;         /**< Its agent.config: of --agent-config. */
	char today[INPUT_DATE_BYTES];     /**< UTC. */
};

/**
 * Read the files that the options name.
 *
 * @param ret freed by the caller with inputs_done() either way.
 * @return 0; -ENOMEM; another negative errno for a file that is none or is wrong (status 2).
 */
ATTR_MUSTUSE int inputs_read(const struct options *opts, struct inputs *ret, struct err *err);
void inputs_done(struct inputs *inputs);

/**
 * Put the settings of --agent-config in the place of those that files of the node have; variables
 * of a running Agent stay.
 *
 * @param snap lives no longer than @p inputs. @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int inputs_set_agent(const struct inputs *inputs, struct snapshot *snap);

/**
 * Does the ignore file name vendors of the table only? A misspelt one would suppress nothing, in
 * silence.
 *
 * @return 0, or -EBADMSG with "FILE: ignore[1].vendor: ..." in @p err.
 */
ATTR_MUSTUSE int inputs_check_vendors(const struct inputs *inputs, const struct vendors *table,
                                      struct err *err);

/**
 * Read a whole regular file. Pipes, devices and directories are refused: they could block, or never
 * end.
 *
 * @param ret the bytes, malloc'ed. @return 0; -EFBIG past @p max_bytes; another negative errno.
 */
ATTR_MUSTUSE int input_file(const char *path, size_t max_bytes, char **ret, size_t *ret_len,
                            struct err *err);

#endif
