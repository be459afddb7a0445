/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sink.h"

#include "netlink/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** An out_fn over a descriptor. */
static int write_fd(void *ctx, const char *bytes, size_t len)
{
	const int *fd = ctx;

	while (len > 0) {
		ssize_t n = write(*fd, bytes, len);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return -errno;
		}
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int fill(int fd, bool color, sink_fn *fn, void *arg)
{
	/* Too large for the stack of a small container. */
	struct out *o = malloc(sizeof(*o));

	if (o == NULL) {
		return -ENOMEM;
	}
	out_init(o, write_fd, &fd);
	o->color = color;
	fn(arg, o);
	int r = out_flush(o);

	free(o);
	return r;
}

static int fill_named(int fd, const char *name, bool color, sink_fn *fn, void *arg, struct err *err)
{
	int r = fill(fd, color, fn, arg);

	return r < 0 ? err_set(err, r, "writing %s: %s", name, strerror(-r)) : 0;
}

/** Devices, pipes and sockets cannot be replaced by a rename, and must not be. */
static int write_directly(const char *path, bool color, sink_fn *fn, void *arg, struct err *err)
{
	AUTO_FD int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		return err_set(err, -errno, "opening %s: %s", path, strerror(errno));
	}
	return fill_named(fd, path, color, fn, arg, err);
}

/** mkstemp gives 0600; a report gets what the user's umask allows. */
static mode_t usual_mode(void)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	return 0666 & ~mask;
}

static int write_renamed(const char *path, const struct stat *old, sink_fn *fn, void *arg,
                         struct err *err)
{
	char temp[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int dir_len = slash != NULL ? (int)(slash - path) + 1 : 0;
	int n = snprintf(temp, sizeof(temp), "%.*s.tcaudit-XXXXXX", dir_len, path);

	if (n < 0 || (size_t)n >= sizeof(temp)) {
		return err_set(err, -ENAMETOOLONG, "writing %s: name too long", path);
	}
	AUTO_FD int fd = mkostemp(temp, O_CLOEXEC);

	if (fd < 0) {
		return err_set(err, -errno, "creating %s: %s", path, strerror(errno));
	}
	int r = fill_named(fd, path, false, fn, arg, err);

	if (r == 0 && fchmod(fd, old != NULL ? old->st_mode & 07777 : usual_mode()) < 0) {
		r = err_set(err, -errno, "writing %s: %s", path, strerror(errno));
	}
	/* A full disk may show itself only here. */
	if (r == 0 && fsync(fd) < 0 && errno != EINVAL) {
		r = err_set(err, -errno, "writing %s: %s", path, strerror(errno));
	}
	if (r == 0 && rename(temp, path) < 0) {
		r = err_set(err, -errno, "renaming to %s: %s", path, strerror(errno));
	}
	if (r < 0) {
		(void)unlink(temp);
	}
	return r;
}

int sink_write(const char *path, bool color, sink_fn *fn, void *arg, struct err *err)
{
	struct stat st;

	if (path == NULL || strcmp(path, "-") == 0) {
		return fill_named(STDOUT_FILENO, "standard output", color, fn, arg, err);
	}
	if (stat(path, &st) < 0) {
		return write_renamed(path, NULL, fn, arg, err);
	}
	if (!S_ISREG(st.st_mode)) {
		return write_directly(path, false, fn, arg, err);
	}
	char *real = realpath(path, NULL);
	int r = write_renamed(real != NULL ? real : path, &st, fn, arg, err);

	free(real);
	return r;
}
