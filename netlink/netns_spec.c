/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/netns_spec.h"

#include "model/text.h"
#include "netlink/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

/** Names proposed for an unknown one, and how far off they may be. */
#define NEAREST_NAMES 3
#define NEAREST_EDITS 3

/** Bytes of a name compared for nearness. */
#define DISTANCE_BYTES ((size_t)64)

/** Digits to a number > 0. @return false for anything else. */
static bool positive(const char *digits, uint64_t *ret)
{
	uint64_t value = 0;

	for (; *digits >= '0' && *digits <= '9'; digits++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*digits - '0'), &value)) {
			return false;
		}
	}
	*ret = value;
	return *digits == '\0' && value > 0;
}

/** A value with a keyword in front of a number. */
static int parse_number(const char *text, const char *digits, enum netns_spec_kind kind,
                        struct netns_spec *ret, struct err *err)
{
	struct netns_spec spec = {.kind = kind, .text = text};

	if (!positive(digits, &spec.number) ||
	    (kind == NETNS_SPEC_PID && spec.number > INT32_MAX)) {
		return err_set(err, -EINVAL, "--netns %s: not a number after the colon", text);
	}
	*ret = spec;
	return 0;
}

int netns_spec_parse(const char *text, struct netns_spec *ret, struct err *err)
{
	if (*text == '\0') {
		return err_set(err, -EINVAL,
		               "--netns: empty; give all, host, a name, a path, inode:N or pid:N");
	}
	if (text_starts(text, "inode:")) {
		return parse_number(text, text + strlen("inode:"), NETNS_SPEC_INODE, ret, err);
	}
	if (text_starts(text, "pid:")) {
		return parse_number(text, text + strlen("pid:"), NETNS_SPEC_PID, ret, err);
	}

	enum netns_spec_kind kind = strchr(text, '/') ? NETNS_SPEC_PATH : NETNS_SPEC_NAME;

	if (text_eq(text, "all")) {
		kind = NETNS_SPEC_ALL;
	} else if (text_eq(text, "host")) {
		kind = NETNS_SPEC_HOST;
	}
	*ret = (struct netns_spec){.kind = kind, .text = text};
	return 0;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

size_t netns_spec_distance(const char *a, const char *b)
{
	size_t n_a = strnlen(a, DISTANCE_BYTES);
	size_t n_b = strnlen(b, DISTANCE_BYTES);
	size_t row[DISTANCE_BYTES + 1] = {0};

	for (size_t k = 0; k <= n_b; k++) {
		row[k] = k;
	}
	for (size_t i = 1; i <= n_a; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t k = 1; k <= n_b; k++) {
			size_t above = row[k];

			row[k] = min3(above + 1, row[k - 1] + 1,
			              diagonal + (a[i - 1] == b[k - 1] ? 0 : 1));
			diagonal = above;
		}
	}
	return row[n_b];
}

/** The nearest names so far, best first. */
struct nearest {
	const char *name[NEAREST_NAMES];
	size_t edits[NEAREST_NAMES];
	size_t n;
};

static void nearest_offer(struct nearest *best, const char *name, size_t edits)
{
	for (size_t i = 0; i < best->n; i++) {
		if (text_eq(best->name[i], name)) {
			return;
		}
	}

	size_t at = best->n;

	while (at > 0 && best->edits[at - 1] > edits) {
		at--;
	}
	if (at == NEAREST_NAMES) {
		return;
	}
	if (best->n < NEAREST_NAMES) {
		best->n++;
	}
	for (size_t i = best->n - 1; i > at; i--) {
		best->name[i] = best->name[i - 1];
		best->edits[i] = best->edits[i - 1];
	}
	best->name[at] = name;
	best->edits[at] = edits;
}

static int unknown_name(const struct netns_scan *scan, const char *name)
{
	struct nearest best = {.n = 0};
	const char *text[NEAREST_NAMES] = {"", "", ""};

	for (uint32_t i = 0; i < scan->set.n; i++) {
		const struct netns_seen *seen = &scan->set.rows[i];

		for (uint32_t k = 0; k < seen->n_names; k++) {
			size_t edits = netns_spec_distance(name, seen->names[k]);

			if (edits <= NEAREST_EDITS || text_starts(seen->names[k], name)) {
				nearest_offer(&best, seen->names[k], edits);
			}
		}
	}
	for (size_t i = 0; i < best.n; i++) {
		text[i] = best.name[i];
	}
	return err_set(scan->err, -EINVAL,
	               "--netns %s: no network namespace has this name%s%s%s%s%s%s", name,
	               best.n > 0 ? "; nearest: " : "", text[0], best.n > 1 ? ", " : "", text[1],
	               best.n > 2 ? ", " : "", text[2]);
}

