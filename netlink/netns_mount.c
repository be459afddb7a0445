/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network namespaces that are bind-mounted somewhere, in any mount namespace.
 */
#include "model/attrs.h"
#include "model/mountinfo.h"
#include "model/text.h"
#include "netlink/fd.h"
#include "netlink/netns_scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define FIRST_TEXT_BYTES  65536
#define FIRST_TABLE_SLOTS 64u

/** FUSE mount points remembered of one table; past it every path counts as behind one. */
#define MAX_FUSE 64u

/** Mount points of one table that a user-space file system answers for. */
struct fuse_points {
	const char *at[MAX_FUSE];
	uint32_t n;
	bool cut;
};

/** Whose table is read. */
struct table_of {
	const char *task;
	bool blind; /**< The task's ns/ and root are closed to us, its table is open to all. */
};

/**
 * Does the path of a mount point lead through a FUSE file system? Looking up such a path asks a
 * process of somebody else, which may never answer.
 */
static bool behind_fuse(const struct fuse_points *fuse, const char *point)
{
	for (uint32_t i = 0; i < fuse->n; i++) {
		if (mountinfo_covers(fuse->at[i], point) && !text_eq(fuse->at[i], point)) {
			return true;
		}
	}
	return fuse->cut;
}

/** Add a namespace that is bound at a mount point. @return 0 or -ENOMEM. */
static int add_bound(struct netns_scan *scan, const struct table_of *of,
                     const struct mountinfo_row *row, bool fuse)
{
	const struct netns_id id = {.dev = makedev(row->major_nr, row->minor_nr),
	                            .inode = mountinfo_netns(row->root)};
	struct netns_seen *seen = netns_set_get(&scan->set, id);

	if (!seen || netns_set_add_name(&scan->set, seen, mountinfo_netns_name(row->point)) < 0) {
		return -ENOMEM;
	}
	if (fuse) {
		seen->fuse_only = seen->n_mount_paths == 0;
		return 0;
	}
	seen->fuse_only = false;
	if (seen->blind_path && !of->blind) {
		seen->n_mount_paths = 0; /* a better way */
	}
	if (seen->n_mount_paths == (of->blind ? 1 : NETNS_MOUNT_PATHS)) {
		return 0;
	}
	seen->blind_path = of->blind;

	const char *task = of->task;
	const char *path = arena_printf(scan->arena, "%s/%s/root%s", scan->proc, task, row->point);

	if (!path) {
		return -ENOMEM;
	}
	if (seen->n_mount_paths == 0) {
		seen->mount_task = arena_strndup(scan->arena, task, strlen(task));
		seen->mount_point = path + strlen(path) - strlen(row->point);
		seen->mount_table = scan->n_tables; /* what this table's index will be */
		if (!seen->mount_task) {
			return -ENOMEM;
		}
	}
	seen->mount_paths[seen->n_mount_paths++] = path;
	return 0;
}

/** Next line of @p text, cut off and terminated; NULL at the end. */
static char *next_line(char **text)
{
	char *line = strsep(text, "\n");

	return line && (*line != '\0' || *text) ? line : NULL;
}

/**
 * The table in scan->text, in two passes: whether a path leads through FUSE depends on mounts
 * listed before and after it.
 */
static int add_table(struct netns_scan *scan, const struct table_of *of)
{
	struct fuse_points fuse = {0};
	struct mountinfo_row *rows = NULL;
	uint32_t n_rows = 0;
	uint32_t cap_rows = 0;
	void *vec = NULL;
	char *text = scan->text;
	int r = 0;

	for (char *line = next_line(&text); line && r == 0; line = next_line(&text)) {
		struct mountinfo_row row;

		if (!mountinfo_parse(line, &row)) {
			continue;
		}
		if (mountinfo_is_fuse(row.fstype)) {
			if (fuse.n < MAX_FUSE) {
				fuse.at[fuse.n++] = row.point;
			} else {
				fuse.cut = true;
			}
		}
		if (!text_eq(row.fstype, "nsfs") || mountinfo_netns(row.root) == 0) {
			continue;
		}
		r = arena_reserve(scan->arena, &vec, n_rows, &cap_rows, sizeof(*rows));
		if (r == 0) {
			rows = vec;
			rows[n_rows++] = row;
		}
	}
	for (uint32_t i = 0; i < n_rows && r == 0; i++) {
		r = add_bound(scan, of, &rows[i], behind_fuse(&fuse, rows[i].point));
	}
	if (vec) {
		arena_release(scan->arena, &vec, &cap_rows, sizeof(*rows));
	}
	return r;
}

