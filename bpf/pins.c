/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/pins.h"

#include "bpf/idmap.h"
#include "model/mountinfo.h"
#include "model/text.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/** Largest mount table that is read. */
#define MAX_MOUNTINFO ((size_t)16 << 20)

/** Room for "/proc/self/fd/N/" and a name, which no file system has longer than 255 bytes. */
#define FD_PATH_BYTES (NAME_MAX + 64)

/** Where it usually is. */
#define SYS_POINT "/sys/fs/bpf"

/** A root directory of a BPF file system. */
struct pins_root {
	dev_t dev;
	ino_t inode;
};

/** A directory that is being read. */
struct pins_level {
	DIR *dir;
	size_t path_len; /**< Of the path so far. */
};

/** One run. */
struct pins_run {
	struct snapshot *snap;
	struct idmap progs, maps, links; /**< Ids of the snapshot. */
	struct pins_root roots[PINS_MAX_MOUNTS];
	uint32_t n_roots;
	uint32_t n_files;
	bool sys_read; /**< The file system at SYS_POINT was looked through. */
	bool refused;  /**< The kernel does not let us open pins. */
	struct pins_level levels[PINS_MAX_DEPTH];
	char path[PATH_MAX]; /**< Of the directory being read, as the node sees it. */
};

static int add_gap(struct pins_run *run, const char *where, const char *error)
{
	return snap_add_gap(run->snap, GAP_PINS_UNREADABLE, where, error);
}

/** Add an id that may be there already. */
static int add_id(struct idmap *map, uint32_t id)
{
	return id == 0 || idmap_find(map, id, NULL) ? 0 : idmap_add(map, id, 0);
}

static int index_snapshot(struct pins_run *run)
{
	const struct snapshot *snap = run->snap;
	int r = 0;

	for (uint32_t i = 0; i < snap->n_progs && r == 0; i++) {
		r = add_id(&run->progs, snap->progs[i].id);
		for (uint32_t k = 0; k < snap->progs[i].n_map_ids && r == 0; k++) {
			r = add_id(&run->maps, snap->progs[i].map_ids[k]);
		}
	}
	for (uint32_t i = 0; i < snap->n_entries && r == 0; i++) {
		r = add_id(&run->links, snap->entries[i].link_id);
	}
	return r;
}

/**
 * Open a pin for reading. A link cannot be had read-only (EINVAL, bpf_obj_get_user() in
 * kernel/bpf/inode.c), so it is asked for again without that; holding one changes nothing.
 *
 * @return descriptor or a negative errno.
 */
static int open_pin(const char *path)
{
	const struct bpf_obj_get_opts read_only = {.sz = sizeof(read_only),
	                                           .file_flags = BPF_F_RDONLY};
	int fd = bpf_obj_get_opts(path, &read_only);

	if (fd < 0 && errno == EINVAL) {
		fd = bpf_obj_get(path);
	}
	return fd < 0 ? -errno : fd;
}

/** What a descriptor is of, by the name the kernel gave its file. */
static bool kind_of(int fd, enum pin_kind *ret)
{
	static const struct {
		const char *name;
		enum pin_kind kind;
	} names[] = {
		{"anon_inode:bpf-prog", PIN_PROG},
		{"anon_inode:bpf-map", PIN_MAP},
		{"anon_inode:bpf_link", PIN_LINK},
		{"anon_inode:bpf-link", PIN_LINK},
	};
	char path[64];
	char link[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(path, link, sizeof(link) - 1);

	link[n > 0 ? n : 0] = '\0';
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (strcmp(link, names[i].name) == 0) {
			*ret = names[i].kind;
			return true;
		}
	}
	return false;
}

/** Does the snapshot have the object? Its id goes to @p ret_id. @return 1, 0, negative errno. */
static int is_known(const struct pins_run *run, int fd, enum pin_kind kind, uint32_t *ret_id)
{
	union {
		struct bpf_prog_info prog;
		struct bpf_map_info map;
		struct bpf_link_info link;
	} info = {0};
	uint32_t len = kind == PIN_PROG  ? sizeof(info.prog)
	               : kind == PIN_MAP ? sizeof(info.map)
	                                 : sizeof(info.link);

	if (bpf_obj_get_info_by_fd(fd, &info, &len) < 0) {
		return -errno;
	}
	switch (kind) {
	case PIN_PROG:
		*ret_id = info.prog.id;
		return idmap_find(&run->progs, info.prog.id, NULL);
	case PIN_MAP:
		*ret_id = info.map.id;
		return idmap_find(&run->maps, info.map.id, NULL);
	case PIN_LINK:
		*ret_id = info.link.id;
		return idmap_find(&run->links, info.link.id, NULL) ||
		       idmap_find(&run->progs, info.link.prog_id, NULL);
	}
	return 0;
}

