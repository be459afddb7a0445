/* SPDX-License-Identifier: Apache-2.0 */
#include "node/file.h"

#include "model/mountinfo.h"
#include "node/file_root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/** First piece that is read. */
#define FIRST_BYTES ((size_t)4096)

/** Largest mount table that is looked at. */
#define MAX_MOUNTINFO ((size_t)16 << 20)

bool file_is_gone(int code)
{
	return code == -ENOENT || code == -ESRCH;
}

void file_done(struct file_text *text)
{
	if (text->bytes) {
		explicit_bzero(text->bytes, text->len);
	}
	free(text->bytes);
	*text = (struct file_text){0};
}

/** Room for twice as much, and a NUL. The old copy may hold secrets, so no realloc(). */
static int grow(struct file_text *text, size_t *cap)
{
	size_t more = *cap > 0 ? *cap * 2 : FIRST_BYTES;
	char *bytes = malloc(more + 1);

	if (!bytes) {
		return -ENOMEM;
	}
	if (text->bytes) {
		memcpy(bytes, text->bytes, text->len);
		explicit_bzero(text->bytes, text->len);
		free(text->bytes);
	}
	text->bytes = bytes;
	*cap = more;
	return 0;
}

static int read_all(int fd, size_t max_bytes, struct file_text *text)
{
	size_t cap = 0;

	for (;;) {
		int r = text->len == cap ? grow(text, &cap) : 0;

		if (r < 0) {
			return r;
		}
		ssize_t n = read(fd, text->bytes + text->len, cap - text->len);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return -errno;
		}
		text->len += (size_t)n;
		if (text->len > max_bytes) {
			return -EFBIG;
		}
		if (n == 0) {
			text->bytes[text->len] = '\0';
			return 0;
		}
	}
}

int file_read_fd(int fd, size_t max_bytes, struct file_text *ret)
{
	struct file_text text = {0};
	int r = read_all(fd, max_bytes, &text);

	if (r < 0) {
		file_done(&text);
		return r;
	}
	*ret = text;
	return 0;
}

int file_read_at(int dir_fd, const char *name, size_t max_bytes, struct file_text *ret)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int r = fd < 0 ? -errno : file_read_fd(fd, max_bytes, ret);

	if (fd >= 0) {
		(void)close(fd);
	}
	return r;
}

/**
 * Is a user-space file system in the way? Then looking the path up could wait for a process of
 * somebody else. Links can lead anywhere, so with such a mount elsewhere they are not followed;
 * nor where the mount table cannot be read.
 */
static enum file_links allowed_links(int proc_fd, const char *path)
{
	struct file_text text = {0};
	enum file_links links = FILE_LINKS_INSIDE;

	if (file_read_at(proc_fd, "mountinfo", MAX_MOUNTINFO, &text) < 0) {
		return FILE_LINKS_NONE;
	}
	for (char *rest = text.bytes, *line = strsep(&rest, "\n"); line;
	     line = strsep(&rest, "\n")) {
		struct mountinfo_row row;

		if (!mountinfo_parse(line, &row) || !mountinfo_is_fuse(row.fstype)) {
			continue;
		}
		if (mountinfo_covers(row.point, path)) {
			links = FILE_LINKS_REFUSED;
			break;
		}
		links = FILE_LINKS_NONE;
	}
	file_done(&text);
	return links;
}

/** openat2(2), which Linux has since 5.6 and the C library does not offer. */
static int resolve_by_kernel(int root_fd, const char *path, enum file_links links)
{
	uint64_t no_links = links == FILE_LINKS_NONE ? RESOLVE_NO_SYMLINKS : 0;
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | no_links,
	};
	long fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