/** Make room for more text and its NUL. @return 0, -EFBIG at the bound, -ENOMEM. */
static int grow_text(struct netns_scan *scan)
{
	size_t cap = scan->cap_text ? scan->cap_text * 2 : FIRST_TEXT_BYTES;

	if (scan->cap_text > NETNS_MAX_MOUNTINFO) {
		return -EFBIG;
	}
	char *text = realloc(scan->text, cap);

	if (!text) {
		return -ENOMEM;
	}
	scan->text = text;
	scan->cap_text = cap;
	return 0;
}

/** Read a task's mount table into scan->text. @return 0, -EFBIG, -ENOMEM, other errnos. */
static int read_table(struct netns_scan *scan, const char *task)
{
	char path[NETNS_TASK_BYTES];
	size_t len = 0;

	(void)snprintf(path, sizeof(path), "%s/mountinfo", task);

	AUTO_FD int fd = openat(scan->proc_fd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return -errno;
	}
	for (;;) {
		if (len + 1 >= scan->cap_text) {
			int r = grow_text(scan);

			if (r < 0) {
				return r;
			}
		}
		ssize_t n = read(fd, scan->text + len, scan->cap_text - 1 - len);

		if (n < 0) {
			return -errno;
		}
		if (n == 0) {
			break;
		}
		len += (size_t)n;
	}
	scan->text[len] = '\0';
	return 0;
}

static bool table_eq(const struct netns_table *a, const struct netns_table *b)
{
	return netns_id_eq(a->mnt, b->mnt) && a->root_mount == b->root_mount &&
	       a->root_inode == b->root_inode;
}

static uint32_t table_slot(const struct netns_scan *scan, const struct netns_table *table)
{
	const uint64_t key[] = {table->mnt.inode, table->root_mount, table->root_inode};
	uint64_t hash = text_hash(TEXT_HASH_SEED, key, sizeof(key));
	uint32_t mask = scan->n_table_slots - 1;
	uint32_t at = (uint32_t)(hash ^ hash >> 32) & mask;

	while (scan->table_slots[at] != 0 &&
	       !table_eq(&scan->tables[scan->table_slots[at] - 1], table)) {
		at = (at + 1) & mask;
	}
	return at;
}

static struct netns_table *find_table(const struct netns_scan *scan,
                                      const struct netns_table *table)
{
	uint32_t at = scan->n_table_slots ? scan->table_slots[table_slot(scan, table)] : 0;

	return at ? &scan->tables[at - 1] : NULL;
}

/** @return 0 or -ENOMEM. */
static int remember_table(struct netns_scan *scan, const struct netns_table *table)
{
	void *vec = scan->tables;
	int r = arena_reserve(scan->arena, &vec, scan->n_tables, &scan->cap_tables,
	                      sizeof(*scan->tables));

	if (r < 0) {
		return r;
	}
	scan->tables = vec;
	if (scan->n_table_slots / 2 <= scan->n_tables) {
		uint32_t n = scan->n_table_slots ? scan->n_table_slots * 2 : FIRST_TABLE_SLOTS;
		uint32_t *slots = calloc(n, sizeof(*slots));

		if (!slots) {
			return -ENOMEM;
		}
		free(scan->table_slots);
		scan->table_slots = slots;
		scan->n_table_slots = n;
		for (uint32_t i = 0; i < scan->n_tables; i++) {
			slots[table_slot(scan, &scan->tables[i])] = i + 1;
		}
	}

	uint32_t at = table_slot(scan, table);

	scan->tables[scan->n_tables] = *table;
	scan->table_slots[at] = ++scan->n_tables;
	return 0;
}

/**
 * Which table a task has. The root directory belongs to it: mountinfo leaves out what a chroot
 * hides. Nothing is asked of a file system that may not answer (AT_STATX_DONT_SYNC).
 */
