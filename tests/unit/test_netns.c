/* SPDX-License-Identifier: Apache-2.0 */
/* layers: netlink model */
/*
 * Network namespaces of this kernel, found, selected, opened and entered.
 */
#include "model/attrs.h"
#include "model/text.h"
#include "tests/unit/netns_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#define OTHER_USER 65534

/**
 * The namespace of process 1. Some nodes do not let even root look at its ns/net; they are
 * expected to run the tests in the same namespace, which another file of /proc tells.
 */
static struct netns_id host_id(void)
{
	struct netns_id id = id_of("/proc/1/ns/net");

	if (id.inode == 0 && id_of("/proc/1/net/dev").inode == id_of("/proc/self/net/dev").inode) {
		id = id_here();
	}
	return id;
}

static struct netns_id setup_named(void)
{
	if (!private_mounts("/run") || mkdir("/run/netns", 0755) < 0) {
		return (struct netns_id){0};
	}
	return bind_new("/run/netns/tcaudit-blue");
}

static struct netns_id setup_elsewhere(void)
{
	return private_mounts("/mnt") ? bind_new("/mnt/a b\nc\\040") : (struct netns_id){0};
}

/** Its mount point is still in the table, but another mount hides the directory. */
static struct netns_id setup_covered(void)
{
	struct netns_id id = setup_named();

	if (mount("none", "/run/netns", "tmpfs", 0, NULL) < 0) {
		return (struct netns_id){0};
	}
	return id;
}

static void *thread_main(void *arg)
{
	int fd = *(int *)arg;
	const struct netns_id id = setup_anonymous();

	(void)!write(fd, &id, sizeof(id));
	for (;;) {
		(void)pause();
	}
	return NULL;
}

static struct netns_id setup_thread(void)
{
	struct netns_id id = {0};
	int ends[2];
	pthread_t thread;

	if (pipe2(ends, O_CLOEXEC) < 0 || pthread_create(&thread, NULL, thread_main, &ends[1]) ||
	    read(ends[0], &id, sizeof(id)) != (ssize_t)sizeof(id)) {
		return (struct netns_id){0};
	}
	return id;
}

/** The first thread has ended: /proc/PID/ns/net says ENOENT, the thread lives on. */
static struct netns_id setup_orphan_thread(void)
{
	return setup_thread();
}

static unsigned count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	while (dir && readdir(dir)) {
		n++;
	}
	if (dir) {
		(void)closedir(dir);
	}
	return n;
}

/* --- what is found --------------------------------------------------------------------------- */

static const struct found_case {
	const char *name;
	setup_fn *setup;
	const char *want_name; /* NULL: none */
	uint32_t n_pids;
} found_cases[] = {
	{"anonymous", setup_anonymous, NULL, 1},
	{"thread only", setup_thread, NULL, 1},
	{"named, nobody inside", setup_named, "tcaudit-blue", 0},
	{"bound elsewhere", setup_elsewhere, "/mnt/a b\nc\\040", 0},
};

static void check_found(const struct found_case *c, struct holder *h)
{
	struct search s = search("/proc", NULL, 0);
	const struct netns_found *found = find(&s, h->id);

	cr_expect_eq(s.result, 0, "%s: %s", c->name, s.err.text);
	cr_expect(found != NULL, "%s: not found", c->name);
	if (found) {
		AUTO_FD int fd = netns_open(found, &s.err);
		struct stat st = {0};

		cr_expect_geq(fd, 0, "%s: %s", c->name, s.err.text);
		cr_expect(fd < 0 || fstat(fd, &st) == 0);
		cr_expect_eq(st.st_ino, h->id.inode, "%s: another one opened", c->name);
		cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC, "%s: close-on-exec", c->name);
		cr_expect(found->wanted, "%s: wanted", c->name);
		cr_expect_not(found->row.host, "%s: host", c->name);
		cr_expect_eq(found->row.n_pids, c->n_pids, "%s: %u", c->name, found->row.n_pids);
		cr_expect_eq(found->row.n_names, c->want_name ? 1 : 0, "%s: %u names", c->name,
		             found->row.n_names);
		cr_expect(text_eq(found->row.n_names ? found->row.names[0] : NULL, c->want_name),
		          "%s: name", c->name);
	}
	if (found && c->n_pids) {
		cr_expect_eq(found->row.pids[0], (uint32_t)h->pid, "%s: pid", c->name);
		cr_expect_not_null(found->row.process, "%s: process", c->name);
	}
	search_done(&s);
}

