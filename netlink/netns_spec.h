/* SPDX-License-Identifier: Apache-2.0 */
/**
 * netns_spec.h - values of --netns; private to the netns_*.c files.
 */
#ifndef TCAUDIT_NETLINK_NETNS_SPEC_H
#define TCAUDIT_NETLINK_NETNS_SPEC_H

#include "model/err.h"
#include "netlink/netns_scan.h"

#include <stddef.h>
#include <stdint.h>

enum netns_spec_kind {
	NETNS_SPEC_ALL,
	NETNS_SPEC_HOST,
	NETNS_SPEC_NAME,
	NETNS_SPEC_PATH,
	NETNS_SPEC_INODE,
	NETNS_SPEC_PID,
};

/** One parsed value. */
struct netns_spec {
	enum netns_spec_kind kind;
	const char *text; /**< As given; name or path. */
	uint64_t number;  /**< Inode or process id, > 0. */
};

/** Parse `all`, `host`, `inode:N`, `pid:N`, a path (has a slash) or a name.
 * @return 0, or -EINVAL described in @p err. */
ATTR_MUSTUSE int netns_spec_parse(const char *text, struct netns_spec *ret, struct err *err);

/** Edits (insert, delete, replace) between two texts, counted up to their first 64 bytes. */
size_t netns_spec_distance(const char *a, const char *b);

/**
 * Mark the wanted rows of the set; namespaces given by path that were not found are added.
 *
 * @param host identity of the host namespace; inode 0: not known.
 * @return 0; -EINVAL: malformed or naming nothing, described in scan->err; -ENOMEM.
 */
ATTR_MUSTUSE int netns_select(struct netns_scan *scan, const struct netns_options *opts,
                              struct netns_id host);

#endif