static int identify_table(const struct netns_scan *scan, const char *task,
                          const struct netns_id *parent, struct netns_table *ret)
{
	char path[NETNS_TASK_BYTES];
	struct netns_table table = {0};
	struct stat st;
	struct statx root;

	(void)snprintf(path, sizeof(path), "%s/ns/mnt", task);
	if (fstatat(scan->proc_fd, path, &st, 0) < 0) {
		return -errno;
	}
	table.mnt = (struct netns_id){.dev = st.st_dev, .inode = st.st_ino};
	if (!parent || !netns_id_eq(*parent, table.mnt)) {
		(void)snprintf(path, sizeof(path), "%s/root", task);
		if (statx(scan->proc_fd, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT,
		          STATX_INO | STATX_MNT_ID, &root) == 0) {
			table.root_inode = root.stx_ino;
			table.root_mount = (root.stx_mask & STATX_MNT_ID) ? root.stx_mnt_id : 0;
		}
	}
	*ret = table;
	return 0;
}

/**
 * The same for a task whose ns/mnt may not be examined: the id of the first mount listed. Mount
 * ids are unique among all mount namespaces, and mountinfo itself asks for no right.
 */
static int identify_blind(const struct netns_scan *scan, const char *task, struct netns_table *ret)
{
	char path[NETNS_TASK_BYTES];
	char start[32];

	(void)snprintf(path, sizeof(path), "%s/mountinfo", task);

	AUTO_FD int fd = openat(scan->proc_fd, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, start, sizeof(start) - 1);

	if (n < 0) {
		return -errno;
	}
	start[n] = '\0';
	*ret = (struct netns_table){0};
	ret->root_mount = strtoull(start, NULL, 10);
	return 0;
}

int netns_read_mounts(struct netns_scan *scan, const char *task, const struct netns_id *parent,
                      struct netns_id *ret_mnt)
{
	struct netns_table table = {0};
	int r = identify_table(scan, task, parent, &table);

	struct table_of of = {.task = task};

	*ret_mnt = (struct netns_id){0};
	if (r == -EACCES || r == -EPERM) {
		of.blind = true;
		r = identify_blind(scan, task, &table);
	}
	if (r < 0) {
		return r == -EINVAL || netns_is_gone(r) ? 0 : r;
	}
	*ret_mnt = table.mnt;
	if (parent && !of.blind && netns_id_eq(*parent, table.mnt)) {
		return 0;
	}
	struct netns_table *known = find_table(scan, &table);

	if (known) {
		if (known->other[0] == '\0') {
			(void)snprintf(known->other, sizeof(known->other), "%s", task);
		}
		return 0;
	}

	r = read_table(scan, task);
	if (r == -EFBIG) {
		char where[NETNS_TASK_BYTES];

		(void)snprintf(where, sizeof(where), "mount table of %s", task);
		r = snap_add_gap(scan->snap, GAP_LIMIT, where, "too long to be read");
		return r < 0 ? r : remember_table(scan, &table);
	}
	if (r == -EINVAL || netns_is_gone(r)) {
		/* EINVAL: the task is ending, mounts_open_common(). Another one may have it. */
		return 0;
	}
	if (r < 0) {
		return r;
	}
	r = add_table(scan, &of);
	return r < 0 ? r : remember_table(scan, &table);
}

int netns_other_mount(struct netns_scan *scan, struct netns_seen *seen)
{
	if (seen->n_proc_paths > 0 || seen->n_mount_paths == 0 ||
	    scan->tables[seen->mount_table].other[0] == '\0') {
		return 0;
	}
	const char *path = arena_printf(scan->arena, "%s/%s/root%s", scan->proc,
	                                scan->tables[seen->mount_table].other, seen->mount_point);

	if (!path) {
		return -ENOMEM;
	}
	seen->mount_paths[seen->n_mount_paths++] = path;
	return 0;
}

bool netns_still_mounted(struct netns_scan *scan, const char *task, struct netns_id id)
{
	if (read_table(scan, task) < 0) {
		return true;
	}
	char *text = scan->text;

	for (char *line = next_line(&text); line; line = next_line(&text)) {
		struct mountinfo_row row;

		if (mountinfo_parse(line, &row) && text_eq(row.fstype, "nsfs") &&
		    makedev(row.major_nr, row.minor_nr) == id.dev &&
		    mountinfo_netns(row.root) == id.inode) {
			return true;
		}
	}
	return false;
}

void netns_mounts_done(struct netns_scan *scan)
{
	void *vec = scan->tables;

	if (vec) {
		arena_release(scan->arena, &vec, &scan->cap_tables, sizeof(*scan->tables));
	}
	scan->tables = NULL;
	scan->n_tables = 0;
	free(scan->table_slots);
	scan->table_slots = NULL;
	free(scan->text);
	scan->text = NULL;
	scan->cap_text = 0;
}
