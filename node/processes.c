/* SPDX-License-Identifier: Apache-2.0 */
#include "node/processes.h"

#include "model/cgroup.h"
#include "model/proc_stat.h"
#include "model/text.h"
#include "node/agent.h"
#include "node/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** TASK_COMM_LEN of the kernel, without its NUL. */
#define COMM_LEN 15

/** Most of a comm: that, a new line, a NUL. */
#define COMM_BYTES 32

/** Most of a cgroup or stat file. */
#define FACT_BYTES ((size_t)65536)

/** Room for "PID/comm". */
#define PATH_BYTES 64

struct walk {
	const struct processes_options *opts;
	struct snapshot *snap;
	int proc_fd;
	struct agent_run agent;
	bool seen_init; /**< Process 1 is listed. */
	int refused;    /**< Errno of the first process whose name could not be read, or 0. */
};

/** Name of a directory entry as a process id; 0 for anything else. */
static uint32_t pid_of(const char *name)
{
	uint32_t pid = 0;

	for (; *name != '\0'; name++) {
		if (*name < '0' || *name > '9' || pid > PROCESSES_MAX) {
			return 0;
		}
		pid = pid * 10 + (uint32_t)(*name - '0');
	}
	return pid;
}

/** Read a name. @return 0 or a negative errno. */
static int read_comm(int dir_fd, const char *path, char comm[COMM_BYTES])
{
	int fd = openat(dir_fd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, comm, COMM_BYTES - 1);
	int r = n < 0 ? -errno : 0;

	if (fd >= 0) {
		(void)close(fd);
	}
	if (r == 0) {
		/* The kernel ends it with a new line; one before that belongs to the name. */
		n -= n > 0 && comm[n - 1] == '\n';
		comm[n] = '\0';
	}
	return r;
}

/** Is it a name to look for? The kernel cuts names. */
static bool is_name(const char *comm, const char *name)
{
	return strcmp(comm, name) == 0 ||
	       (strlen(comm) == COMM_LEN && strncmp(comm, name, COMM_LEN) == 0);
}

static bool is_wanted(const struct walk *walk, const char *comm)
{
	for (uint32_t i = 0; i < walk->opts->n_names; i++) {
		if (is_name(comm, walk->opts->names[i])) {
			return true;
		}
	}
	for (size_t i = 0; agent_processes[i]; i++) {
		if (is_name(comm, agent_processes[i])) {
			return true;
		}
	}
	return false;
}

/** Container and pod. @return 0; -ESRCH; -ENOMEM. */
static int read_cgroup(int dir_fd, struct arena *arena, struct snap_process *row)
{
	struct file_text text = {0};
	struct cgroup_facts facts = {0};
	int r = file_read_at(dir_fd, "cgroup", FACT_BYTES, &text);

	if (r == 0) {
		(void)cgroup_parse(text.bytes, &facts);
		file_done(&text);
	}
	if (facts.container[0] != '\0') {
		row->container = arena_strndup(arena, facts.container, strlen(facts.container));
	}
	if (facts.pod_uid[0] != '\0') {
		row->pod_uid = arena_strndup(arena, facts.pod_uid, strlen(facts.pod_uid));
	}
	if (r == -ENOMEM || (facts.container[0] != '\0' && !row->container) ||
	    (facts.pod_uid[0] != '\0' && !row->pod_uid)) {
		return -ENOMEM;
	}
	/* A kernel without control groups has no such file. */
	return r == -ESRCH ? r : 0;
}

/** Everything else about a process that is wanted. @return 0; -ESRCH; -ENOMEM. */
static int read_process(struct walk *walk, int dir_fd, struct snap_process *row)
{
	struct snapshot *snap = walk->snap;
	struct stat st;
	int r = read_cgroup(dir_fd, &snap->arena, row);

	if (r == 0 && fstatat(dir_fd, "ns/net", &st, 0) == 0) {
		row->netns = st.st_ino;
	}
	return r < 0 ? r : agent_add_process(&walk->agent, dir_fd, row, snap);
}

/**
 * Add a process. The descriptor of its directory belongs to it and to no later process with that
 * number (proc_pid_make_inode() in fs/proc/base.c), so everything read through it fits together;
 * its name is read again there, since the number may have gone to another one meanwhile.
 */
