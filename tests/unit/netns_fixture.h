/* SPDX-License-Identifier: Apache-2.0 */
/**
 * netns_fixture.h - for the tests of namespaces: children that hold one, and a search for them.
 *
 * Everything made here lives in namespaces of child processes, mounts included, and goes with them.
 */
#ifndef TCAUDIT_TESTS_NETNS_FIXTURE_H
#define TCAUDIT_TESTS_NETNS_FIXTURE_H

#include "model/snapshot.h"
#include "netlink/fd.h"
#include "netlink/netns.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_S  120
#define PATH_BYTES 256

/** An empty directory in a mount namespace of the test. */
#define FAKE "/mnt"

static inline struct netns_id id_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		return (struct netns_id){0};
	}
	return (struct netns_id){.dev = st.st_dev, .inode = st.st_ino};
}

static inline struct netns_id id_here(void)
{
	return id_of("/proc/thread-self/ns/net");
}

/** A mount namespace whose changes stay in it, with an empty file system at @p dir. */
static inline bool private_mounts(const char *dir)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", dir, "tmpfs", 0, NULL) == 0;
}

/** In a chroot, root alone is not enough: mounts cannot be made private there. */
static inline bool can_have_own_mounts(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		_exit(unshare(CLONE_NEWNS) == 0 &&
		                      mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
		              ? 0
		              : 1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static inline void need_root(void)
{
	if (geteuid() != 0) {
		cr_skip_test("needs root to make namespaces");
	}
	if (!can_have_own_mounts()) {
		cr_skip_test("needs a mount namespace of its own");
	}
}

/** Makes a namespace in a child. @return its identity, inode 0 for failure. */
typedef struct netns_id setup_fn(void);

struct holder {
	pid_t pid;
	struct netns_id id;
};

static inline struct holder hold(setup_fn *setup)
{
	struct holder h = {.pid = -1};
	int ends[2];

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	h.pid = fork();
	cr_assert_geq(h.pid, 0);
	if (h.pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);

		const struct netns_id id = setup();

		(void)!write(ends[1], &id, sizeof(id));
		for (;;) {
			(void)pause();
		}
	}
	(void)close(ends[1]);
	cr_expect_eq(read(ends[0], &h.id, sizeof(h.id)), (ssize_t)sizeof(h.id));
	(void)close(ends[0]);
	cr_expect_neq(h.id.inode, 0, "making a namespace failed");
	return h;
}

static inline void release(struct holder *h)
{
	(void)kill(h->pid, SIGKILL);
	(void)waitpid(h->pid, NULL, 0);
}

static inline struct netns_id setup_anonymous(void)
{
	return unshare(CLONE_NEWNET) == 0 ? id_here() : (struct netns_id){0};
}

/** Make a namespace, bind it to @p path and leave it. */
static inline struct netns_id bind_new(const char *path)
{
	AUTO_FD int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	AUTO_FD int file = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	struct netns_id id = {0};

	if (home < 0 || file < 0 || unshare(CLONE_NEWNET) < 0) {
		return id;
	}
	id = id_here();
	if (mount("/proc/self/ns/net", path, NULL, MS_BIND, NULL) < 0 ||
	    setns(home, CLONE_NEWNET) < 0) {
		return (struct netns_id){0};
	}
	return id;
}

struct search {
	struct snapshot snap;
	struct netns_list list;
	struct err err;
	int result;
};

static inline struct search search(const char *proc, const char *spec, uint32_t max)
{
	const struct netns_options opts = {
		.proc = proc, .specs = &spec, .n_specs = spec ? 1 : 0, .max_netns = max};
	struct search s = {.result = 0};

	snap_init(&s.snap, SNAP_ARENA_BYTES);
	s.result = netns_find(&opts, &s.snap, &s.list, &s.err);
	return s;
}

static inline void search_done(struct search *s)
{
	netns_list_done(&s->list);
	snap_done(&s->snap);
}

static inline const struct netns_found *find(const struct search *s, struct netns_id id)
{
	for (uint32_t i = 0; i < s->list.n; i++) {
		if (s->list.rows[i].row.inode == id.inode && s->list.rows[i].row.dev == id.dev) {
			return &s->list.rows[i];
		}
	}
	return NULL;
}

/** Gaps of a kind whose place or text holds @p part. */
static inline uint32_t gaps(const struct search *s, enum gap_kind kind, const char *part)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->snap.n_gaps; i++) {
		const struct snap_gap *gap = &s->snap.gaps[i];

		n += gap->kind == kind && (strstr(gap->where, part) || strstr(gap->error, part));
	}
	return n;
}

#endif
