/* SPDX-License-Identifier: Apache-2.0 */
/**
 * netns_set.h - the namespaces found so far, by identity; private to the netns_*.c files.
 *
 * Filled by netns_proc.c, netns_mount.c and netns_spec.c; turned into a struct netns_list by
 * netns_find.c. Rows may move when one is added: keep indexes or look up again.
 */
#ifndef TCAUDIT_NETLINK_NETNS_SET_H
#define TCAUDIT_NETLINK_NETNS_SET_H

#include "model/arena.h"
#include "netlink/netns.h"

#include <stdbool.h>
#include <stdint.h>

/** Ways kept through processes and through mount points of one task. */
#define NETNS_PROC_PATHS  3
#define NETNS_MOUNT_PATHS 2

/** Names kept of one namespace; more (a container may bind it anywhere) are a gap. */
#define NETNS_MAX_NAMES 256u

/** One namespace while searching. Strings: arena of the set. */
struct netns_seen {
	struct netns_id id;
	bool reached; /**< A descriptor of it was opened by one of the paths. */
	bool wanted;
	bool fuse_only;     /**< Its mount points so far lie behind FUSE and are not opened. */
	const char **names; /**< Distinct, text_import()ed, in order of discovery. */
	uint32_t n_names, cap_names;
	bool names_cut; /**< NETNS_MAX_NAMES reached. */
	const char *proc_paths[NETNS_PROC_PATHS];
	uint32_t n_proc_paths;
	const char *mount_paths[NETNS_MOUNT_PATHS + 1]; /**< The last one: netns_other_mount(). */
	uint32_t n_mount_paths;
	uint64_t proc_net; /**< Inode of its /proc/PID/net/dev, 0: not known. See netns_proc.c. */
	bool blind_path;   /**< mount_paths is of a task whose root may not be used. */
	const char *mount_task;       /**< "PID" whose mount table gave mount_paths[0], or NULL. */
	const char *mount_point;      /**< Where mount_paths[0] leads in its mount namespace. */
	uint32_t mount_table;         /**< Index of the table it was in. */
	const char *given_path;       /**< From --netns, or NULL. */
	uint32_t pids[SNAP_MAX_PIDS]; /**< The smallest, ascending. */
	uint32_t n_kept_pids, n_pids;
	uint32_t last_pid; /**< Counted last; a process counts once, whatever its threads. */
};

/** All of them. Zero-initialise, set arena. */
struct netns_set {
	struct arena *arena;
	struct netns_seen *rows;
	uint32_t n, cap;
	uint32_t *slots; /**< Open addressing: row index + 1, 0 for empty. */
	uint32_t n_slots;
};

/** Frees the tables, not the strings. */
void netns_set_done(struct netns_set *set);

/** @return the row, or NULL. */
struct netns_seen *netns_set_find(const struct netns_set *set, struct netns_id id);

/** @return the row of @p id, added when new; NULL: out of memory. */
ATTR_MUSTUSE struct netns_seen *netns_set_get(struct netns_set *set, struct netns_id id);

/** Count process @p pid, once however many of its threads are inside. */
void netns_seen_add_pid(struct netns_seen *seen, uint32_t pid);

/** Add a name given as bytes from outside; known ones are ignored. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int netns_set_add_name(struct netns_set *set, struct netns_seen *seen,
                                    const char *bytes);

/** @return whether both are the same namespace. */
static inline bool netns_id_eq(struct netns_id a, struct netns_id b)
{
	return a.dev == b.dev && a.inode == b.inode;
}

#endif
