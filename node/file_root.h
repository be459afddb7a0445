/* SPDX-License-Identifier: Apache-2.0 */
/**
 * file_root.h - steps of file_read_in_root(); private to node/file.c and its test.
 */
#ifndef TCAUDIT_NODE_FILE_ROOT_H
#define TCAUDIT_NODE_FILE_ROOT_H

#include "node/file.h"

/** Which symbolic links may be followed. */
enum file_links {
	FILE_LINKS_INSIDE, /**< All; they cannot leave the root directory. */
	FILE_LINKS_NONE,
	FILE_LINKS_REFUSED, /**< The path itself must not be looked up. */
};

/** file_read_in_root() for an open root directory. @return as that. */
ATTR_MUSTUSE int file_read_below(int root_fd, const char *path, enum file_links links,
                                 size_t max_bytes, struct file_text *ret, struct err *err);

/**
 * Without openat2(2): component by component, refusing every link and `..`.
 *
 * @return an O_PATH descriptor or a negative errno; -ELOOP: a link.
 */
ATTR_MUSTUSE int file_resolve_by_steps(int root_fd, const char *path);

#endif
