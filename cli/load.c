/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/gather.h"
#include "model/json.h"
#include "model/snapshot_json.h"
#include "netlink/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** First size of the buffer for a file whose size is not known. */
#define LOAD_FIRST_BYTES ((size_t)64 << 10)

struct bytes {
	char *data;
	size_t len;
	size_t cap;
};

static int grow(struct bytes *b)
{
	size_t cap = b->cap == 0 ? LOAD_FIRST_BYTES : b->cap * 2;
	char *data = cap > 2 * JSON_MAX_BYTES ? NULL : realloc(b->data, cap);

	if (data == NULL) {
		return -ENOMEM;
	}
	b->data = data;
	b->cap = cap;
	return 0;
}

/** Read to the end; one byte more than is allowed shows that it is too much. */
static int read_all(int fd, struct bytes *b)
{
	for (;;) {
		if (b->len == b->cap) {
			int r = grow(b);

			if (r < 0) {
				return r;
			}
		}
		ssize_t n = read(fd, b->data + b->len, b->cap - b->len);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return -errno;
		}
		b->len += (size_t)n;
		if (b->len > JSON_MAX_BYTES) {
			return -EFBIG;
		}
		if (n == 0) {
			return 0;
		}
	}
}

static int load_fd(int fd, const char *name, struct snapshot *snap, struct err *err)
{
	struct bytes b = {0};
	struct err why = {0};
	int r = read_all(fd, &b);

	if (r < 0) {
		(void)err_set(err, r, "reading %s: %s", name, strerror(-r));
	} else {
		r = snapshot_read_json(b.data, b.len, snap, &why);
		if (r < 0) {
			(void)err_set(err, r, "%s: %s", name,
			              why.text[0] != '\0' ? why.text : strerror(-r));
		}
	}
	free(b.data);
	return r;
}

int gather_file(const char *path, struct snapshot *snap, struct err *err)
{
	if (strcmp(path, "-") == 0) {
		return load_fd(STDIN_FILENO, "standard input", snap, err);
	}
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		return err_set(err, -errno, "opening %s: %s", path, strerror(errno));
	}
	return load_fd(fd, path, snap, err);
}
