/* SPDX-License-Identifier: Apache-2.0 */
/**
 * fd.h - descriptors that close themselves.
 */
#ifndef TCAUDIT_NETLINK_FD_H
#define TCAUDIT_NETLINK_FD_H

#include <errno.h>
#include <unistd.h>

/** For AUTO_FD; keeps errno. */
static inline void fd_cleanup(const int *fd)
{
	if (*fd >= 0) {
		int saved = errno;

		(void)close(*fd);
		errno = saved;
	}
}

/** Declared and initialised in one line; closed when it goes out of scope. */
#define AUTO_FD __attribute__((cleanup(fd_cleanup)))

#endif
