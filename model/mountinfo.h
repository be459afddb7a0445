/* SPDX-License-Identifier: Apache-2.0 */
/**
 * mountinfo.h - lines of /proc/PID/mountinfo.
 */
#ifndef TCAUDIT_MODEL_MOUNTINFO_H
#define TCAUDIT_MODEL_MOUNTINFO_H

#include <stdbool.h>
#include <stdint.h>

/** One mount. Text points into the parsed line, escapes decoded: bytes of an outsider's choice. */
struct mountinfo_row {
	uint32_t major_nr; /**< Of the device; makedev() makes st_dev of it. */
	uint32_t minor_nr;
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

/**
 * A user-space file system? Looking something up in it asks a process of somebody else, which may
 * never answer. fusectl is none: it is the kernel's own list of connections.
 */
bool mountinfo_is_fuse(const char *fstype);

/** Does @p path lie at or below the mount point? Both are absolute, without `.` and `..`. */
bool mountinfo_covers(const char *point, const char *path);

/** @return inode of a root "net:[INODE]", 0 for anything else. */
uint64_t mountinfo_netns(const char *root);

/** @return the name that `ip netns` gives to a mount point, else the mount point itself. */
const char *mountinfo_netns_name(const char *point);

#endif
