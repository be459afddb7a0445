/* SPDX-License-Identifier: Apache-2.0 */
/**
 * node.h - facts about the machine, and copies of rows into the snapshot.
 */
#ifndef TCAUDIT_CLI_NODE_H
#define TCAUDIT_CLI_NODE_H

#include "model/attrs.h"
#include "model/snapshot.h"

/** Time, host name, kernel, architecture, boot id. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int node_facts(struct snapshot *snap);

/** Append a namespace found elsewhere: copies the row with its strings. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int node_copy_netns(struct snapshot *snap, const struct snap_netns *row,
                                 uint32_t *ret_netns);

#endif
