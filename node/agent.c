/* SPDX-License-Identifier: Apache-2.0 */
#include "node/agent.h"

#include "model/text.h"
#include "node/agent_cmdline.h"
#include "node/agent_version.h"
#include "node/agent_yaml.h"
#include "node/file.h"
#include "node/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** Most that is read of a command line and of an environment; the kernel allows a few MiB. */
#define MAX_CMDLINE ((size_t)1 << 20)
#define MAX_ENVIRON ((size_t)8 << 20)

/** Room for a process as a gap names it. */
#define WHO_BYTES 64

/** Room for where a gap is: a path and a process. */
#define WHERE_BYTES (AGENT_PATH_BYTES + WHO_BYTES + 8)

const char *const agent_processes[] = {
	AGENT_PROBE_COMM, "security-agent", "agent", "process-agent", "trace-agent", NULL,
};

/** Names that no other software has. */
static const char *const own_names[] = {AGENT_PROBE_COMM, "security-agent"};

/** Whose files are read. */
struct owner {
	int proc_fd;
	char who[WHO_BYTES]; /**< "system-probe[17]", or "this node". */
};

/** Something of an owner that is not known now. */
static int add_gap(struct snapshot *snap, const struct owner *owner, const char *what,
                   const char *error)
{
	char where[WHERE_BYTES];

	(void)snprintf(where, sizeof(where), "%s of %s", what, owner->who);
	return snap_add_gap(snap, GAP_AGENT_UNREADABLE, where, error);
}

/**
 * Settings of a file in an owner's root directory.
 *
 * @param ret_there whether there is such a file.
 * @return 0; -ESRCH; -ENOMEM.
 */
static int read_config(const struct owner *owner, const char *path, struct snapshot *snap,
                       bool *ret_there)
{
	struct settings settings = {0};
	struct file_text text = {0};
	struct err err = {0};
	const char *where = text_import(&snap->arena, path, SIZE_MAX);
	int r = file_read_in_root(owner->proc_fd, path, AGENT_YAML_BYTES, &text, &err);

	*ret_there = r != -ENOENT && r != -ESRCH;
	if (r == 0) {
		r = agent_yaml_read(text.bytes, text.len, &snap->arena, &settings, &err);
	}
	file_done(&text);
	if (!where || r == -ENOMEM) {
		return -ENOMEM;
	}
	if (r == 0) {
		return settings_keep(snap, &settings, "file", where);
	}
	/* Without a file it runs with its defaults. */
	return r == -ENOENT ? 0 : r == -ESRCH ? r : add_gap(snap, owner, path, err.text);
}

/** @return 0; -ESRCH; -ENOMEM. */
static int read_environment(const struct owner *owner, struct snapshot *snap)
{
	struct settings settings = {0};
	struct file_text text = {0};
	int r = file_read_at(owner->proc_fd, "environ", MAX_ENVIRON, &text);

	if (r == 0) {
		r = settings_from_env(text.bytes, text.len, &snap->arena, &settings);
	}
	file_done(&text);
	if (r == 0) {
		return settings_keep(snap, &settings, "environment", NULL);
	}
	if (r == -ENOMEM || file_is_gone(r)) {
		return r == -ENOMEM ? r : -ESRCH;
	}
	return add_gap(snap, owner, "environment", strerror(-r));
}

/** Settings of the file that the command line names. */
static int read_named(const struct owner *owner, const struct agent_cmdline *cmdline,
                      struct snapshot *snap)
{
	bool there = false;

	if (cmdline->path[0] != '/') {
		return add_gap(snap, owner, cmdline->path[0] ? cmdline->path : "settings",
		               "the command line has a path that is not followed");
	}
	return read_config(owner, cmdline->path, snap, &there);
}

/** @return 1: it is one that runs; 0: another command of the same program; negative errnos. */
static int read_probe(const struct owner *owner, struct snapshot *snap)
{
	struct file_text text = {0};
	struct agent_cmdline cmdline;
	int r = file_read_at(owner->proc_fd, "cmdline", MAX_CMDLINE, &text);

	if (r == -ENOMEM || file_is_gone(r)) {
		return r == -ENOMEM ? r : -ESRCH;
	}
	if (r < 0) {
		r = add_gap(snap, owner, "command line", strerror(-r));
		return r < 0 ? r : 1;
	}
	if (text.len == 0) {
		file_done(&text);
		return -ESRCH; /* a process that is ending has none, and nothing attached */
	}
	agent_cmdline_parse(text.bytes, text.len, &cmdline);
	file_done(&text);
	if (!cmdline.daemon) {
		return 0;
	}
	r = read_named(owner, &cmdline, snap);
	r = r < 0 ? r : read_environment(owner, snap);
	return r < 0 ? r : 1;
}