static int add_pin(struct pins_run *run, const char *name, enum pin_kind kind, uint32_t id)
{
	struct snap_pin row = {.kind = kind, .id = id};
	const char *path = arena_printf(&run->snap->arena, "%s/%s", run->path, name);

	row.path = path ? text_import(&run->snap->arena, path, SIZE_MAX) : NULL;
	return row.path ? snap_add_pin(run->snap, &row, NULL) : -ENOMEM;
}

/** A pin that could not be opened. @return 0 or -ENOMEM. */
static int open_failed(struct pins_run *run, const char *name, int code)
{
	char where[PATH_MAX + NAME_MAX + 2];

	if (code == -ENOENT) {
		return 0; /* unpinned since it was listed */
	}
	if (code == -EPERM) {
		run->refused = true;
		return add_gap(run, run->path, "Operation not permitted (CAP_BPF is needed)");
	}
	(void)snprintf(where, sizeof(where), "%s/%s", run->path, name);
	return add_gap(run, where, strerror(-code));
}

/**
 * One file. Those that iterate (maps.debug) can be read but not opened as an object: EACCES, for
 * they lack the operations of a pin (bpf_inode_type() in kernel/bpf/inode.c).
 */
static int look_at(struct pins_run *run, int dir_fd, const char *name)
{
	char path[FD_PATH_BYTES];
	enum pin_kind kind;
	uint32_t id = 0;
	struct stat st;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir_fd, name);
	int fd = open_pin(path);

	if (fd == -EACCES && fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (st.st_mode & S_IWUSR) == 0) {
		return 0;
	}
	if (fd < 0) {
		return open_failed(run, name, fd);
	}
	int r = kind_of(fd, &kind) ? is_known(run, fd, kind, &id) : 0;

	(void)close(fd);
	if (r < 0) {
		return open_failed(run, name, r);
	}
	return r > 0 ? add_pin(run, name, kind, id) : 0;
}

/** Enter a directory. @return 0 (with a gap if it cannot be read), -ENOMEM; 1: entered. */
static int enter(struct pins_run *run, int dir_fd, const char *name, uint32_t n_levels)
{
	size_t len = strlen(run->path);
	int n = snprintf(run->path + len, sizeof(run->path) - len, "/%s", name);
	int r = 0;

	if (n < 0 || (size_t)n >= sizeof(run->path) - len || n_levels == PINS_MAX_DEPTH) {
		run->path[len] = '\0';
		return add_gap(run, run->path, "nested deeper than is looked at");
	}
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir) {
		run->levels[n_levels] = (struct pins_level){.dir = dir, .path_len = len};
		return 1;
	}
	if (errno != ENOENT) {
		r = add_gap(run, run->path, strerror(errno));
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	run->path[len] = '\0';
	return r;
}

static bool is_dir(int dir_fd, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN) {
		return entry->d_type == DT_DIR;
	}
	return fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/** One entry of the innermost directory. @return as enter(). */
static int look_at_entry(struct pins_run *run, const struct dirent *entry, uint32_t n_levels)
{
	int dir_fd = dirfd(run->levels[n_levels - 1].dir);

	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
		return 0;
	}
	if (is_dir(dir_fd, entry)) {
		return enter(run, dir_fd, entry->d_name, n_levels);
	}
	/* A symbolic link leads to a file that is found anyway, or to none of ours. */
	return entry->d_type == DT_LNK ? 0 : look_at(run, dir_fd, entry->d_name);
}

/** All below a root directory, run->path naming it. @return 0 or -ENOMEM. */
static int walk(struct pins_run *run, int root_fd)
{
	size_t root_len = strlen(run->path);
	int fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	uint32_t n_levels = 1;
	int r = 0;

	if (!dir) {
		int code = errno;

		if (fd >= 0) {
			(void)close(fd);
		}
		return add_gap(run, run->path, strerror(code));
	}
	run->levels[0] = (struct pins_level){.dir = dir, .path_len = root_len};
	while (n_levels > 0 && r >= 0 && !run->refused) {
		struct pins_level *level = &run->levels[n_levels - 1];
		const struct dirent *entry = readdir(level->dir);

		if (!entry) {
			(void)closedir(level->dir);
			run->path[level->path_len] = '\0';
			n_levels--;
			continue;
		}
		if (++run->n_files > PINS_MAX_FILES) {
			r = add_gap(run, run->path, "more files than are looked at");
			break;
		}
		r = look_at_entry(run, entry, n_levels);
		n_levels += r == 1;
	}
	while (n_levels > 0) {
		(void)closedir(run->levels[--n_levels].dir);
	}
	run->path[root_len] = '\0';
	return r < 0 ? r : 0;
}

