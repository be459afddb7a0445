/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The search for namespaces as a whole: collect, select, verify, sort, bound.
 */
#include "model/attrs.h"
#include "netlink/fd.h"
#include "netlink/netns.h"
#include "netlink/netns_scan.h"
#include "netlink/netns_spec.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/** Limit of the list's arena; 5,000 namespaces need less than 8 MiB. */
#define LIST_ARENA_BYTES ((size_t)256 << 20)

/** Longest text of a gap made here; a mount point can be a page long. */
#define GAP_TEXT_BYTES 4352

/** "net:[" and a number. */
#define LABEL_BYTES 32

int netns_no_memory(struct err *err)
{
	return err_set(err, -ENOMEM, "out of memory while looking for network namespaces");
}

void netns_list_done(struct netns_list *list)
{
	if (!list) {
		return;
	}
	void *rows = list->rows;

	if (rows) {
		arena_release(&list->arena, &rows, &list->cap, sizeof(*list->rows));
	}
	arena_done(&list->arena);
	*list = (struct netns_list){0};
}

/** Identity of the namespace of process 1; inode 0 when it cannot be told. */
static struct netns_id host_id(const struct netns_scan *scan)
{
	struct netns_id id = {0};
	AUTO_FD int fd = scan->proc_fd < 0 ? -1 : netns_peek(scan->proc_fd, "1/ns/net", &id);

	if (fd >= 0) {
		return id;
	}
	const struct netns_seen *seen = scan->proc_fd < 0 ? NULL : netns_by_proc_net(scan, "1");

	return seen ? seen->id : (struct netns_id){0};
}

/** Our own namespace is always there to be read, even without a usable /proc of the host. */
static int add_own(struct netns_scan *scan)
{
	static const char path[] = "/proc/self/ns/net";
	struct netns_id id;
	AUTO_FD int fd = netns_peek(AT_FDCWD, path, &id);
	struct stat st;

	if (fd < 0) {
		return 0;
	}
	struct netns_seen *seen = netns_set_get(&scan->set, id);

	if (!seen) {
		return -ENOMEM;
	}
	seen->reached = true;
	seen->given_path = path;
	seen->proc_net = stat("/proc/self/net/dev", &st) == 0 ? st.st_ino : 0;
	return 0;
}

/** One gap for all processes that refused in the same way. */
static int report_denied(struct netns_scan *scan, const struct netns_denied *denied,
                         const char *what)
{
	char text[GAP_TEXT_BYTES];

	if (denied->n == 0) {
		return 0;
	}
	(void)snprintf(text, sizeof(text), "%s of %u process%s could not be examined: %s", what,
	               denied->n, denied->n == 1 ? "" : "es", strerror(-denied->code));
	return snap_add_gap(scan->snap, GAP_PROC_UNREADABLE, scan->proc, text);
}

