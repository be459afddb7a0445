/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input.h"

#include "model/text.h"
#include "netlink/fd.h"
#include "node/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/** Memory for what the files hold, next to their own limits. */
#define INPUT_ARENA_BYTES ((size_t)64 << 20)

/** 9999-12-31, the last day that fits the shape of a date. */
#define LAST_DAY_S INT64_C(253402300799)

static int check_regular(int fd, const char *path, size_t max_bytes, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		return err_set(err, -errno, "reading %s: %s", path, strerror(errno));
	}
	if (S_ISDIR(st.st_mode)) {
		return err_set(err, -EISDIR, "reading %s: it is a directory", path);
	}
	if (!S_ISREG(st.st_mode)) {
		return err_set(err, -EINVAL, "reading %s: it is not a regular file", path);
	}
	if (st.st_size > 0 && (uint64_t)st.st_size > max_bytes) {
		return err_set(err, -EFBIG, "reading %s: it is larger than %zu bytes", path,
		               max_bytes);
	}
	return 0;
}

/** @return the number of bytes up to the end, at most @p size, or a negative errno. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, bytes + len, size - len);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return -errno;
		}
		if (n == 0) {
			break;
		}
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int input_file(const char *path, size_t max_bytes, char **ret, size_t *ret_len, struct err *err)
{
	/* Opening a FIFO without a writer would wait; a regular file does not care. */
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		return err_set(err, -errno, "opening %s: %s", path, strerror(errno));
	}
	int r = check_regular(fd, path, max_bytes, err);

	if (r < 0) {
		return r;
	}
	/* Files of /proc say size 0 and others grow: one byte more tells that it is too much. */
	char *bytes = malloc(max_bytes + 1);

	if (bytes == NULL) {
		return err_set(err, -ENOMEM, "reading %s: no memory", path);
	}
	ssize_t len = read_all(fd, bytes, max_bytes + 1);

	if (len < 0 || (size_t)len > max_bytes) {
		free(bytes);
		return len < 0 ? err_set(err, (int)len, "reading %s: %s", path, strerror((int)-len))
		               : err_set(err, -EFBIG, "reading %s: it is larger than %zu bytes",
		                         path, max_bytes);
	}
	*ret = bytes;
	*ret_len = (size_t)len;
	return 0;
}

/** SOURCE_DATE_EPOCH, as reproducible builds and tests set it, in place of the clock. */
static int64_t now_s(void)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");
	char *end = NULL;

	if (fixed != NULL && fixed[0] >= '0' && fixed[0] <= '9') {
		errno = 0;
		long long value = strtoll(fixed, &end, 10);

		if (errno == 0 && *end == '\0' && value <= LAST_DAY_S) {
			return value;
		}
	}
	return (int64_t)time(NULL);
}

static void set_today(char today[INPUT_DATE_BYTES])
{
	time_t now = (time_t)now_s();
	struct tm tm = {0};

	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(today, INPUT_DATE_BYTES, "%Y-%m-%d", &tm) == 0) {
		/* A clock far off: what has a last day holds no longer, rather than for ever. */
		memcpy(today, "9999-12-31", INPUT_DATE_BYTES);
	}
}

static int read_ignore(const char *path, struct inputs *ret, struct err *err)
{
	char *text = NULL;
	size_t len = 0;
	int r = input_file(path, IGNORE_MAX_BYTES, &text, &len, err);

	if (r == 0) {
		r = ignore_parse(text, len, path, &ret->arena, &ret->ignore, err);
	}
	free(text);
	return r;
}

int inputs_read(const struct options *opts, struct inputs *ret, struct err *err)
{
	*ret = (struct inputs){0};
	arena_init(&ret->arena, INPUT_ARENA_BYTES);
	snap_init(&ret->settings, INPUT_ARENA_BYTES);
	set_today(ret->today);
	int r = opts->ignore_file != NULL ? read_ignore(opts->ignore_file, ret, err) : 0;

	if (r == 0 && opts->agent_config != NULL) {
		r = agent_config_read_file(opts->agent_config, &ret->settings, err);
	}
	return r;
}

int inputs_set_agent(const struct inputs *inputs, struct snapshot *snap)
{
	const struct snap_agent *told = &inputs->settings.agent;
	struct snap_agent *agent = &snap->agent;
	size_t most = (size_t)agent->n_config + told->n_config;
	struct snap_config *rows = NULL;
	uint32_t n = 0;

	if (!told->present) {
		return 0;
	}
	rows = arena_alloc(&snap->arena, (most + 1) * sizeof(*rows));
	if (rows == NULL) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < agent->n_config; i++) {
		if (!text_eq(agent->config[i].source, "file")) {
			rows[n++] = agent->config[i];
		}
	}
	for (uint32_t i = 0; i < told->n_config; i++) {
		rows[n++] = told->config[i];
	}
	agent->config = rows;
	agent->n_config = n;
	agent->present = true;
	snap->facets |= FACET_AGENT;
	return 0;
}

int inputs_check_vendors(const struct inputs *inputs, const struct vendors *table, struct err *err)
{
	for (uint32_t i = 0; i < inputs->ignore.n; i++) {
		const char *id = inputs->ignore.rows[i].vendor;

		if (id != NULL && vendors_find(table, id) == NULL) {
			return err_set(err, -EBADMSG,
			               "%s: ignore[%u].vendor: no vendor '%.64s'; see `tcaudit "
			               "explain --vendor list`",
			               inputs->ignore.file, i, id);
		}
	}
	return 0;
}

void inputs_done(struct inputs *inputs)
{
	arena_done(&inputs->arena);
	snap_done(&inputs->settings);
	*inputs = (struct inputs){0};
}