/** A root directory not looked at yet? Several mounts can show one. */
static bool is_new(struct pins_run *run, const struct stat *st)
{
	for (uint32_t i = 0; i < run->n_roots; i++) {
		if (run->roots[i].dev == st->st_dev && run->roots[i].inode == st->st_ino) {
			return false;
		}
	}
	if (run->n_roots < PINS_MAX_MOUNTS) {
		run->roots[run->n_roots++] =
			(struct pins_root){.dev = st->st_dev, .inode = st->st_ino};
	}
	return true;
}

/**
 * One mount point. Another mount may cover it by now, or lie between.
 *
 * @param path to open it. @param shown as the node sees it.
 */
static int look_at_root(struct pins_run *run, const char *path, const char *shown)
{
	struct statfs fs;
	struct stat st;
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = 0;

	if (fd < 0 &&
	    (errno == ENOENT || errno == ENOTDIR || (run->sys_read && text_eq(shown, SYS_POINT)))) {
		return 0; /* not there, or seen through --sys */
	}
	if (fd < 0) {
		return add_gap(run, shown, strerror(errno));
	}
	if (fstat(fd, &st) == 0 && fstatfs(fd, &fs) == 0 && fs.f_type == BPF_FS_MAGIC &&
	    is_new(run, &st)) {
		(void)snprintf(run->path, sizeof(run->path), "%s", shown);
		r = walk(run, fd);
	}
	(void)close(fd);
	return r;
}

/** All of a file, NUL-terminated and malloc'ed. @return 0 or a negative errno. */
static int read_text(FILE *file, char **ret)
{
	char *text = NULL;
	size_t len = 0;

	for (size_t cap = 65536; cap <= MAX_MOUNTINFO; cap *= 2) {
		char *more = realloc(text, cap);

		if (!more) {
			free(text);
			return -ENOMEM;
		}
		text = more;
		len += fread(text + len, 1, cap - 1 - len, file);
		if (len < cap - 1) {
			text[len] = '\0';
			*ret = text;
			return ferror(file) ? -EIO : 0;
		}
	}
	free(text);
	return -EFBIG;
}

/** The mount table of process 1. @return as read_text(); to be freed either way. */
static int read_mounts(const char *proc, char **ret)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/1/mountinfo", proc);
	FILE *file = fopen(path, "re");

	if (!file) {
		return -errno;
	}
	int r = read_text(file, ret);

	(void)fclose(file);
	return r;
}

/** The mount points in the table. @return 0 or -ENOMEM. */
static int look_at_mounts(struct pins_run *run, const char *proc, char *text)
{
	int r = 0;

	for (char *line = strsep(&text, "\n"); line && r == 0; line = strsep(&text, "\n")) {
		struct mountinfo_row row;
		char path[PATH_MAX];

		if (!mountinfo_parse(line, &row) || !text_eq(row.fstype, "bpf")) {
			continue;
		}
		int n = snprintf(path, sizeof(path), "%s/1/root%s", proc, row.point);

		if (run->n_roots == PINS_MAX_MOUNTS || n < 0 || (size_t)n >= sizeof(path)) {
			r = add_gap(run, row.point, "more mounts, or a longer path, than is read");
		} else {
			r = look_at_root(run, path, row.point);
		}
	}
	return r;
}

static int look_everywhere(struct pins_run *run, const char *proc, const char *sys)
{
	char path[PATH_MAX];
	char *text = NULL;
	int n = snprintf(path, sizeof(path), "%s/fs/bpf", sys);
	int r = n > 0 && (size_t)n < sizeof(path) ? look_at_root(run, path, SYS_POINT) : 0;

	run->sys_read = run->n_roots > 0;
	if (r < 0) {
		return r;
	}
	r = read_mounts(proc, &text);
	if (r == 0) {
		r = look_at_mounts(run, proc, text);
	} else if (r != -ENOMEM) {
		r = add_gap(run, "the mount table of process 1", strerror(-r));
	}
	free(text);
	return r;
}

int pins_collect(struct snapshot *snap, const char *proc, const char *sys)
{
	if (snap->n_progs == 0) {
		return 0; /* so there is no pin of any of them */
	}

	struct pins_run *run = calloc(1, sizeof(*run));
	int r = run ? 0 : -ENOMEM;

	if (r == 0) {
		run->snap = snap;
		r = index_snapshot(run);
	}
	if (r == 0) {
		r = look_everywhere(run, proc, sys);
	}
	if (run) {
		idmap_done(&run->progs);
		idmap_done(&run->maps);
		idmap_done(&run->links);
	}
	free(run);
	return r;
}
