/* SPDX-License-Identifier: Apache-2.0 */
/**
 * netns_scan.h - state of one search for namespaces; private to the netns_*.c files.
 *
 * Task paths ("PID", "PID/task/TID") are relative to the examined /proc.
 */
#ifndef TCAUDIT_NETLINK_NETNS_SCAN_H
#define TCAUDIT_NETLINK_NETNS_SCAN_H

#include "model/arena.h"
#include "model/err.h"
#include "model/snapshot.h"
#include "netlink/netns.h"
#include "netlink/netns_set.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Room for "PID/task/TID" and the longest name below it. */
#define NETNS_TASK_BYTES 64

/** Things that could not be examined for one reason: their number and the first errno. */
struct netns_denied {
	uint32_t n;
	int code; /**< Negative errno. */
};

/** A task that refused; judged when all namespaces are known. */
struct netns_closed {
	uint32_t pid, tid;
	int code; /**< Negative errno. */
};

/** A mount table as seen from one root directory: the same for all tasks that share both. */
struct netns_table {
	struct netns_id mnt; /**< Identity of ns/mnt; zero when that may not be examined. */
	uint64_t root_mount; /**< Mount id of the root directory, or of the first mount listed. */
	uint64_t root_inode;
	char other[NETNS_TASK_BYTES / 2]; /**< A second task that has it, or empty. */
};

struct netns_scan {
	const char *proc; /**< As given by --proc. */
	int proc_fd;      /**< O_PATH descriptor of it; -1 when it cannot be opened. */
	int proc_error;   /**< Why not, negative errno. */
	bool everything;  /**< All namespaces are wanted: what cannot be seen is a gap. */
	struct snapshot *snap;
	struct err *err;
	struct arena *arena; /**< Of the list. */
	struct netns_set set;
	struct netns_table *tables; /**< Mount tables already read. */
	uint32_t n_tables, cap_tables;
	uint32_t *table_slots; /**< Open addressing: table index + 1, 0 for empty. */
	uint32_t n_table_slots;
	char *text; /**< Mount table being read. */
	size_t cap_text;
	bool seen_init;              /**< Process 1 is visible. */
	struct netns_closed *closed; /**< Tasks whose ns/net may not be examined. */
	uint32_t n_closed, cap_closed;
	struct netns_denied no_net;
	struct netns_denied no_mounts;
};

/** -ENOMEM with its text, for every place that runs out of memory. */
int netns_no_memory(struct err *err);

/**
 * Open a path without side effects (O_PATH) and see whether it is a namespace file.
 *
 * @return the O_PATH descriptor and *ret_id; -ENXIO: something else; other negative errnos.
 */
ATTR_MUSTUSE int netns_peek(int dir_fd, const char *path, struct netns_id *ret_id);

/** Reopen what netns_peek() gave for reading. @return descriptor or a negative errno. */
ATTR_MUSTUSE int netns_reopen(int path_fd);

/** Try one path: is it namespace @p id? @return 0 or a negative errno, -ESTALE: another one. */
ATTR_MUSTUSE int netns_check_path(const char *path, struct netns_id id);

/**
 * Does the examined /proc list kernel threads? They live in the first pid namespace only, so one
 * without them shows a container's processes.
 */
bool netns_shows_kernel_threads(const struct netns_scan *scan);

/** Do this errno's causes end with the process or mount that was named? */
bool netns_is_gone(int code);

/** Walk all processes and threads: namespaces, and mount tables. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int netns_walk_processes(struct netns_scan *scan);

/**
 * The namespace of a task that may not be examined, if it is one already found. /proc/PID/net is
 * open to everybody, and the inode of a file in it differs between namespaces, because each has
 * its own entries (proc_net_ns_init() in fs/proc/proc_net.c).
 *
 * @return the row or NULL.
 */
struct netns_seen *netns_by_proc_net(const struct netns_scan *scan, const char *task);

/** Read process name, container and pod of a row's kept processes. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int netns_read_facts(const struct netns_scan *scan, struct snap_netns *row);

/**
 * Read the mount table of a task unless an equal one was read, and add what is bound there.
 *
 * @param parent  mount namespace that is known to be done (of the thread's process), or NULL.
 * @param ret_mnt mount namespace of the task; zero when it could not be examined.
 * @return 0 (also when the task is gone); -ENOMEM; other negative errnos: not readable.
 */
ATTR_MUSTUSE int netns_read_mounts(struct netns_scan *scan, const char *task,
                                   const struct netns_id *parent, struct netns_id *ret_mnt);

/**
 * Give a namespace that only mounts lead to one more path, through another task of that mount
 * table: the task that was read may end before the namespace is opened. @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int netns_other_mount(struct netns_scan *scan, struct netns_seen *seen);

/** Is @p id (still) in the mount table of @p task? True when that cannot be told. */
bool netns_still_mounted(struct netns_scan *scan, const char *task, struct netns_id id);

/** Frees what walking processes needed. */
void netns_walk_done(struct netns_scan *scan);

/** Frees what reading mount tables needed. */
void netns_mounts_done(struct netns_scan *scan);

#endif
