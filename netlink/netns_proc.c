/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network namespaces of processes and their threads, and what is known of those processes.
 */
#include "model/cgroup.h"
#include "model/proc_stat.h"
#include "model/text.h"
#include "netlink/fd.h"
#include "netlink/netns_scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** Of comm and cgroup; a version 1 cgroup file has about twelve paths. */
#define FACT_BYTES 65536

/** st_nlink of PID/task is threads + 2 (proc_task_getattr() in fs/proc/base.c). */
#define TASK_NLINK_ONE_THREAD 3

static void dir_cleanup(DIR **dir)
{
	if (*dir) {
		(void)closedir(*dir);
	}
}
#define AUTO_DIR __attribute__((cleanup(dir_cleanup)))

/** @return the directory, or NULL with errno. */
static DIR *open_dir(int at, const char *path)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0) {
		int saved = errno;

		(void)close(fd);
		errno = saved;
	}
	return dir;
}

/** Name of a directory entry as a process id; 0 for anything else. */
static uint32_t pid_of(const char *name)
{
	uint32_t pid = 0;

	if (*name == '\0') {
		return 0;
	}
	for (; *name != '\0'; name++) {
		if (*name < '0' || *name > '9' || pid > NETNS_MAX_PROCESSES) {
			return 0;
		}
		pid = pid * 10 + (uint32_t)(*name - '0');
	}
	return pid;
}

/** Add the path of a task to a row. @return 0 or -ENOMEM. */
static int add_proc_path(struct netns_scan *scan, struct netns_seen *seen, const char *task)
{
	if (seen->n_proc_paths == NETNS_PROC_PATHS) {
		return 0;
	}
	const char *path = arena_printf(scan->arena, "%s/%s/ns/net", scan->proc, task);

	if (!path) {
		return -ENOMEM;
	}
	seen->proc_paths[seen->n_proc_paths++] = path;
	return 0;
}

/**
 * An answer to a look at a task's ns/ files, made useful: 0 when the task is gone. The kernel
 * says EACCES for a task that was reaped during the look-up (proc_ns_get_link()), so a refusal
 * counts only if the task is still there.
 */
static int refusal(const struct netns_scan *scan, const char *task, int code)
{
	struct stat st;

	if (netns_is_gone(code)) {
		return 0;
	}
	if (fstatat(scan->proc_fd, task, &st, 0) < 0 && netns_is_gone(-errno)) {
		return 0;
	}
	return code;
}

/** Inode of a task's net/dev, 0 when there is none. */
static uint64_t proc_net_inode(const struct netns_scan *scan, const char *task)
{
	char path[NETNS_TASK_BYTES];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/net/dev", task);
	return fstatat(scan->proc_fd, path, &st, 0) == 0 ? st.st_ino : 0;
}

struct netns_seen *netns_by_proc_net(const struct netns_scan *scan, const char *task)
{
	uint64_t inode = proc_net_inode(scan, task);

	for (uint32_t i = 0; i < scan->set.n && inode != 0; i++) {
		if (scan->set.rows[i].proc_net == inode) {
			return &scan->set.rows[i];
		}
	}
	return NULL;
}

/** Keep a task that refused for later. @return 0 or -ENOMEM. */
static int add_closed(struct netns_scan *scan, uint32_t pid, uint32_t tid, int code)
{
	void *vec = scan->closed;
	int r = code == 0 ? 0
	                  : arena_reserve(scan->arena, &vec, scan->n_closed, &scan->cap_closed,
	                                  sizeof(*scan->closed));

	if (r == 0 && code != 0) {
		scan->closed = vec;
		scan->closed[scan->n_closed++] =
			(struct netns_closed){.pid = pid, .tid = tid, .code = code};
	}
	return r;
}

/** Path of a task below the examined /proc. */
static void task_path(uint32_t pid, uint32_t tid, char buf[NETNS_TASK_BYTES / 2])
{
	if (tid == pid) {
		(void)snprintf(buf, NETNS_TASK_BYTES / 2, "%u", pid);
	} else {
		(void)snprintf(buf, NETNS_TASK_BYTES / 2, "%u/task/%u", pid, tid);
	}
}