Test(netns, finds_all_kinds, .timeout = TIMEOUT_S)
{
	need_root();
	for (size_t i = 0; i < COUNT_OF(found_cases); i++) {
		struct holder h = hold(found_cases[i].setup);

		check_found(&found_cases[i], &h);
		release(&h);
	}
}

Test(netns, host_is_first, .timeout = TIMEOUT_S)
{
	need_root();
	struct holder h = hold(setup_anonymous);
	unsigned fds = count_fds();
	struct search s = search("/proc", NULL, 0);
	const struct netns_id host = host_id();

	cr_expect_eq(s.result, 0, "%s", s.err.text);
	cr_assert_geq(s.list.n, 2);
	cr_expect(s.list.rows[0].row.host);
	cr_expect_eq(s.list.rows[0].row.inode, host.inode);
	cr_expect_eq(s.list.rows[0].row.pids[0], 1);
	cr_expect_eq(s.snap.host_netns, host.inode);
	cr_expect_eq(gaps(&s, GAP_PROC_UNREADABLE, ""), 0);
	for (uint32_t i = 2; i < s.list.n; i++) {
		cr_expect_lt(s.list.rows[i - 1].row.inode, s.list.rows[i].row.inode);
	}
	cr_expect_eq(s.snap.namespaces_found, s.list.n + gaps(&s, GAP_NETNS_UNREADABLE, ""));
	cr_expect_eq(count_fds(), fds, "descriptors left open");
	search_done(&s);
	release(&h);
}

Test(netns, covered_mount_is_a_gap, .timeout = TIMEOUT_S)
{
	need_root();
	struct holder h = hold(setup_covered);
	struct search s = search("/proc", NULL, 0);

	cr_expect_eq(s.result, 0, "%s", s.err.text);
	cr_expect_null(find(&s, h.id));
	cr_expect_eq(gaps(&s, GAP_NETNS_UNREADABLE, "tcaudit-blue"), 1);
	cr_expect_gt(s.snap.namespaces_found, s.list.n);
	search_done(&s);

	s = search("/proc", "host", 0);
	cr_expect_eq(s.result, 0, "%s", s.err.text);
	cr_expect_eq(gaps(&s, GAP_NETNS_UNREADABLE, ""), 0, "nobody asked for it");
	search_done(&s);
	release(&h);
}

Test(netns, first_thread_ended, .timeout = TIMEOUT_S)
{
	need_root();
	int ends[2];

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);

	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);

		const struct netns_id id = setup_orphan_thread();

		(void)!write(ends[1], &id, sizeof(id));
		pthread_exit(NULL);
	}

	struct netns_id id = {0};

	cr_expect_eq(read(ends[0], &id, sizeof(id)), (ssize_t)sizeof(id));

	/* Wait for the zombie: its ns/net does not lead anywhere any more. */
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	for (int i = 0; i < 1000 && id_of(path).inode != 0; i++) {
		(void)usleep(1000);
	}
	cr_expect_eq(id_of(path).inode, 0);

	struct search s = search("/proc", NULL, 0);
	const struct netns_found *found = find(&s, id);

	cr_expect(found != NULL, "thread of an ended first thread");
	if (found) {
		AUTO_FD int fd = netns_open(found, &s.err);

		cr_expect_geq(fd, 0, "%s", s.err.text);
		cr_expect_eq(found->row.pids[0], (uint32_t)pid);
	}
	search_done(&s);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

/* --- --netns --------------------------------------------------------------------------------- */

static const struct bad_spec {
	const char *spec;
	const char *text; /* part of the description */
} bad_specs[] = {
	{"pid:x", "not a number"},
	{"tcaudit-bleu", "nearest: tcaudit-blue"},
	{"/nowhere/at/all", "No such file"},
	{"/dev/null", "not a namespace"},
	{"/proc/self/ns/uts", "not of the network"},
	{"inode:1", "no network namespace has this inode"},
	{"pid:2147483647", "No such file"},
};

