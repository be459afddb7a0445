/* SPDX-License-Identifier: Apache-2.0 */
/**
 * netns_mount.h - lines of /proc/PID/mountinfo; private to the netns_*.c files.
 */
#ifndef TCAUDIT_NETLINK_NETNS_MOUNT_H
#define TCAUDIT_NETLINK_NETNS_MOUNT_H

#include <stdbool.h>
#include <stdint.h>

/** One mount. Text points into the parsed line, escapes decoded: bytes of an outsider's choice. */
struct mountinfo_row {
	uint64_t dev;       /**< As st_dev. */
	const char *root;   /**< Root of the mount in its file system: "net:[4026532177]". */
	const char *point;  /**< Where, seen from the root directory of the process. */
	const char *fstype; /**< "nsfs", "fuse.sshfs", ... */
};

/**
 * Parse one line (without newline), in place. Source: show_mountinfo() in fs/proc_namespace.c.
 *
 * @return false: not such a line.
 */
bool mountinfo_parse(char *line, struct mountinfo_row *ret);

/** @return inode of a root "net:[INODE]", 0 for anything else. */
uint64_t mountinfo_netns(const char *root);

/** @return the name that `ip netns` gives to a mount point, else the mount point itself. */
const char *mountinfo_netns_name(const char *point);

#endif
