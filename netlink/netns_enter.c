/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only file that calls setns(2).
 */
#include "model/abi.h"
#include "netlink/fd.h"
#include "netlink/netns.h"
#include "netlink/netns_scan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/** "/proc/self/fd/" and an int. */
#define FD_PATH_BYTES 32

int netns_peek(int dir_fd, const char *path, struct netns_id *ret_id)
{
	/* O_PATH: whatever a container put at this path, a FIFO or a device, is not opened. */
	int fd = openat(dir_fd, path, O_PATH | O_CLOEXEC);
	struct statfs fs = {0};
	struct stat st = {0};
	int r = 0;

	if (fd < 0) {
		return -errno;
	}
	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0) {
		r = -errno;
	} else if (fs.f_type != ABI_NSFS_MAGIC) {
		r = -ENXIO;
	}
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	*ret_id = (struct netns_id){.dev = st.st_dev, .inode = st.st_ino};
	return fd;
}

int netns_reopen(int path_fd)
{
	char path[FD_PATH_BYTES];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", path_fd);

	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		return fd;
	}
	/* The descriptor exists, so it is /proc that does not; this is not "namespace gone". */
	return errno == ENOENT ? -ENXIO : -errno;
}

bool netns_is_gone(int code)
{
	return code == -ENOENT || code == -ESRCH || code == -ESTALE || code == -ENOTDIR;
}

/**
 * netns_peek() for an expected identity. A process that is reaped between lookup and use of its
 * ns/net gives EACCES (proc_ns_get_link() in fs/proc/namespaces.c: "task not found" keeps the
 * initial error), so that answer is believed only when it is given twice.
 */
static int peek_same(const char *path, struct netns_id want)
{
	struct netns_id id = {0};
	int fd = netns_peek(AT_FDCWD, path, &id);

	if (fd == -EACCES) {
		fd = netns_peek(AT_FDCWD, path, &id);
	}
	if (fd == -ENXIO || (fd >= 0 && !netns_id_eq(id, want))) {
		/* Reused pid, or something was mounted over it. */
		if (fd >= 0) {
			(void)close(fd);
		}
		return -ESTALE;
	}
	return fd;
}

int netns_check_path(const char *path, struct netns_id id)
{
	int fd = peek_same(path, id);

	if (fd < 0) {
		return fd;
	}
	(void)close(fd);
	return 0;
}

static int open_same(const char *path, struct netns_id want)
{
	AUTO_FD int at = peek_same(path, want);

	return at < 0 ? at : netns_reopen(at);
}

int netns_open(const struct netns_found *found, struct err *err)
{
	const struct netns_id want = {.dev = found->row.dev, .inode = found->row.inode};
	int fd = open_same(found->path, want);
	int refused = 0; /* first failure that does not mean "gone" */
	const char *where = found->path;

	for (uint32_t i = 0; fd < 0; i++) {
		if (!refused && !netns_is_gone(fd)) {
			refused = fd;
			where = i == 0 ? found->path : found->more_paths[i - 1];
		}
		if (i == found->n_more_paths) {
			break;
		}
		fd = open_same(found->more_paths[i], want);
	}
	if (fd >= 0) {
		return fd;
	}
	if (refused) {
		return err_set(err, refused, "opening %s: %s", where, strerror(-refused));
	}
	return err_set(err, -ENOENT, "net:[%" PRIu64 "] is gone (was %s)", want.inode, found->path);
}

int netns_home_open(struct netns_home *ret_home, struct err *err)
{
	/* The thread's own: it may differ from that of the process's first thread. */
	static const char path[] = "/proc/thread-self/ns/net";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0) {
		return err_set(err, -errno, "opening %s: %s", path, strerror(errno));
	}
	if (fstat(fd, &st) < 0) {
		int r = err_set(err, -errno, "reading %s: %s", path, strerror(errno));

		(void)close(fd);
		return r;
	}
	*ret_home = (struct netns_home){.fd = fd, .id = {.dev = st.st_dev, .inode = st.st_ino}};
	return 0;
}

void netns_home_close(struct netns_home *home)
{
	if (home->fd >= 0) {
		(void)close(home->fd);
	}
	home->fd = -1;
}

/**
 * Come home, or end the process. The one place below cli/ that prints and exits: with the thread
 * left in a foreign namespace every later answer of the kernel would be about the wrong one, and
 * no caller can be trusted to do nothing but unwind.
 */
static void go_home(const struct netns_home *home)
{
	if (setns(home->fd, CLONE_NEWNET) == 0) {
		return;
	}
	(void)fprintf(stderr, "tcaudit: cannot return to the home network namespace: %s\n",
	              strerror(errno));
	_exit(1);
}

int netns_call(const struct netns_home *home, int fd, int (*fn)(void *arg), void *arg,
               struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		return err_set(err, -errno, "reading a namespace descriptor: %s", strerror(errno));
	}

	const struct netns_id id = {.dev = st.st_dev, .inode = st.st_ino};

	if (netns_id_eq(id, home->id)) {
		return fn(arg);
	}
	if (setns(fd, CLONE_NEWNET) < 0) {
		return err_set(err, -errno, "entering net:[%" PRIu64 "]: %s", id.inode,
		               strerror(errno));
	}

	int r = fn(arg);

	go_home(home);
	return r;
}