Test(netns, bad_specs, .timeout = TIMEOUT_S)
{
	need_root();
	struct holder h = hold(setup_named);

	for (size_t i = 0; i < COUNT_OF(bad_specs); i++) {
		const struct bad_spec *c = &bad_specs[i];
		struct search s = search("/proc", c->spec, 0);

		cr_expect_eq(s.result, -EINVAL, "%s: %d", c->spec, s.result);
		cr_expect(strstr(s.err.text, c->spec), "%s: %s", c->spec, s.err.text);
		cr_expect(strstr(s.err.text, c->text), "%s: %s", c->spec, s.err.text);
		search_done(&s);
	}
	release(&h);
}

/** A value of --netns selects one namespace: the holder's, or the host's. */
static void expect_selects(const char *spec, struct netns_id id)
{
	struct search s = search("/proc", spec, 0);
	uint32_t n_wanted = 0;

	cr_expect_eq(s.result, 0, "%s: %s", spec, s.err.text);
	for (uint32_t i = 0; i < s.list.n; i++) {
		n_wanted += s.list.rows[i].wanted;
	}
	cr_expect_eq(n_wanted, 1, "%s: %u", spec, n_wanted);

	const struct netns_found *found = find(&s, id);

	cr_expect(found && found->wanted, "%s: not selected", spec);
	search_done(&s);
}

Test(netns, good_specs, .timeout = TIMEOUT_S)
{
	need_root();
	char spec[PATH_BYTES];
	struct holder named = hold(setup_named);
	struct holder anonymous = hold(setup_anonymous);

	expect_selects("host", host_id());
	expect_selects("tcaudit-blue", named.id);
	(void)snprintf(spec, sizeof(spec), "inode:%llu", (unsigned long long)named.id.inode);
	expect_selects(spec, named.id);
	(void)snprintf(spec, sizeof(spec), "pid:%d", anonymous.pid);
	expect_selects(spec, anonymous.id);
	(void)snprintf(spec, sizeof(spec), "/proc/%d/root/run/netns/tcaudit-blue", named.pid);
	expect_selects(spec, named.id);

	/* Held by nothing but a descriptor of ours: only the path leads there. */
	(void)snprintf(spec, sizeof(spec), "/proc/%d/ns/net", anonymous.pid);
	int fd = open(spec, O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0);
	release(&anonymous);
	(void)snprintf(spec, sizeof(spec), "/proc/self/fd/%d", fd);
	expect_selects(spec, anonymous.id);
	(void)close(fd);
	release(&named);
}

Test(netns, limit, .timeout = TIMEOUT_S)
{
	need_root();
	struct holder a = hold(setup_anonymous);
	struct holder b = hold(setup_anonymous);
	struct search s = search("/proc", NULL, 2);
	uint32_t n_wanted = 0;

	cr_expect_eq(s.result, 0);
	for (uint32_t i = 0; i < s.list.n; i++) {
		n_wanted += s.list.rows[i].wanted;
	}
	cr_expect_eq(n_wanted, 2);
	cr_expect(s.list.rows[0].wanted && s.list.rows[1].wanted, "the first ones are kept");
	cr_expect_eq(gaps(&s, GAP_LIMIT, "--max-netns"), 1);
	search_done(&s);

	s = search("/proc", NULL, 100000);
	cr_expect_eq(gaps(&s, GAP_LIMIT, ""), 0);
	search_done(&s);
	release(&a);
	release(&b);
}

/* --- opening and entering -------------------------------------------------------------------- */

static int remember_id(void *arg)
{
	*(struct netns_id *)arg = id_here();
	return 7;
}

Test(netns, call_enters_and_comes_home, .timeout = TIMEOUT_S)
{
	need_root();
	struct holder h = hold(setup_anonymous);
	struct netns_home home;
	struct err err = {0};
	struct netns_id inside = {0};
	char path[PATH_BYTES];
	const struct netns_id before = id_here();

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", h.pid);
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	cr_assert_eq(netns_home_open(&home, &err), 0, "%s", err.text);
	cr_expect_eq(home.id.inode, before.inode);
	cr_expect_eq(netns_call(&home, fd, remember_id, &inside, &err), 7, "%s", err.text);
	cr_expect_eq(inside.inode, h.id.inode);
	cr_expect_eq(id_here().inode, before.inode);

	AUTO_FD int not_ns = open("/dev/null", O_RDONLY | O_CLOEXEC);

	inside = (struct netns_id){0};
	cr_expect_eq(netns_call(&home, not_ns, remember_id, &inside, &err), -EINVAL);
	cr_expect_eq(inside.inode, 0, "called without having entered");
	cr_expect_eq(id_here().inode, before.inode);
	netns_home_close(&home);
	release(&h);
}

