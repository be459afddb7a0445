/* SPDX-License-Identifier: Apache-2.0 */
/* layers: node model */
/*
 * Processes of an invented /proc, in a folder of the test: no right of root is needed.
 */
#include "model/attrs.h"
#include "model/text.h"
#include "node/agent.h"
#include "node/file_root.h"
#include "node/processes.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_BYTES 512
#define TIMEOUT_S  60
#define ID         "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define KTHREADD   "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0\n"
#define YAML       "etc/datadog-agent/system-probe.yaml"
#define MANIFEST   "opt/datadog-agent/version-manifest.txt"

static char top[] = "/tmp/test_processes.XXXXXX";

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void tear_down(void)
{
	(void)nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/** Full path of something below the folder, its directories made. */
ATTR_PRINTF(2, 0)
static const char *at(char path[PATH_BYTES], const char *fmt, va_list args)
{
	size_t n = (size_t)snprintf(path, PATH_BYTES, "%s/", top);
	int len = vsnprintf(path + n, PATH_BYTES - n, fmt, args);

	cr_assert_lt(len, (int)(PATH_BYTES - n));
	for (char *slash = strchr(path + n, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		cr_assert(mkdir(path, 0755) == 0 || errno == EEXIST, "%s", path);
		*slash = '/';
	}
	return path;
}

ATTR_PRINTF(3, 4) static void put(const char *bytes, size_t len, const char *fmt, ...)
{
	char path[PATH_BYTES];
	va_list args;

	va_start(args, fmt);
	FILE *file = fopen(at(path, fmt, args), "we");

	va_end(args);
	cr_assert(file != NULL, "%s", path);
	cr_assert_eq(fwrite(bytes, 1, len, file), len);
	cr_assert_eq(fclose(file), 0);
}

#define PUT(text, ...) put(text, sizeof(text) - 1, __VA_ARGS__)

ATTR_PRINTF(2, 3) static void link_to(const char *target, const char *fmt, ...)
{
	char path[PATH_BYTES];
	va_list args;

	va_start(args, fmt);
	cr_assert_eq(symlink(target, at(path, fmt, args)), 0, "%s", path);
	va_end(args);
}

/** A /proc with processes 1 and 2, nobody else. */
static void set_up(void)
{
	cr_assert_not_null(mkdtemp(top));
	PUT(KTHREADD, "2/stat");
	PUT("kthreadd\n", "2/comm");
	PUT("init\n", "1/comm");
	PUT("1 0 8:1 / / rw - ext4 x x\n", "1/mountinfo");
	PUT("", "1/root/empty");
}

/** A system-probe with a root of its own. */
static void put_probe(uint32_t pid)
{
	PUT("system-probe\n", "%u/comm", pid);
	PUT("system-probe\0run\0", "%u/cmdline", pid);
	PUT("", "%u/environ", pid);
	PUT("0::/docker/" ID "\n", "%u/cgroup", pid);
	PUT("1 0 8:1 / / rw - ext4 x x\n", "%u/mountinfo", pid);
	PUT("", "%u/root/empty", pid);
}

static int collect(struct snapshot *snap, bool restricted)
{
	static const char *const names[] = {"cilium-agent", "a-name-longer-than-fifteen"};
	const struct processes_options opts = {
		.proc = top, .names = names, .n_names = COUNT_OF(names), .restricted = restricted};

	snap_init(snap, SNAP_ARENA_BYTES);
	return processes_collect(&opts, snap);
}

static const struct snap_config *find_config(const struct snapshot *snap, const char *source)
{
	for (uint32_t i = 0; i < snap->agent.n_config; i++) {
		if (text_eq(snap->agent.config[i].source, source)) {
			return &snap->agent.config[i];
		}
	}
	return NULL;
}

TestSuite(processes, .init = set_up, .fini = tear_down, .timeout = TIMEOUT_S);

Test(processes, nobody)
{
	struct snapshot snap;

	cr_assert_eq(collect(&snap, false), 0);
	cr_expect_eq(snap.n_processes, 0);
	cr_expect_eq(snap.n_gaps, 0, "%s", snap.n_gaps ? snap.gaps[0].error : "");
	cr_expect_eq(snap.facets, FACETS_ALL);
	cr_expect_not(snap.agent.present);
	snap_done(&snap);
}

Test(processes, names)
{
	struct snapshot snap;

	PUT("cilium-agent\n", "10/comm");
	PUT("0::/kubepods/pod6f1c2b1e-83d4-4f4e-9c1a-0a1b2c3d4e5f/" ID "\n", "10/cgroup");
	PUT("a-name-longer-t\n", "11/comm");
	PUT("a-name-longer\n", "12/comm");
	PUT("cilium-agent2\n", "13/comm");
	PUT("security-agent\n", "14/comm");
	PUT("cilium-agent\n", "x15/comm");
	PUT("agent\n", "16/comm");
	cr_assert_eq(collect(&snap, false), 0);
	struct err err = {0};

	cr_assert_eq(snap_seal(&snap, &err), 0);
	cr_assert_eq(snap.n_processes, 4);
	cr_expect_eq(snap.processes[0].pid, 10);
	cr_expect_str_eq(snap.processes[0].container, ID);
	cr_expect_str_eq(snap.processes[0].pod_uid, "6f1c2b1e-83d4-4f4e-9c1a-0a1b2c3d4e5f");
	cr_expect_eq(snap.processes[0].netns, 0);
	cr_expect_eq(snap.processes[1].pid, 11);
	cr_expect_eq(snap.processes[2].pid, 14);
	cr_expect_eq(snap.processes[3].pid, 16);
	cr_expect(snap.agent.present);
	cr_expect_not(snap.agent.running);
	snap_done(&snap);
}

Test(processes, agent_in_a_container)
{
	struct snapshot snap;

	put_probe(20);
	PUT("DD_API_KEY=s\0DD_RUNTIME_SECURITY_CONFIG_NETWORK_CLASSIFIER_PRIORITY=4\0",
	    "20/environ");
	PUT("runtime_security_config: {network: {enabled: false}}\napi_key: s\n", "20/root/" YAML);
	PUT("datadog-agent 7.52.1\n", "20/root/" MANIFEST);
	PUT("event_monitoring_config: {network: {enabled: true}}\n", "1/root/" YAML);
	cr_assert_eq(collect(&snap, false), 0);
	cr_expect_eq(snap.n_gaps, 0, "%s", snap.n_gaps ? snap.gaps[0].error : "");
	cr_expect(snap.agent.present && snap.agent.running);
	cr_expect_str_eq(snap.agent.version, "7.52.1");
	cr_assert_eq(snap.n_processes, 1);
	cr_expect_str_eq(snap.processes[0].version, "7.52.1");
	cr_expect_str_eq(snap.processes[0].container, ID);
	cr_assert_eq(snap.agent.n_config, 2, "%u, the node's own file does not count",
	             snap.agent.n_config);
	cr_expect_str_eq(find_config(&snap, "file")->key,
	                 "runtime_security_config.network.enabled");
	cr_expect_str_eq(find_config(&snap, "file")->value, "false");
	cr_expect_str_eq(find_config(&snap, "file")->where, "/" YAML);
	cr_expect_str_eq(find_config(&snap, "environment")->value, "4");
	snap_done(&snap);
}

Test(processes, installed_but_stopped)
{
	struct snapshot snap;

	PUT("event_monitoring_config: {network: {classifier_priority: 3}}\n", "1/root/" YAML);
	PUT("{\"build_version\":\"7.39.0\"}", "1/root/opt/datadog-agent/version-manifest.json");
	cr_assert_eq(collect(&snap, false), 0);
	cr_expect_eq(snap.n_gaps, 0);
	cr_expect(snap.agent.present);
	cr_expect_not(snap.agent.running);
	cr_expect_str_eq(snap.agent.version, "7.39.0");
	cr_assert_eq(snap.agent.n_config, 1);
	cr_expect_str_eq(snap.agent.config[0].value, "3");
	snap_done(&snap);
}

Test(processes, other_command_of_the_program)
{
	struct snapshot snap;

	put_probe(20);
	PUT("system-probe\0version\0", "20/cmdline");
	PUT("runtime_security_config: {enabled: true}\n", "20/root/" YAML);
	cr_assert_eq(collect(&snap, false), 0);
	cr_expect_not(snap.agent.running);
	cr_expect_eq(snap.agent.n_config, 0);
	snap_done(&snap);
}

/** Gone between the listing and the look: nothing of it counts, and nothing is missing. */
Test(processes, vanished)
{
	struct snapshot snap;

	PUT("system-probe\n", "20/comm"); /* its other files are gone */
	put_probe(21);
	PUT("runtime_security_config: {enabled: true}\n", "21/root/" YAML);
	PUT("", "21/cmdline"); /* ending */
	cr_assert_eq(collect(&snap, false), 0);
	cr_expect_eq(snap.n_processes, 0);
	cr_expect_eq(snap.n_gaps, 0);
	cr_expect_eq(snap.agent.n_config, 0);
	cr_expect_not(snap.agent.running);
	snap_done(&snap);
}

/** What stands where the settings should be, and what the gap says. */
static const struct hostile_case {
	const char *name;
	const char *link;    /**< A symbolic link to this. */
	const char *content; /**< A file with this. */
	bool fifo, dir;
	const char *mounts;
	const char *want; /**< NULL: no gap. */
} hostile_cases[] = {
	{.name = "does not parse", .content = "a: 1\nb: [\n", .want = "line 3: "},
	{.name = "not UTF-8", .content = "a: 1\nb: \xff\n", .want = "line 2: "},
	{.name = "FIFO", .fifo = true, .want = "not a regular file"},
	{.name = "directory", .dir = true, .want = "not a regular file"},
	{.name = "link to nowhere", .link = "/host/secret", .want = "leads nowhere"},
	{.name = "link above the root",
         .link = "../../../../../../2/stat",
         .want = "leads nowhere"},
	{.name = "link to a device", .link = "/dev/null", .want = "leads nowhere"},
	{.name = "link in a circle", .link = "system-probe.yaml", .want = "a symbolic link"},
	{.name = "link inside", .link = "/etc/other.yaml", .want = NULL},
	{.name = "link beside", .link = "..data/x.yaml", .want = NULL},
	{.name = "behind FUSE",
         .content = "a: 1\n",
         .mounts = "1 0 8:1 / / rw - ext4 x x\n2 1 0:9 / /etc rw - fuse.x x x\n",
         .want = "FUSE"},
	{.name = "link, and FUSE elsewhere",
         .link = "/etc/other.yaml",
         .mounts = "1 0 8:1 / / rw - ext4 x x\n2 1 0:9 / /mnt rw - fuse x x\n",
         .want = "a symbolic link that is not followed"},
	{.name = "file, and FUSE elsewhere",
         .content = "a: 1\n",
         .mounts = "1 0 8:1 / / rw - ext4 x x\n2 1 0:9 / /mnt rw - fuse x x\n",
         .want = NULL},
	{.name = "no file", .want = NULL},
};

static void put_hostile(const struct hostile_case *c)
{
	char path[PATH_BYTES];

	put_probe(20);
	PUT("event_monitoring_config: {network: {enabled: linked}}\n", "20/root/etc/other.yaml");
	PUT("event_monitoring_config: {network: {enabled: linked}}\n",
	    "20/root/etc/datadog-agent/..data/x.yaml");
	(void)snprintf(path, sizeof(path), "%s/20/root/" YAML, top);
	if (c->link) {
		link_to(c->link, "20/root/" YAML);
	} else if (c->content) {
		put(c->content, strlen(c->content), "20/root/" YAML);
	} else if (c->fifo) {
		cr_assert_eq(mkfifo(path, 0644), 0);
	} else if (c->dir) {
		cr_assert_eq(mkdir(path, 0755), 0);
	}
	if (c->mounts) {
		put(c->mounts, strlen(c->mounts), "20/mountinfo");
	}
}

Test(processes, hostile_settings)
{
	for (size_t i = 0; i < COUNT_OF(hostile_cases); i++) {
		const struct hostile_case *c = &hostile_cases[i];
		struct snapshot snap;
		char path[PATH_BYTES];

		put_hostile(c);
		cr_assert_eq(collect(&snap, false), 0, "%s", c->name);
		cr_expect(snap.agent.running, "%s", c->name);
		cr_expect_eq(snap.n_gaps, c->want != NULL, "%s: %s", c->name,
		             snap.n_gaps ? snap.gaps[0].error : "no gap");
		if (c->want && snap.n_gaps == 1) {
			cr_expect_eq(snap.gaps[0].kind, GAP_AGENT_UNREADABLE, "%s", c->name);
			cr_expect(strstr(snap.gaps[0].error, c->want), "%s: %s", c->name,
			          snap.gaps[0].error);
			cr_expect(strstr(snap.gaps[0].where, YAML " of system-probe[20]"), "%s: %s",
			          c->name, snap.gaps[0].where);
		}
		cr_expect_eq(snap.agent.n_config, c->link && !c->want, "%s", c->name);
		snap_done(&snap);
		(void)snprintf(path, sizeof(path), "%s/20", top);
		cr_assert_eq(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	}
}

Test(processes, huge_settings)
{
	static char bytes[(1 << 20) + 1];
	struct snapshot snap;

	put_probe(20);
	memset(bytes, '\n', sizeof(bytes));
	put(bytes, sizeof(bytes), "20/root/" YAML);
	cr_assert_eq(collect(&snap, false), 0);
	cr_assert_eq(snap.n_gaps, 1);
	cr_expect(strstr(snap.gaps[0].error, "longer than 1048576 bytes"), "%s",
	          snap.gaps[0].error);
	snap_done(&snap);
}

Test(processes, relative_path)
{
	struct snapshot snap;

	put_probe(20);
	PUT("system-probe\0-c\0conf\0", "20/cmdline");
	cr_assert_eq(collect(&snap, false), 0);
	cr_assert_eq(snap.n_gaps, 1);
	cr_expect(strstr(snap.gaps[0].where, "conf/system-probe.yaml"), "%s", snap.gaps[0].where);
	snap_done(&snap);
}

Test(processes, too_many_probes)
{
	struct snapshot snap;

	for (uint32_t pid = 20; pid < 20 + AGENT_MAX_PROBES + 1; pid++) {
		put_probe(pid);
	}
	cr_assert_eq(collect(&snap, false), 0);
	cr_expect_eq(snap.n_processes, AGENT_MAX_PROBES + 1);
	cr_assert_eq(snap.n_gaps, 1);
	cr_expect_eq(snap.facets, FACETS_ALL & ~(uint32_t)FACET_AGENT);
	snap_done(&snap);
}

/** A container's /proc: a gap of the namespace walk, or, if that is none, nothing is claimed. */
Test(processes, not_all_of_them)
{
	struct snapshot snap;

	put_probe(20);
	PUT("2 (sleep) S 1 2 2 0 -1 4194304 99 0", "2/stat");
	cr_assert_eq(collect(&snap, true), 0);
	cr_expect_eq(snap.n_processes, 0);
	cr_expect_eq(snap.n_gaps, 0);
	cr_expect_not(snap.agent.present);
	cr_expect_eq(snap.facets, FACETS_ALL & ~(uint32_t)(FACET_PROCESSES | FACET_AGENT));
	snap_done(&snap);
	cr_assert_eq(collect(&snap, false), 0);
	cr_expect_eq(snap.n_processes, 1, "what is seen is said");
	snap_done(&snap);
}

Test(processes, node_files_refused_in_a_restricted_run)
{
	struct snapshot snap;

	PUT("a: [\n", "1/root/" YAML);
	cr_assert_eq(collect(&snap, true), 0);
	cr_expect_eq(snap.n_gaps, 0);
	cr_expect_eq(snap.facets, FACETS_ALL & ~(uint32_t)FACET_AGENT);
	snap_done(&snap);
	cr_assert_eq(collect(&snap, false), 0);
	cr_expect_eq(snap.n_gaps, 1);
	snap_done(&snap);
}

Test(processes, limits)
{
	static const char *const names[] = {"cilium-agent"};
	int r = -ENOMEM;

	put_probe(20);
	PUT("runtime_security_config: {enabled: true}\n", "20/root/" YAML);
	PUT("datadog-agent 7.52.1\n", "20/root/" MANIFEST);
	for (size_t limit = 1; r == -ENOMEM; limit += 61) {
		const struct processes_options opts = {.proc = top, .names = names, .n_names = 1};
		struct snapshot snap;

		snap_init(&snap, limit);
		r = processes_collect(&opts, &snap);
		cr_assert_leq(snap.arena.used_bytes, limit);
		snap_done(&snap);
		cr_assert_lt(limit, 1 << 20, "never enough");
	}
	cr_expect_eq(r, 0);
}

/** Real processes that come and go while they are looked at. */
Test(processes, churn)
{
	const struct processes_options opts = {.proc = "/proc"};
	pid_t parent = fork();

	cr_assert_geq(parent, 0);
	if (parent == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			pid_t child = fork();

			if (child == 0) {
				(void)prctl(PR_SET_NAME, "system-probe");
				(void)usleep(200);
				_exit(0);
			}
			(void)waitpid(child, NULL, 0);
		}
	}
	for (int i = 0; i < 20; i++) {
		struct snapshot snap;

		snap_init(&snap, SNAP_ARENA_BYTES);
		cr_expect_eq(processes_collect(&opts, &snap), 0);
		snap_done(&snap);
	}
	(void)kill(parent, SIGKILL);
	(void)waitpid(parent, NULL, 0);
}

/** Without openat2(2). */
Test(processes, path_by_steps)
{
	static const struct {
		const char *path;
		int want;
	} rows[] = {
		{"/a/b/file", 0},
		{"a//b/file", 0},
		{"/a/b", 0},
		{"/", 0},
		{"/a/none", -ENOENT},
		{"/a/link", -ELOOP},
		{"/a/dirlink/file", -ELOOP},
		{"/a/../a/b/file", -EXDEV},
		{"/a/b/file/x", -ENOTDIR},
	};
	char root[PATH_BYTES];

	PUT("x", "r/a/b/file");
	link_to("b/file", "r/a/link");
	link_to("b", "r/a/dirlink");
	(void)snprintf(root, sizeof(root), "%s/r", top);
	int root_fd = open(root, O_PATH | O_CLOEXEC);

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int fd = file_resolve_by_steps(root_fd, rows[i].path);

		cr_expect(rows[i].want == 0 ? fd >= 0 : fd == rows[i].want, "%s: %d", rows[i].path,
		          fd);
		if (fd >= 0) {
			(void)close(fd);
		}
	}
	(void)close(root_fd);
}

Test(processes, option_file)
{
	struct snapshot snap;
	struct err err = {0};
	char path[PATH_BYTES];

	snap_init(&snap, SNAP_ARENA_BYTES);
	PUT("runtime_security_config: {enabled: true}\n", "good.yaml");
	(void)snprintf(path, sizeof(path), "%s/good.yaml", top);
	cr_expect_eq(agent_config_read_file(path, &snap, &err), 0, "%s", err.text);
	cr_assert_eq(snap.agent.n_config, 1);
	cr_expect(snap.agent.present);
	cr_expect_str_eq(snap.agent.config[0].source, "option-file");
	cr_expect_str_eq(snap.agent.config[0].where, path);

	PUT("a: 1\nb: [\n", "bad.yaml");
	(void)snprintf(path, sizeof(path), "%s/bad.yaml", top);
	cr_expect_eq(agent_config_read_file(path, &snap, &err), -EBADMSG);
	cr_expect(strstr(err.text, "bad.yaml: line 3: "), "%s", err.text);

	err = (struct err){0};
	cr_expect_eq(agent_config_read_file("/nowhere/x.yaml", &snap, &err), -ENOENT);
	cr_expect(strstr(err.text, "--agent-config: /nowhere/x.yaml: No such file"), "%s",
	          err.text);
	err = (struct err){0};
	cr_expect_eq(agent_config_read_file("/", &snap, &err), -EISDIR, "%s", err.text);
	cr_expect_eq(snap.agent.n_config, 1);
	snap_done(&snap);
}
