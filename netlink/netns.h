/* SPDX-License-Identifier: Apache-2.0 */
/**
 * netns.h - network namespaces: entering one (the only place that calls setns) and finding them
 * all, from processes, their threads, and nsfs bind mounts of every mount namespace.
 */
#ifndef TCAUDIT_NETLINK_NETNS_H
#define TCAUDIT_NETLINK_NETNS_H

#include "model/err.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** Identity of a namespace: what fstat says of an opened descriptor. */
struct netns_id {
	uint64_t dev;
	uint64_t inode;
};

/** Bounds; reaching one is a gap. */
#define NETNS_MAX_PROCESSES 4194304u
#define NETNS_MAX_MOUNTINFO ((size_t)16 << 20)

/** Where the thread was at the start, and how to get back. */
struct netns_home {
	int fd; /**< Descriptor of the home namespace, close-on-exec. */
	struct netns_id id;
};

ATTR_MUSTUSE int netns_home_open(struct netns_home *ret_home, struct err *err);
void netns_home_close(struct netns_home *home);

/**
 * Run @p fn inside the namespace of @p fd and come home before returning. Nothing is entered when
 * @p fd is the home namespace itself, so that this works without privileges. Failing to come home
 * ends the process: everything after it would describe the wrong namespace.
 *
 * @return what @p fn returned, or a negative errno of entering (-EPERM: CAP_SYS_ADMIN missing).
 */
ATTR_MUSTUSE int netns_call(const struct netns_home *home, int fd, int (*fn)(void *arg), void *arg,
                            struct err *err);

/** One found namespace: a row for the snapshot and how to open it again. */
struct netns_found {
	struct snap_netns row; /**< Strings in the arena of the list. names may be empty. */
	const char *path; /**< To open it: DIR/PID/ns/net, DIR/PID/root/MOUNTPOINT, or as given. */
	const char **more_paths; /**< Other ways to the same namespace, tried when path is gone. */
	uint32_t n_more_paths;
	bool wanted; /**< Selected by --netns (all by default). */
};

/** Everything found; sorted: host first, then by inode. */
struct netns_list {
	struct arena arena;
	struct netns_found *rows;
	uint32_t n, cap;
};

/** What to look at. */
struct netns_options {
	const char *proc;         /**< "/proc" or --proc. */
	const char *const *specs; /**< --netns values; none or "all" selects everything. */
	uint32_t n_specs;
	uint32_t max_netns; /**< Wanted namespaces beyond it are a gap; 0: no bound. */
};

/**
 * Find all namespaces. What cannot be examined becomes a gap of @p snap (processes of other users
 * once, with their number; mount tables the same).
 *
 * @return 0; -EINVAL: a --netns value that is malformed or names nothing (described in @p err,
 *         cli/ ends with status 2); -ENOMEM.
 */
ATTR_MUSTUSE int netns_find(const struct netns_options *opts, struct snapshot *snap,
                            struct netns_list *ret_list, struct err *err);
void netns_list_done(struct netns_list *list);

/**
 * Open a found namespace: tries its paths until one is an nsfs file with the same identity. Only
 * the caller holds the descriptor, close-on-exec; one at a time.
 *
 * @return descriptor; -ENOENT: it is gone, by every path (not a gap); else a negative errno.
 */
ATTR_MUSTUSE int netns_open(const struct netns_found *found, struct err *err);

#endif