static int collect(struct netns_scan *scan)
{
	int r = add_own(scan);

	if (r < 0) {
		return r;
	}
	scan->proc_fd = open(scan->proc, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (scan->proc_fd < 0) {
		scan->proc_error = -errno;
		return 0;
	}
	return netns_walk_processes(scan);
}

/** Why the examined /proc does not show every process of the node, or NULL. */
static const char *partial_view(const struct netns_scan *scan)
{
	if (!scan->seen_init) {
		/* hidepid does not refuse, it leaves processes out of the listing. */
		return "process 1 is not visible: not a process file system, or mounted with "
		       "hidepid";
	}
	if (!netns_shows_kernel_threads(scan)) {
		return "it shows the processes of one container (a pid namespace of its own), not "
		       "those of the node";
	}
	return NULL;
}

/** What could not be looked at, when everything was asked for. @return 0 or -ENOMEM. */
static int report_missing(struct netns_scan *scan)
{
	if (!scan->everything) {
		return 0; /* what was asked for was found by other ways */
	}
	if (scan->proc_fd < 0) {
		return snap_add_gap(scan->snap, GAP_PROC_UNREADABLE, scan->proc,
		                    strerror(-scan->proc_error));
	}
	const char *partial = partial_view(scan);
	int r = partial == NULL
	                ? 0
	                : snap_add_gap(scan->snap, GAP_PROC_UNREADABLE, scan->proc, partial);

	if (r == 0) {
		r = report_denied(scan, &scan->no_net, "network namespaces");
	}
	return r < 0 ? r : report_denied(scan, &scan->no_mounts, "mount tables");
}

static const char *label(const struct netns_seen *seen, char *buf)
{
	if (seen->n_names > 0) {
		return seen->names[0];
	}
	(void)snprintf(buf, LABEL_BYTES, "net:[%" PRIu64 "]", seen->id.inode);
	return buf;
}

/** Try the mount points of a namespace nothing else led to. @return 0, or the first failure. */
static int try_mounts(struct netns_seen *seen)
{
	int first = 0;

	for (uint32_t i = 0; i < seen->n_mount_paths && !seen->reached; i++) {
		int r = netns_check_path(seen->mount_paths[i], seen->id);

		seen->reached = r == 0;
		first = first ? first : r;
	}
	return seen->reached ? 0 : first;
}

/**
 * Make sure that each namespace can be opened at all. One whose mounts went away since their
 * table was read is gone; one whose mounts are still listed but lead elsewhere is a gap.
 *
 * @param ret_gone the namespace does not exist (any more).
 */
static int verify(struct netns_scan *scan, struct netns_seen *seen, bool *ret_gone)
{
	char text[GAP_TEXT_BYTES];
	char name[LABEL_BYTES];

	*ret_gone = false;
	if (seen->reached) {
		return 0;
	}

	int r = try_mounts(seen);

	if (seen->reached || !seen->wanted) {
		return 0; /* nobody asked for it: no gap */
	}
	if (seen->fuse_only) {
		(void)snprintf(
			text, sizeof(text),
			"its mount point %s lies behind a FUSE file system and was not opened",
			seen->n_names > 0 ? seen->names[0] : "?");
		return snap_add_gap(scan->snap, GAP_NETNS_UNREADABLE, label(seen, name), text);
	}
	if (netns_is_gone(r) && !netns_still_mounted(scan, seen->mount_task, seen->id)) {
		*ret_gone = true;
		return 0;
	}
	(void)snprintf(text, sizeof(text), "%s: %s", seen->mount_paths[0],
	               r == -ESTALE ? "another mount covers it" : strerror(-r));
	return snap_add_gap(scan->snap, GAP_NETNS_UNREADABLE, label(seen, name), text);
}

static int cmp_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** Path to open it first: through a process, then a mount, then as the user gave it. */
static int set_paths(struct netns_scan *scan, const struct netns_seen *seen,
                     struct netns_found *row)
{
	const size_t max = COUNT_OF(seen->proc_paths) + COUNT_OF(seen->mount_paths) + 1;
	const char **paths = arena_alloc(scan->arena, max * sizeof(*paths));
	uint32_t n = 0;

	if (!paths) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < seen->n_proc_paths; i++) {
		paths[n++] = seen->proc_paths[i];
	}
	for (uint32_t i = 0; i < seen->n_mount_paths; i++) {
		paths[n++] = seen->mount_paths[i];
	}
	if (seen->given_path) {
		paths[n++] = seen->given_path;
	}
	row->path = paths[0];
	row->more_paths = paths + 1;
	row->n_more_paths = n - 1;
	return 0;
}

static int add_found(struct netns_scan *scan, const struct netns_seen *seen, struct netns_id host,
                     struct netns_list *list)
{
	struct netns_found row = {
		.row = {.dev = seen->id.dev,
	                .inode = seen->id.inode,
	                .host = host.inode != 0 && netns_id_eq(seen->id, host),
	                .names = seen->names,
	                .n_names = seen->n_names,
	                .n_kept_pids = seen->n_kept_pids,
	                .n_pids = seen->n_pids},
		.wanted = seen->wanted,
	};
	void *rows = list->rows;
	int r = set_paths(scan, seen, &row);

	memcpy(row.row.pids, seen->pids, sizeof(row.row.pids));
	if (r == 0) {
		r = arena_reserve(&list->arena, &rows, list->n, &list->cap, sizeof(*list->rows));
	}
	if (r < 0) {
		return r;
	}
	list->rows = rows;
	if (row.row.n_names > 1) {
		qsort(row.row.names, row.row.n_names, sizeof(*row.row.names), cmp_names);
	}
	r = row.wanted ? netns_read_facts(scan, &row.row) : 0;
	if (r == 0) {
		list->rows[list->n++] = row;
	}
	return r;
}