int file_resolve_by_steps(int root_fd, const char *path)
{
	char part[NAME_MAX + 1];
	int at = dup(root_fd);

	for (path += strspn(path, "/"); at >= 0 && *path != '\0';) {
		size_t n = strcspn(path, "/");
		struct stat st;

		if (n > NAME_MAX || (n == 2 && memcmp(path, "..", n) == 0)) {
			(void)close(at);
			return n > NAME_MAX ? -ENAMETOOLONG : -EXDEV;
		}
		memcpy(part, path, n);
		part[n] = '\0';
		path += n + strspn(path + n, "/");

		int next = openat(at, part, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		int code = next < 0 ? -errno : 0;

		(void)close(at);
		at = next;
		if (at >= 0 && fstat(at, &st) == 0 && S_ISLNK(st.st_mode)) {
			(void)close(at);
			return -ELOOP;
		}
		if (at < 0) {
			return code;
		}
	}
	return at < 0 ? -errno : at;
}

/** @return an O_PATH descriptor or a negative errno. */
static int resolve(int root_fd, const char *path, enum file_links links)
{
	int fd = resolve_by_kernel(root_fd, path, links);

	/* A sandbox may answer EPERM for what it does not know. */
	return fd == -ENOSYS || fd == -EPERM ? file_resolve_by_steps(root_fd, path) : fd;
}

/** Read what an O_PATH descriptor is of, if that is harmless. */
static int read_resolved(int path_fd, size_t max_bytes, struct file_text *ret, struct err *err)
{
	char link[64];
	struct stat st;

	if (fstat(path_fd, &st) < 0) {
		return err_set(err, -errno, "%s", strerror(errno));
	}
	if (!S_ISREG(st.st_mode)) {
		return err_set(err, -EINVAL, "not a regular file");
	}
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", path_fd);

	int r = file_read_at(AT_FDCWD, link, max_bytes, ret);

	if (r == -EFBIG) {
		return err_set(err, r, "longer than %zu bytes", max_bytes);
	}
	return r < 0 ? err_set(err, r == -ENOENT ? -EIO : r, "%s", strerror(-r)) : 0;
}

/** Nothing there, or a symbolic link that leads nowhere inside the root? */
static int missing(int root_fd, const char *path, struct err *err)
{
	const struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
	                             .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	long fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));

	if (fd < 0) {
		return -ENOENT;
	}
	(void)close((int)fd);
	return err_set(err, -ELOOP, "a symbolic link that leads nowhere inside its root directory");
}

int file_read_below(int root_fd, const char *path, enum file_links links, size_t max_bytes,
                    struct file_text *ret, struct err *err)
{
	int fd = resolve(root_fd, path, links);
	int r;

	if (fd == -ENOENT || fd == -ENOTDIR) {
		return missing(root_fd, path, err);
	}
	if (fd == -ELOOP) {
		return err_set(err, fd, "a symbolic link that is not followed");
	}
	if (fd < 0) {
		return err_set(err, fd, "%s", strerror(-fd));
	}
	r = read_resolved(fd, max_bytes, ret, err);
	(void)close(fd);
	return r;
}

/** Id of the first mount a process sees, which no other mount namespace has; 0: not known. */
static unsigned long first_mount(int dir_fd, const char *path)
{
	char text[32] = "";
	int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0) {
		(void)close(fd);
	}
	return n > 0 ? strtoul(text, NULL, 10) : 0;
}

/**
 * The root directory of a process. That of one with more rights than ours is closed to us, but
 * where it has our mount namespace and root it is ours.
 */
static int open_root(int proc_fd)
{
	int fd = openat(proc_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int code = fd < 0 ? -errno : 0;
	unsigned long mount =
		code == -EACCES || code == -EPERM ? first_mount(proc_fd, "mountinfo") : 0;

	if (mount != 0 && mount == first_mount(AT_FDCWD, "/proc/self/mountinfo")) {
		fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		code = fd < 0 ? -errno : 0;
	}
	return fd < 0 ? code : fd;
}

int file_read_in_root(int proc_fd, const char *path, size_t max_bytes, struct file_text *ret,
                      struct err *err)
{
	enum file_links links = allowed_links(proc_fd, path);

	if (links == FILE_LINKS_REFUSED) {
		return err_set(err, -ENOTSUP, "behind a FUSE file system");
	}
	int root_fd = open_root(proc_fd);

	if (root_fd < 0) {
		/* The link is gone with the process, and empty for one that is ending. */
		return file_is_gone(root_fd) ? -ESRCH
		                             : err_set(err, root_fd, "its root directory: %s",
		                                       strerror(-root_fd));
	}
	int r = file_read_below(root_fd, path, links, max_bytes, ret, err);

	(void)close(root_fd);
	return r;
}