static int add_process(struct walk *walk, int dir_fd, uint32_t pid)
{
	struct snapshot *snap = walk->snap;
	struct snap_agent before = snap->agent;
	struct snap_process row = {.pid = pid};
	char comm[COMM_BYTES];
	int r = read_comm(dir_fd, "comm", comm);

	if (r < 0 || !is_wanted(walk, comm)) {
		return 0;
	}
	if (snap->n_processes == PROCESSES_MAX_KEPT) {
		return snap_add_gap(snap, GAP_LIMIT, walk->opts->proc,
		                    "more processes of known names than are kept");
	}
	row.comm = text_import(&snap->arena, comm, SIZE_MAX);
	r = row.comm ? read_process(walk, dir_fd, &row) : -ENOMEM;
	if (r == -ESRCH) {
		snap->agent = before; /* it ended: nothing of it counts */
		return 0;
	}
	return r < 0 ? r : snap_add_process(snap, &row, NULL);
}

/** One process of the listing. @return 0 or -ENOMEM. */
static int look_at(struct walk *walk, uint32_t pid)
{
	char path[PATH_BYTES];
	char comm[COMM_BYTES];

	(void)snprintf(path, sizeof(path), "%u/comm", pid);

	int r = read_comm(walk->proc_fd, path, comm);

	if (r < 0 && !file_is_gone(r)) {
		walk->refused = walk->refused ? walk->refused : r;
	}
	if (r < 0 || !is_wanted(walk, comm)) {
		return 0;
	}
	(void)snprintf(path, sizeof(path), "%u", pid);
	int dir_fd = openat(walk->proc_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir_fd < 0) {
		return 0; /* it has gone since */
	}
	r = add_process(walk, dir_fd, pid);
	(void)close(dir_fd);
	return r;
}

/** All processes. @return 0 or -ENOMEM. */
static int walk_all(struct walk *walk)
{
	int fd = openat(walk->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	uint32_t n = 0;
	int r = 0;

	if (!dir) {
		r = errno == ENOMEM ? -ENOMEM : 0;
		walk->refused = -errno;
		if (fd >= 0) {
			(void)close(fd);
		}
		return r;
	}
	errno = 0;
	for (const struct dirent *e = readdir(dir); e && r == 0; errno = 0, e = readdir(dir)) {
		uint32_t pid = pid_of(e->d_name);

		if (pid == 0) {
			continue;
		}
		if (++n > PROCESSES_MAX) {
			r = snap_add_gap(walk->snap, GAP_LIMIT, walk->opts->proc,
			                 "more processes than this program looks at");
			errno = 0;
			break;
		}
		walk->seen_init = walk->seen_init || pid == 1;
		r = look_at(walk, pid);
	}
	walk->refused = walk->refused == 0 && errno != 0 ? -errno : walk->refused;
	(void)closedir(dir);
	return r;
}

/** Kernel threads live in the first pid namespace: without them it is a container's /proc. */
static bool shows_kernel_threads(int proc_fd)
{
	struct file_text text = {0};
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%d/stat", PROC_STAT_KTHREADD);

	bool shown = file_read_at(proc_fd, path, FACT_BYTES, &text) == 0 &&
	             proc_stat_is_kernel(text.bytes);

	file_done(&text);
	return shown;
}

static int finish(struct walk *walk)
{
	int init_fd = openat(walk->proc_fd, "1", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = agent_finish(&walk->agent, init_fd, walk->opts->restricted, walk->snap);

	if (init_fd >= 0) {
		(void)close(init_fd);
	}
	return r;
}

/** Nothing is claimed of processes. In a run that is not restricted there is a gap already. */
static void forget(struct snapshot *snap, struct snap_mark before)
{
	snap_rewind(snap, before);
	snap->agent = (struct snap_agent){0};
	snap->facets &= ~(uint32_t)(FACET_PROCESSES | FACET_AGENT);
}

int processes_collect(const struct processes_options *opts, struct snapshot *snap)
{
	struct snap_mark before = snap_mark(snap);
	int proc_fd = open(opts->proc, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (proc_fd < 0) {
		forget(snap, before);
		return 0;
	}

	struct walk walk = {.opts = opts, .snap = snap, .proc_fd = proc_fd};
	int r = walk_all(&walk);

	r = r < 0 ? r : finish(&walk);

	bool whole = walk.seen_init && walk.refused == 0 && shows_kernel_threads(proc_fd);

	if (r == 0 && !whole && opts->restricted) {
		forget(snap, before);
	}
	(void)close(proc_fd);
	return r;
}
