/* SPDX-License-Identifier: Apache-2.0 */
/**
 * collect.h - everything rtnetlink says of one namespace, into the snapshot.
 */
#ifndef TCAUDIT_NETLINK_COLLECT_H
#define TCAUDIT_NETLINK_COLLECT_H

#include "model/snapshot.h"
#include "netlink/nl.h"

#include <stdint.h>

/** Attempts at a namespace whose dumps keep changing; then a gap. */
#define COLLECT_TRIES 5

/** Filters kept of one namespace; more are a gap. */
#define COLLECT_MAX_FILTERS 1000000u

struct collect_options {
	const char *const *devs; /**< --dev globs; none: every interface. */
	uint32_t n_devs;
	int64_t deadline_ns; /**< CLOCK_MONOTONIC; 0: none. Passing it is a GAP_TIMEOUT. */
};

/**
 * Dump links, qdiscs, classes, chains, filters of one namespace and append them to @p snap as
 * rows of namespace @p netns. Links that vanish in between are marked dead.
 *
 * @param nl    a socket that was opened inside the namespace.
 * @return 0 (gaps recorded for what the kernel refused); -EINTR or -ENOBUFS: start over on a new
 *         socket after snap_rewind(); -ENOMEM; other negative errnos: the namespace is not
 *         readable, the caller records the gap.
 */
ATTR_MUSTUSE int collect_netns(struct nl *nl, uint32_t netns, const struct collect_options *opts,
                               struct snapshot *snap, struct err *err);

/**
 * Mark the links of a namespace dead that are not listed any more. Dumps about a link that has
 * vanished come back empty, without an error; on kernels with TCX the query for it tells, on older
 * ones this does.
 *
 * @return 0, or as nl_dump(); then nothing is marked.
 */
ATTR_MUSTUSE int collect_check_links(struct nl *nl, uint32_t netns, struct snapshot *snap,
                                     struct err *err);

/**
 * Decode one message of a capture as collect_netns() would: RTM_NEWLINK, RTM_NEWQDISC,
 * RTM_NEWCHAIN, RTM_NEWTFILTER are appended, others are ignored. For replays: links must come
 * before their filters. @p ctx is opaque, zeroed at the start of a capture.
 */
struct collect_replay {
	uint32_t netns; /**< Row the messages belong to. */
	struct snapshot *snap;
	uint32_t n_ignored; /**< Messages of types not collected. */
	uint32_t last_hook; /**< Row + 1 of the hook of the last filter; chains follow it. */
};
ATTR_MUSTUSE int collect_replay_message(struct collect_replay *ctx, const struct nlmsghdr *nlh,
                                        struct err *err);

#endif
