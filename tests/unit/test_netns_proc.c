/* SPDX-License-Identifier: Apache-2.0 */
/* layers: netlink model */
/*
 * Namespaces of an invented /proc: what a real one shows only sometimes.
 */
#include "model/attrs.h"
#include "netlink/netns_scan.h"
#include "tests/unit/netns_fixture.h"

#include <errno.h>
#include <stdio.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	cr_assert(f != NULL, "%s", path);
	(void)fputs(text, f);
	(void)fclose(f);
}

/** A process with one thread; @p net, @p mounts, @p cgroup may be NULL. */
static void fake_process(uint32_t pid, const char *net, const char *mounts, const char *cgroup)
{
	static const char *const dirs[] = {"", "/ns", "/task", "/task/1"};
	char path[PATH_BYTES];

	for (size_t i = 0; i < COUNT_OF(dirs); i++) {
		(void)snprintf(path, sizeof(path), FAKE "/%u%s", pid, dirs[i]);
		cr_assert_eq(mkdir(path, 0755), 0, "%s", path);
	}
	if (net) {
		(void)snprintf(path, sizeof(path), FAKE "/%u/ns/net", pid);
		cr_assert_eq(symlink(net, path), 0);
	}
	if (mounts) {
		(void)snprintf(path, sizeof(path), FAKE "/%u/ns/mnt", pid);
		cr_assert_eq(symlink("/proc/self/ns/mnt", path), 0);
		(void)snprintf(path, sizeof(path), FAKE "/%u/root", pid);
		cr_assert_eq(symlink("/", path), 0);
		(void)snprintf(path, sizeof(path), FAKE "/%u/mountinfo", pid);
		put(path, mounts);
	}
	(void)snprintf(path, sizeof(path), FAKE "/%u/comm", pid);
	put(path, pid == 1 ? "init\n" : "a\xff\nb\n");
	if (cgroup) {
		(void)snprintf(path, sizeof(path), FAKE "/%u/cgroup", pid);
		put(path, cgroup);
	}
}

#define KTHREADD_STAT "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0\n"

static void need_fake_proc(void)
{
	need_root();
	if (!private_mounts(FAKE)) {
		cr_skip_test("needs a mount namespace of its own");
	}
	cr_assert_eq(mkdir(FAKE "/2", 0755), 0);
	put(FAKE "/2/stat", KTHREADD_STAT);
}

Test(netns_proc, processes_of_a_container, .timeout = TIMEOUT_S)
{
	static const char *const host = "host";

	need_fake_proc();
	fake_process(1, "/proc/self/ns/net", "", NULL);
	put(FAKE "/2/stat", "2 (kthreadd) S 0 0 0 0 -1 4194304 0 0 0 0\n");

	struct search s = search(FAKE, NULL, 0);

	cr_expect_eq(gaps(&s, GAP_PROC_UNREADABLE, "container"), 1);
	search_done(&s);
	/* What was asked for by name is there: nothing is missing. */
	s = search(FAKE, host, 0);
	cr_expect_eq(s.result, 0, "%s", s.err.text);
	cr_expect_eq(s.snap.n_gaps, 0);
	search_done(&s);
}

Test(netns_proc, processes_and_facts, .timeout = TIMEOUT_S)
{
	need_fake_proc();
	struct holder h = hold(setup_anonymous);
	char net[PATH_BYTES];

	(void)snprintf(net, sizeof(net), "/proc/%d/ns/net", h.pid);
	fake_process(1, "/proc/self/ns/net", "", NULL);
	for (uint32_t pid = 20; pid > 5; pid--) {
		fake_process(pid, net, NULL, pid == 7 ? "0::/docker/" ID "\n" : "0::/\n");
	}
	fake_process(30, NULL, NULL, NULL); /* gone meanwhile */

	struct search s = search(FAKE, NULL, 0);
	const struct netns_found *found = find(&s, h.id);

	cr_expect_eq(s.result, 0, "%s", s.err.text);
	cr_expect_eq(s.snap.n_gaps, 0, "%s", s.snap.n_gaps ? s.snap.gaps[0].error : "");
	cr_assert(found != NULL);
	cr_expect_eq(found->row.n_pids, 15, "%u", found->row.n_pids);
	cr_assert_eq(found->row.n_kept_pids, SNAP_MAX_PIDS);
	for (uint32_t i = 0; i < SNAP_MAX_PIDS; i++) {
		cr_expect_eq(found->row.pids[i], 6 + i);
	}
	cr_expect_str_eq(found->row.process, "a\\xff\nb");
	cr_expect_str_eq(found->row.container, ID, "of the smallest that has one");
	cr_expect_null(found->row.pod_uid);
	search_done(&s);
	release(&h);
}