static int select_name(struct netns_scan *scan, const char *name)
{
	/* Names in the set are imported text, so the given one has to be, too. */
	const char *imported = text_import(scan->arena, name, strlen(name));
	bool found = false;

	if (!imported) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < scan->set.n; i++) {
		struct netns_seen *seen = &scan->set.rows[i];

		for (uint32_t k = 0; k < seen->n_names; k++) {
			if (text_eq(seen->names[k], imported)) {
				seen->wanted = true;
				found = true;
			}
		}
	}
	return found ? 0 : unknown_name(scan, imported);
}

static int select_inode(struct netns_scan *scan, const struct netns_spec *spec)
{
	bool found = false;

	for (uint32_t i = 0; i < scan->set.n; i++) {
		if (scan->set.rows[i].id.inode == spec->number) {
			scan->set.rows[i].wanted = true;
			found = true;
		}
	}
	if (!found) {
		return err_set(scan->err, -EINVAL,
		               "--netns %s: no network namespace has this inode", spec->text);
	}
	return 0;
}

/** A path that leads somewhere: is it a network namespace? */
static int check_type(const struct netns_scan *scan, const char *what, int path_fd)
{
	AUTO_FD int fd = netns_reopen(path_fd);

	if (fd < 0) {
		return err_set(scan->err, -EINVAL, "--netns %s: %s", what, strerror(-fd));
	}
	int type = ioctl(fd, NS_GET_NSTYPE);

	if (type != CLONE_NEWNET) {
		return err_set(scan->err, -EINVAL,
		               "--netns %s: a namespace, but not of the network", what);
	}
	return 0;
}

/**
 * Select by path; a namespace that nothing else led to is added under this path.
 *
 * @param path where to look. @param name what the row is called when it has no other name.
 */
static int select_path(struct netns_scan *scan, const char *what, const char *path,
                       const char *name)
{
	struct netns_id id = {0};
	AUTO_FD int fd = netns_peek(AT_FDCWD, path, &id);

	assert(path);

	if (fd == -ENXIO) {
		return err_set(scan->err, -EINVAL, "--netns %s: not a namespace", what);
	}
	if (fd < 0) {
		return err_set(scan->err, -EINVAL, "--netns %s: %s", what, strerror(-fd));
	}

	struct netns_seen *seen = netns_set_find(&scan->set, id);

	if (!seen) {
		int r = check_type(scan, what, fd);

		if (r < 0) {
			return r;
		}
		seen = netns_set_get(&scan->set, id);
		if (!seen || (name && netns_set_add_name(&scan->set, seen, name) < 0)) {
			return -ENOMEM;
		}
	}
	if (!seen->given_path) {
		seen->given_path = arena_strndup(scan->arena, path, strlen(path));
	}
	seen->reached = true;
	seen->wanted = true;
	return seen->given_path ? 0 : -ENOMEM;
}

static int select_pid(struct netns_scan *scan, const struct netns_spec *spec)
{
	const char *path =
		arena_printf(scan->arena, "%s/%" PRIu64 "/ns/net", scan->proc, spec->number);

	if (!path) {
		return -ENOMEM;
	}
	return select_path(scan, spec->text, path, NULL);
}

static int select_host(struct netns_scan *scan, struct netns_id host)
{
	struct netns_seen *seen = host.inode ? netns_set_find(&scan->set, host) : NULL;

	if (!seen) {
		return err_set(scan->err, -EINVAL,
		               "--netns host: the namespace of process 1 in %s cannot be examined",
		               scan->proc);
	}
	seen->wanted = true;
	return 0;
}

static void select_all(struct netns_scan *scan)
{
	scan->everything = true;
	for (uint32_t i = 0; i < scan->set.n; i++) {
		scan->set.rows[i].wanted = true;
	}
}

static int select_one(struct netns_scan *scan, const struct netns_spec *spec, struct netns_id host)
{
	switch (spec->kind) {
	case NETNS_SPEC_ALL:
		select_all(scan);
		return 0;
	case NETNS_SPEC_HOST:
		return select_host(scan, host);
	case NETNS_SPEC_NAME:
		return select_name(scan, spec->text);
	case NETNS_SPEC_PATH:
		return select_path(scan, spec->text, spec->text, spec->text);
	case NETNS_SPEC_INODE:
		return select_inode(scan, spec);
	case NETNS_SPEC_PID:
		return select_pid(scan, spec);
	}
	return -EINVAL;
}

int netns_select(struct netns_scan *scan, const struct netns_options *opts, struct netns_id host)
{
	if (opts->n_specs == 0) {
		select_all(scan);
		return 0;
	}
	for (uint32_t i = 0; i < opts->n_specs; i++) {
		struct netns_spec spec;
		int r = netns_spec_parse(opts->specs[i], &spec, scan->err);

		if (r == 0) {
			r = select_one(scan, &spec, host);
		}
		if (r < 0) {
			return r;
		}
	}
	return 0;
}