static int cmp_found(const void *a, const void *b)
{
	const struct snap_netns *x = &((const struct netns_found *)a)->row;
	const struct snap_netns *y = &((const struct netns_found *)b)->row;

	if (x->host != y->host) {
		return x->host ? -1 : 1;
	}
	if (x->inode != y->inode) {
		return x->inode < y->inode ? -1 : 1;
	}
	return (x->dev > y->dev) - (x->dev < y->dev);
}

/** --max-netns: the first ones stay wanted. @return 0 or -ENOMEM. */
static int apply_limit(struct netns_scan *scan, struct netns_list *list, uint32_t max)
{
	char text[GAP_TEXT_BYTES];
	uint32_t n_wanted = 0;
	uint32_t n_cut = 0;

	for (uint32_t i = 0; i < list->n; i++) {
		if (!list->rows[i].wanted) {
			continue;
		}
		if (max != 0 && n_wanted == max) {
			list->rows[i].wanted = false;
			n_cut++;
		} else {
			n_wanted++;
		}
	}
	if (n_cut == 0) {
		return 0;
	}
	(void)snprintf(text, sizeof(text), "%u of %u network namespaces were not read", n_cut,
	               n_wanted + n_cut);
	return snap_add_gap(scan->snap, GAP_LIMIT, "--max-netns", text);
}

/** One namespace into the list, unless it cannot be opened. @return 0 or -ENOMEM. */
static int finish(struct netns_scan *scan, struct netns_seen *seen, struct netns_id host,
                  struct netns_list *list, bool *ret_gone)
{
	char name[LABEL_BYTES];
	int r = netns_other_mount(scan, seen);

	r = r < 0 ? r : verify(scan, seen, ret_gone);
	if (r == 0 && seen->names_cut) {
		r = snap_add_gap(scan->snap, GAP_LIMIT, label(seen, name),
		                 "it has more names than are kept");
	}
	return r == 0 && seen->reached ? add_found(scan, seen, host, list) : r;
}

/** Turn what was seen into the list. @return 0 or -ENOMEM. */
static int build_list(struct netns_scan *scan, struct netns_id host, struct netns_list *list)
{
	uint32_t n_gone = 0;

	for (uint32_t i = 0; i < scan->set.n; i++) {
		bool gone = false;
		int r = finish(scan, &scan->set.rows[i], host, list, &gone);

		if (r < 0) {
			return r;
		}
		n_gone += gone;
	}
	scan->snap->namespaces_found = scan->set.n - n_gone;
	if (list->n > 1) {
		qsort(list->rows, list->n, sizeof(*list->rows), cmp_found);
	}
	return 0;
}

static int search(struct netns_scan *scan, const struct netns_options *opts,
                  struct netns_list *list)
{
	int r = collect(scan);

	if (r < 0) {
		return r;
	}

	const struct netns_id host = host_id(scan);

	r = netns_select(scan, opts, host);
	if (r < 0) {
		return r;
	}
	scan->snap->host_netns = host.inode;
	r = report_missing(scan);
	if (r == 0) {
		r = build_list(scan, host, list);
	}
	return r < 0 ? r : apply_limit(scan, list, opts->max_netns);
}

int netns_find(const struct netns_options *opts, struct snapshot *snap, struct netns_list *ret_list,
               struct err *err)
{
	struct netns_list list = {0};
	struct netns_scan scan = {
		.proc = opts->proc, .proc_fd = -1, .snap = snap, .err = err, .arena = &list.arena};

	arena_init(&list.arena, LIST_ARENA_BYTES);
	scan.set.arena = &list.arena;

	int r = search(&scan, opts, &list);

	netns_walk_done(&scan);
	netns_mounts_done(&scan);
	netns_set_done(&scan.set);
	fd_cleanup(&scan.proc_fd);
	if (r < 0) {
		netns_list_done(&list);
		return r == -ENOMEM ? netns_no_memory(err) : r;
	}
	*ret_list = list;
	return 0;
}