static const struct table_case {
	const char *name;
	const char *mounts; /* %u minor number of nsfs, %llu inode */
	bool found;
	enum gap_kind gap; /* N_GAP_KINDS: none */
	const char *part;
} table_cases[] = {
	{"behind FUSE",
         "9 1 0:99 / /mnt/fuse rw - fuse.x x rw\n"
         "9 1 0:%u net:[%llu] /mnt/fuse/run/n rw - nsfs nsfs rw\n",
         false, GAP_NETNS_UNREADABLE, "FUSE"},
	{"root is FUSE",
         "9 1 0:%u net:[%llu] /mnt/n rw - nsfs nsfs rw\n"
         "9 1 0:99 / / rw - fuse x rw\n",
         false, GAP_NETNS_UNREADABLE, "FUSE"},
	{"beside FUSE",
         "9 1 0:99 / /mnt/fu rw - fuse.x x rw\n9 1 0:98 / /mnt rw - fusectl x rw\n"
         "9 1 0:%u net:[%llu] /mnt/fuse rw - nsfs nsfs rw\n",
         false, GAP_NETNS_UNREADABLE, "No such file"},
	{"listed, but nothing there", "9 1 0:%u net:[%llu] /nowhere rw - nsfs nsfs rw\n", false,
         GAP_NETNS_UNREADABLE, "/nowhere"},
	{"something else there", "9 1 0:%u net:[%llu] /dev/null rw - nsfs nsfs rw\n", false,
         GAP_NETNS_UNREADABLE, "covers"},
	{"the second mount is good",
         "9 1 0:%u net:[%llu] /nowhere rw - nsfs nsfs rw\n"
         "9 1 0:%u net:[%llu] /mnt/here rw - nsfs nsfs rw\n",
         true, N_GAP_KINDS, NULL},
};

/** A namespace bound at FAKE/here and, once @p h is gone, nowhere else. */
static void check_table(const struct table_case *c, struct netns_id id)
{
	char table[1024];
	struct search s;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* formats are rows of the table above */
	(void)snprintf(table, sizeof(table), c->mounts, (unsigned)(id.dev & 0xff),
	               (unsigned long long)id.inode, (unsigned)(id.dev & 0xff),
	               (unsigned long long)id.inode);
#pragma GCC diagnostic pop
	put(FAKE "/1/mountinfo", table);
	s = search(FAKE, NULL, 0);
	cr_expect_eq(s.result, 0, "%s: %s", c->name, s.err.text);
	cr_expect_eq(find(&s, id) != NULL, c->found, "%s: found", c->name);
	cr_expect_eq(s.snap.n_gaps, c->part ? 1 : 0, "%s: %u gaps", c->name, s.snap.n_gaps);
	if (c->part && s.snap.n_gaps) {
		cr_expect_eq(gaps(&s, c->gap, c->part), 1, "%s: %s", c->name, s.snap.gaps[0].error);
	}
	search_done(&s);
}

Test(netns_proc, mount_tables, .timeout = TIMEOUT_S)
{
	need_fake_proc();
	fake_process(1, "/proc/self/ns/net", "", NULL);

	const struct netns_id id = bind_new(FAKE "/here");

	cr_assert_neq(id.inode, 0);
	for (size_t i = 0; i < COUNT_OF(table_cases); i++) {
		check_table(&table_cases[i], id);
	}
}

Test(netns_proc, hidden_processes, .timeout = TIMEOUT_S)
{
	need_fake_proc();
	fake_process(5, "/proc/self/ns/net", "", NULL);

	struct search s = search(FAKE, NULL, 0);

	cr_expect_eq(s.result, 0);
	cr_expect_eq(gaps(&s, GAP_PROC_UNREADABLE, "hidepid"), 1);
	cr_expect(find(&s, id_here()) != NULL);
	search_done(&s);
}

Test(netns_proc, no_proc_at_all, .timeout = TIMEOUT_S)
{
	struct search s = search("/nowhere/proc", NULL, 0);

	cr_expect_eq(s.result, 0);
	cr_expect_eq(gaps(&s, GAP_PROC_UNREADABLE, "/nowhere/proc"), 1);
	cr_expect_eq(s.list.n, 1, "our own is always there");
	cr_expect(find(&s, id_here()) != NULL);
	search_done(&s);
}

/** Two processes share a mount table; the one that was read ends before the namespace is opened. */
Test(netns_proc, reader_of_the_table_ends, .timeout = TIMEOUT_S)
{
	need_fake_proc();

	const struct netns_id id = bind_new(FAKE "/here");
	char table[PATH_BYTES];
	char *root;

	cr_assert_neq(id.inode, 0);
	(void)snprintf(table, sizeof(table), "9 1 0:%u net:[%llu] /mnt/here rw - nsfs nsfs rw\n",
	               (unsigned)(id.dev & 0xff), (unsigned long long)id.inode);
	fake_process(1, "/proc/self/ns/net", table, NULL);
	fake_process(3, "/proc/self/ns/net", table, NULL);

	struct search s = search(FAKE, NULL, 0);
	const struct netns_found *found = find(&s, id);

	cr_assert(found != NULL);
	(void)snprintf(table, sizeof(table), "%s", found->path);
	root = strstr(table, "/root/");
	cr_assert(root != NULL, "%s", table);
	root[strlen("/root")] = '\0';
	cr_assert_eq(unlink(table), 0, "%s", table);

	AUTO_FD int fd = netns_open(found, &s.err);

	cr_expect_geq(fd, 0, "%s", s.err.text);
	search_done(&s);
}
