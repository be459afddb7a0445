/* SPDX-License-Identifier: Apache-2.0 */
/**
 * gather.h - one snapshot of this node: the collectors in their order, or one read from a file.
 */
#ifndef TCAUDIT_CLI_GATHER_H
#define TCAUDIT_CLI_GATHER_H

#include "analyzer/vendors.h"
#include "cli/options.h"
#include "cli/ui.h"
#include "model/err.h"
#include "model/snapshot.h"

/** Rounds of looking for namespaces: one more while links refer to a namespace not yet seen. */
#define GATHER_ROUNDS 3

/** Questions to the kernel about which namespace an nsid means; more are a gap. */
#define GATHER_MAX_NSID_QUESTIONS 1000000u

/**
 * Collect from this node into @p snap and seal it.
 *
 * @param vendors whose processes are looked for; those of the Agent always are.
 * @param snap initialised by the caller, freed by the caller either way.
 * @param ret_judge_ns how much of the time went into judging programs' instructions.
 * @return 0; -EINVAL: a --netns value that names nothing (status 2); else a negative errno: not
 *         even the own namespace could be read.
 */
ATTR_MUSTUSE int gather_node(const struct options *opts, const struct vendors *vendors,
                             struct ui *ui, struct snapshot *snap, int64_t *ret_judge_ns,
                             struct err *err);

/** Read and seal the snapshot of --from. @return 0 or a negative errno (status 2). */
ATTR_MUSTUSE int gather_file(const char *path, struct snapshot *snap, struct err *err);

#endif