/** Network namespace of one task. @return 0 or -ENOMEM. */
static int look_at_net(struct netns_scan *scan, uint32_t pid, uint32_t tid, const char *task)
{
	char path[NETNS_TASK_BYTES];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/ns/net", task);
	if (fstatat(scan->proc_fd, path, &st, 0) < 0) {
		return add_closed(scan, pid, tid, refusal(scan, task, -errno));
	}

	struct netns_id id = {.dev = st.st_dev, .inode = st.st_ino};
	struct netns_seen *seen = netns_set_find(&scan->set, id);

	if (!seen || !seen->reached) {
		/* New: its identity is what an opened descriptor says. */
		AUTO_FD int fd = netns_peek(scan->proc_fd, path, &id);

		if (fd < 0) {
			return add_closed(scan, pid, tid, refusal(scan, task, fd));
		}
		seen = netns_set_get(&scan->set, id);
		if (!seen) {
			return -ENOMEM;
		}
		seen->reached = true;
		seen->proc_net = proc_net_inode(scan, task);
	}
	netns_seen_add_pid(seen, pid);
	return add_proc_path(scan, seen, task);
}

/**
 * One task: its network namespace and, if not its process's, its mount table.
 *
 * @param mnt     mount namespace of the process; set by its first thread.
 * @param refused why the mount table could not be read; the first reason of the process.
 */
static int look_at_task(struct netns_scan *scan, uint32_t pid, uint32_t tid, struct netns_id *mnt,
                        int *refused)
{
	char task[NETNS_TASK_BYTES / 2];
	struct netns_id here;

	task_path(pid, tid, task);

	int r = look_at_net(scan, pid, tid, task);

	if (r < 0) {
		return r;
	}
	r = netns_read_mounts(scan, task, mnt, &here);
	if (r == -ENOMEM) {
		return r;
	}
	if (mnt->inode == 0) {
		*mnt = here;
	}
	if (r < 0 && *refused == 0) {
		*refused = refusal(scan, task, r);
	}
	return 0;
}