int agent_add_process(struct agent_run *run, int proc_fd, struct snap_process *row,
                      struct snapshot *snap)
{
	struct owner owner = {.proc_fd = proc_fd};
	bool own = false;
	int r = 0;

	for (size_t i = 0; i < COUNT_OF(own_names); i++) {
		own = own || text_eq(row->comm, own_names[i]);
	}
	if (!own) {
		return 0;
	}
	(void)snprintf(owner.who, sizeof(owner.who), "%s[%u]", row->comm, row->pid);
	if (text_eq(row->comm, AGENT_PROBE_COMM) && run->n_probes == AGENT_MAX_PROBES) {
		r = add_gap(snap, &owner, "settings", "more of them run than are read");
	} else if (text_eq(row->comm, AGENT_PROBE_COMM)) {
		r = read_probe(&owner, snap);
		run->n_probes += r == 1;
	}
	if (r >= 0) {
		run->seen = true;
		r = agent_version_read(proc_fd, &snap->arena, &row->version);
	}
	if (r == 0 && row->version && !snap->agent.version) {
		snap->agent.version = row->version;
	}
	return r;
}

/** May the root directory of process 1 be entered? Where not, no Agent of this node is missed. */
static bool may_look_into(int init_fd)
{
	int root = openat(init_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0) {
		return errno != EACCES && errno != EPERM;
	}
	(void)close(root);
	return true;
}

/** What the node itself has installed, for a start that has not been yet. */
static int read_installed(int init_fd, struct snapshot *snap, bool *ret_there)
{
	const struct owner owner = {.proc_fd = init_fd, .who = "this node"};
	const char *version = NULL;
	int r = read_config(&owner, AGENT_CONFIG_PATH, snap, ret_there);

	if (r == 0 && !snap->agent.version) {
		r = agent_version_read(init_fd, &snap->arena, &version);
		snap->agent.version = version;
	}
	return r == -ESRCH ? add_gap(snap, &owner, AGENT_CONFIG_PATH, "process 1 shows no root")
	                   : r;
}

int agent_finish(struct agent_run *run, int init_fd, bool restricted, struct snapshot *snap)
{
	struct snap_agent *agent = &snap->agent;
	const struct snap_agent agent_before = *agent;
	const struct snap_mark before = snap_mark(snap);
	bool there = false;
	int r = 0;

	agent->running = run->n_probes > 0;
	if (!agent->running && init_fd >= 0 && !may_look_into(init_fd)) {
		snap->facets &= ~(uint32_t)FACET_AGENT;
	} else if (!agent->running && init_fd >= 0) {
		r = read_installed(init_fd, snap, &there);
	}
	if (r == 0 && restricted && snap->n_gaps > before.n_gaps) {
		snap_rewind(snap, before);
		*agent = agent_before;
		snap->facets &= ~(uint32_t)FACET_AGENT;
	}
	/* Also where its files could not be read: that settings are unknown can only be said of an
	 * Agent. */
	agent->present = agent->running || run->seen || there || agent->version != NULL;
	return r;
}

/** Pipes and devices could block, or never end. */
static int need_regular(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		return -errno;
	}
	return S_ISREG(st.st_mode) ? 0 : S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
}

int agent_config_read_file(const char *path, struct snapshot *snap, struct err *err)
{
	struct settings settings = {0};
	struct file_text text = {0};
	struct err inner = {0};
	const char *where = text_import(&snap->arena, path, SIZE_MAX);
	/* Non-blocking: a pipe that nobody writes to must not hold up the run. */
	int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int r = fd < 0 ? -errno : need_regular(fd);

	r = r < 0 ? r : file_read_fd(fd, AGENT_YAML_BYTES, &text);
	if (fd >= 0) {
		(void)close(fd);
	}
	if (r < 0 || !where) {
		r = where ? r : -ENOMEM;
		return err_set(err, r, "--agent-config: %s: %s", path,
		               r == -EINVAL ? "not a regular file" : strerror(-r));
	}
	r = agent_yaml_read(text.bytes, text.len, &snap->arena, &settings, &inner);
	file_done(&text);
	if (r < 0) {
		return err_set(err, r, "--agent-config: %s: %s", path, inner.text);
	}
	r = settings_keep(snap, &settings, "option-file", where);
	snap->agent.present = snap->agent.present || r == 0;
	return r < 0 ? err_set(err, r, "--agent-config: %s: out of memory", path) : 0;
}