Test(netns, open_checks_identity, .timeout = TIMEOUT_S)
{
	need_root();
	if (!private_mounts(FAKE) || mkfifo(FAKE "/fifo", 0600) < 0) {
		cr_skip_test("needs a mount namespace of its own");
	}
	struct holder h = hold(setup_anonymous);
	char path[PATH_BYTES];
	struct err err = {0};
	const char *more[] = {FAKE "/nothing", path};

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", h.pid);

	/* A reused process id, then a FIFO that must not be opened, then nothing. */
	struct netns_found found = {
		.row = {.dev = h.id.dev, .inode = h.id.inode},
		.path = "/proc/self/ns/net",
		.more_paths = more,
		.n_more_paths = 1,
	};
	cr_expect_eq(netns_open(&found, &err), -ENOENT, "%s", err.text);
	found.path = FAKE "/fifo";
	cr_expect_eq(netns_open(&found, &err), -ENOENT);
	found.n_more_paths = 2;

	AUTO_FD int fd = netns_open(&found, &err);
	struct stat st = {0};

	cr_expect_geq(fd, 0);
	cr_expect(fd < 0 || fstat(fd, &st) == 0);
	cr_expect_eq(st.st_ino, h.id.inode);
	release(&h);
	cr_expect_eq(netns_open(&found, &err), -ENOENT, "its process is gone");
}

/** Is process 1 in our namespace? Told by a file that needs no right. */
static bool init_is_here(void)
{
	return id_of("/proc/1/net/dev").inode == id_of("/proc/self/net/dev").inode;
}

/** In a child without rights: 0 when all is as it should be, else the number of the check. */
static int unprivileged(pid_t other, struct netns_id other_id)
{
	if (setresgid(OTHER_USER, OTHER_USER, OTHER_USER) < 0 ||
	    setresuid(OTHER_USER, OTHER_USER, OTHER_USER) < 0) {
		return 1;
	}
	/* Changing the user made our own /proc files root's; as in a program that is started. */
	(void)prctl(PR_SET_DUMPABLE, 1);

	struct search s = search("/proc", NULL, 0);
	struct netns_home home;
	char path[PATH_BYTES];
	struct netns_id inside = {0};

	if (s.result != 0 || s.list.n == 0 || !find(&s, id_here())) {
		return 2;
	}
	if (find(&s, other_id)) {
		return 3;
	}
	if (gaps(&s, GAP_PROC_UNREADABLE, "network namespaces of") != 1 ||
	    gaps(&s, GAP_PROC_UNREADABLE, "mount tables of") != 0 ||
	    (s.snap.facets & FACET_NETNS)) {
		return 4; /* the other's namespace; its mount table is open to everybody */
	}
	if (s.snap.host_netns != (init_is_here() ? id_here().inode : 0) ||
	    s.list.rows[0].row.host != init_is_here()) {
		return 5;
	}
	if (netns_home_open(&home, &s.err) < 0 ||
	    netns_call(&home, home.fd, remember_id, &inside, &s.err) != 7 ||
	    inside.inode != home.id.inode) {
		return 6; /* the home namespace needs no right */
	}
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", other);

	const struct netns_found found = {.row = {.dev = other_id.dev, .inode = other_id.inode},
	                                  .path = path};

	if (netns_open(&found, &s.err) != -EACCES) {
		return 7;
	}
	search_done(&s);

	s = search("/proc", "host", 0);
	if (init_is_here() ? s.result != 0
	                   : s.result != -EINVAL || !strstr(s.err.text, "process 1")) {
		return 8;
	}
	search_done(&s);

	(void)snprintf(path, sizeof(path), "pid:%d", other);
	s = search("/proc", path, 0);
	if (s.result != -EINVAL || !strstr(s.err.text, "Permission denied")) {
		return 9;
	}
	search_done(&s);
	return 0;
}

Test(netns, without_rights, .timeout = TIMEOUT_S)
{
	need_root();
	struct holder h = hold(setup_anonymous);
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		_exit(unprivileged(h.pid, h.id));
	}
	cr_expect_eq(waitpid(pid, &status, 0), pid);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "check %d", WEXITSTATUS(status));
	release(&h);
}
