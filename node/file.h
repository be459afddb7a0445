/* SPDX-License-Identifier: Apache-2.0 */
/**
 * file.h - files whose owner is not trusted: of processes, and below a process's root directory.
 *
 * A path is resolved inside the root, as its process would, and never above it. Only regular files
 * are opened; nothing here waits for a writer, a device or a user-space file system.
 */
#ifndef TCAUDIT_NODE_FILE_H
#define TCAUDIT_NODE_FILE_H

#include "model/attrs.h"
#include "model/err.h"

#include <stdbool.h>
#include <stddef.h>

/** Content of a file, malloc'ed. Zeroed: empty. */
struct file_text {
	char *bytes; /**< NUL-terminated; may hold others. */
	size_t len;
};

/** Free it; what held secrets is overwritten first. NULL bytes are fine. */
void file_done(struct file_text *text);

/**
 * Read a file below a directory that the kernel provides (/proc/PID).
 *
 * @return 0; -EFBIG: longer than @p max_bytes; -ENOMEM; the kernel's errno.
 */
ATTR_MUSTUSE int file_read_at(int dir_fd, const char *name, size_t max_bytes,
                              struct file_text *ret);

/** Read from an open descriptor. @return as file_read_at(). */
ATTR_MUSTUSE int file_read_fd(int fd, size_t max_bytes, struct file_text *ret);

/**
 * Read a regular file inside the root directory of a process.
 *
 * @param proc_fd /proc/PID, whose `root` and `mountinfo` are used.
 * @param path absolute, as the process sees it.
 * @return 0; -ENOENT: there is none; -ESRCH: the process is gone; -ENOMEM; else @p err says why it
 *         is not read: no regular file, too long, behind a user-space file system, refused.
 */
ATTR_MUSTUSE int file_read_in_root(int proc_fd, const char *path, size_t max_bytes,
                                   struct file_text *ret, struct err *err);

/** Does this errno say that a process is gone? */
bool file_is_gone(int code);

#endif