/** The threads of a process other than its first. */
static int look_at_threads(struct netns_scan *scan, uint32_t pid, struct netns_id *mnt,
                           int *refused)
{
	char task[NETNS_TASK_BYTES / 2];

	(void)snprintf(task, sizeof(task), "%u/task", pid);

	AUTO_DIR DIR *dir = open_dir(scan->proc_fd, task);

	if (!dir) {
		return add_closed(scan, pid, pid, refusal(scan, task, -errno));
	}
	for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		uint32_t tid = pid_of(e->d_name);
		int r = tid == 0 || tid == pid ? 0 : look_at_task(scan, pid, tid, mnt, refused);

		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static void count_refused(struct netns_denied *denied, int code)
{
	if (code == 0) {
		return;
	}
	denied->n++;
	denied->code = denied->code ? denied->code : code;
}

/**
 * One process with its threads. A process counts as inside a namespace if its first thread or
 * any other one is: a first thread may have ended, and runtimes keep a thread in another one.
 */
static int look_at_process(struct netns_scan *scan, uint32_t pid)
{
	char path[NETNS_TASK_BYTES];
	struct netns_id mnt = {0};
	struct stat st;
	int refused = 0;
	int r = look_at_task(scan, pid, pid, &mnt, &refused);

	(void)snprintf(path, sizeof(path), "%u/task", pid);
	if (r == 0 && fstatat(scan->proc_fd, path, &st, 0) == 0 &&
	    st.st_nlink != TASK_NLINK_ONE_THREAD) {
		r = look_at_threads(scan, pid, &mnt, &refused);
	}
	count_refused(&scan->no_mounts, refused);
	return r;
}

/**
 * Judge the tasks that refused: most are in a namespace found through others. Only those that
 * are not may hide one; they are counted by process.
 */
static void judge_closed(struct netns_scan *scan)
{
	uint32_t counted = 0; /* process counted last */

	for (uint32_t i = 0; i < scan->n_closed; i++) {
		const struct netns_closed *closed = &scan->closed[i];
		char task[NETNS_TASK_BYTES / 2];

		task_path(closed->pid, closed->tid, task);

		struct netns_seen *seen = netns_by_proc_net(scan, task);

		if (seen) {
			netns_seen_add_pid(seen, closed->pid);
		} else if (counted != closed->pid) {
			counted = closed->pid;
			count_refused(&scan->no_net, refusal(scan, task, closed->code));
		}
	}
}

void netns_walk_done(struct netns_scan *scan)
{
	void *vec = scan->closed;

	arena_release(scan->arena, &vec, &scan->cap_closed, sizeof(*scan->closed));
	scan->closed = NULL;
	scan->n_closed = 0;
}

int netns_walk_processes(struct netns_scan *scan)
{
	AUTO_DIR DIR *dir = open_dir(scan->proc_fd, ".");
	uint32_t n = 0;

	if (!dir) {
		return snap_add_gap(scan->snap, GAP_PROC_UNREADABLE, scan->proc, strerror(errno));
	}
	errno = 0;
	for (const struct dirent *e = readdir(dir); e; errno = 0, e = readdir(dir)) {
		uint32_t pid = pid_of(e->d_name);

		if (pid == 0) {
			continue;
		}
		if (++n > NETNS_MAX_PROCESSES) {
			return snap_add_gap(scan->snap, GAP_LIMIT, scan->proc,
			                    "more processes than this program looks at");
		}
		scan->seen_init = scan->seen_init || pid == 1;

		int r = look_at_process(scan, pid);

		if (r < 0) {
			return r;
		}
	}
	if (errno) {
		return snap_add_gap(scan->snap, GAP_PROC_UNREADABLE, scan->proc, strerror(errno));
	}
	judge_closed(scan);
	return 0;
}

/** Read a small file of a process. @return its length, NUL-terminated in @p buf; 0 if gone. */
static size_t read_fact(const struct netns_scan *scan, uint32_t pid, const char *name, char *buf)
{
	char path[NETNS_TASK_BYTES];

	(void)snprintf(path, sizeof(path), "%u/%s", pid, name);

	AUTO_FD int fd = openat(scan->proc_fd, path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;

	while (fd >= 0 && len < FACT_BYTES - 1) {
		ssize_t n = read(fd, buf + len, FACT_BYTES - 1 - len);

		if (n <= 0) {
			break;
		}
		len += (size_t)n;
	}
	buf[len] = '\0';
	return len;
}

bool netns_shows_kernel_threads(const struct netns_scan *scan)
{
	char *buf = malloc(FACT_BYTES);

	if (!buf) {
		return true; /* nothing is known against it */
	}
	size_t len = read_fact(scan, PROC_STAT_KTHREADD, "stat", buf);
	bool is_thread = len > 0 && proc_stat_is_kernel(buf);

	free(buf);
	return is_thread;
}

/** Container and pod of the first kept process that has one. @return 0 or -ENOMEM. */
static int read_cgroups(const struct netns_scan *scan, struct snap_netns *row, char *buf)
{
	struct cgroup_facts facts;
	bool found = false;

	for (uint32_t i = 0; i < row->n_kept_pids && !found; i++) {
		found = read_fact(scan, row->pids[i], "cgroup", buf) > 0 &&
		        cgroup_parse(buf, &facts);
	}
	if (!found) {
		return 0;
	}
	if (facts.container[0]) {
		row->container =
			arena_strndup(scan->arena, facts.container, strlen(facts.container));
	}
	if (facts.pod_uid[0]) {
		row->pod_uid = arena_strndup(scan->arena, facts.pod_uid, strlen(facts.pod_uid));
	}
	if ((facts.container[0] && !row->container) || (facts.pod_uid[0] && !row->pod_uid)) {
		return -ENOMEM;
	}
	return 0;
}

int netns_read_facts(const struct netns_scan *scan, struct snap_netns *row)
{
	if (row->n_kept_pids == 0 || scan->proc_fd < 0) {
		return 0;
	}
	char *buf = malloc(FACT_BYTES);

	if (!buf) {
		return -ENOMEM;
	}

	size_t len = read_fact(scan, row->pids[0], "comm", buf);
	int r = 0;

	/* The kernel ends it with a newline; one before that belongs to the name. */
	if (len > 0 && buf[len - 1] == '\n') {
		len--;
	}
	if (len > 0) {
		row->process = text_import(scan->arena, buf, len);
		r = row->process ? 0 : -ENOMEM;
	}
	if (r == 0) {
		r = read_cgroups(scan, row, buf);
	}
	free(buf);
	return r;
}
