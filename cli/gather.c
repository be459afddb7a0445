/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/gather.h"

#include "bpf/pins.h"
#include "bpf/progs.h"
#include "cli/gather_priv.h"
#include "cli/judge.h"
#include "cli/node.h"
#include "netlink/capture.h"
#include "netlink/fd.h"
#include "netlink/nsid.h"
#include "node/processes.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct open_arg {
	struct capture *rec;
	struct nl **ret_nl;
	struct err *err;
};

static int open_inside(void *arg)
{
	struct open_arg *a = arg;

	return nl_open(a->rec, a->ret_nl, a->err);
}

int gather_open_nl(struct gather *g, int fd, struct capture *rec, struct nl **ret_nl,
                   struct err *err)
{
	struct open_arg arg = {.rec = rec, .ret_nl = ret_nl, .err = err};

	return netns_call(&g->home, fd, open_inside, &arg, err);
}

struct query_arg {
	struct gather *g;
	uint32_t first_link;
	const char *where;
};

/** TCX and netkit lists of the links just dumped; must run in their namespace. */
static int query_inside(void *arg)
{
	struct query_arg *a = arg;
	struct gather *g = a->g;
	struct snapshot *snap = g->snap;

	if (!g->features_known && a->first_link < snap->n_links) {
		mprog_probe(snap->links[a->first_link].ifindex, &g->features);
		g->features_known = true;
		snap->has_tcx = g->features.tcx;
		snap->has_netkit = g->features.netkit;
	}
	for (uint32_t i = a->first_link; i < snap->n_links; i++) {
		int r = mprog_collect(snap, i, &g->features, a->where);

		if (r == -ENODEV) {
			snap->links[i].dead = true;
		} else if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int query_lists(struct gather *g, int fd, struct nl *nl, uint32_t first_link, uint32_t netns,
                       struct err *err)
{
	char label[128];
	struct query_arg arg = {
		.g = g,
		.first_link = first_link,
		.where = snap_netns_label(&g->snap->netns[netns], label, sizeof(label)),
	};
	int r = netns_call(&g->home, fd, query_inside, &arg, err);

	if (r == 0 && g->features_known && !g->features.tcx) {
		/* No query told us which links went away in the meantime. */
		r = collect_check_links(nl, netns, g->snap, err);
	}
	return r;
}

/** The numbers that this namespace and the home namespace have given each other. */
static void ask_nsids(struct gather *g, struct nl *nl, int fd, struct gathered *row)
{
	struct err ignored = {0};

	/* A refusal leaves -1: the search of peers.c then has to find it. */
	if (g->home_nl == NULL || nsid_get(g->home_nl, fd, &row->home_nsid, &ignored) < 0) {
		row->home_nsid = -1;
	}
	if (nsid_get(nl, g->home.fd, &row->nsid_of_home, &ignored) < 0) {
		row->nsid_of_home = -1;
	}
}

static int open_capture(struct gather *g, uint64_t inode, struct capture **ret, struct err *err)
{
	char path[PATH_MAX];

	if (g->opts->record == NULL) {
		return 0;
	}
	int n = snprintf(path, sizeof(path), "%s/netns-%" PRIu64 ".pcap", g->opts->record, inode);

	if (n < 0 || (size_t)n >= sizeof(path)) {
		return err_set(err, -ENAMETOOLONG, "--record: name too long");
	}
	/* An earlier attempt at this namespace, or an earlier run into the same folder. */
	(void)unlink(path);
	return capture_create(path, ret, err);
}

/** One attempt; -EINTR and -ENOBUFS: the kernel's answers do not fit together, try again. */
static int try_netns(struct gather *g, int fd, uint32_t netns, struct err *err)
{
	struct snapshot *snap = g->snap;
	struct capture *rec = NULL;
	uint32_t first_link = snap->n_links;
	int r = open_capture(g, snap->netns[netns].inode, &rec, err);

	if (r == 0) {
		AUTO_NL struct nl *nl = NULL;

		r = gather_open_nl(g, fd, rec, &nl, err);
		if (r == 0) {
			r = collect_netns(nl, netns, &g->collect, snap, err);
		}
		if (r == 0) {
			r = query_lists(g, fd, nl, first_link, netns, err);
		}
		if (r == 0) {
			ask_nsids(g, nl, fd, &g->rows[netns]);
		}
	}
	int closed = capture_close(rec, err);

	return r == 0 ? closed : r;
}

static bool worth_repeating(int r)
{
	return r == -EINTR || r == -ENOBUFS;
}

/** What a namespace that could not be read becomes. @return 0, or what ends the whole run. */
static int netns_failed(struct gather *g, uint32_t netns, int r, const struct err *err)
{
	char label[128];
	enum gap_kind kind = worth_repeating(r) ? GAP_DUMP_CHANGING : GAP_NETNS_UNREADABLE;

	if (r == -ENOMEM) {
		return r;
	}
	(void)snap_netns_label(&g->snap->netns[netns], label, sizeof(label));
	return snap_add_gap(g->snap, kind, label, err->text[0] != '\0' ? err->text : strerror(-r));
}

static int read_netns(struct gather *g, int fd, uint32_t netns)
{
	struct err err = {0};
	int r = 0;

	for (int tries = 0; tries < COLLECT_TRIES; tries++) {
		struct snap_mark before = snap_mark(g->snap);

		err = (struct err){0};
		r = try_netns(g, fd, netns, &err);
		if (r == 0) {
			g->rows[netns].read = true;
			g->snap->namespaces_read++;
			return 0;
		}
		snap_rewind(g->snap, before);
		if (!worth_repeating(r)) {
			break;
		}
	}
	return netns_failed(g, netns, r, &err);
}

static int add_row(struct gather *g, const struct netns_found *found, uint32_t *ret_netns)
{
	if (g->n_rows == g->cap_rows) {
		uint32_t cap = g->cap_rows == 0 ? 64 : g->cap_rows * 2;
		struct gathered *rows = reallocarray(g->rows, cap, sizeof(*rows));

		if (rows == NULL) {
			return -ENOMEM;
		}
		g->rows = rows;
		g->cap_rows = cap;
	}
	int r = node_copy_netns(g->snap, &found->row, ret_netns);

	if (r == 0) {
		g->rows[g->n_rows++] =
			(struct gathered){.found = *found, .home_nsid = -1, .nsid_of_home = -1};
	}
	return r;
}

static int gather_one(struct gather *g, const struct netns_found *found)
{
	struct err err = {0};
	uint32_t netns = 0;
	AUTO_FD int fd = netns_open(found, &err);

	if (fd == -ENOENT) {
		/* Gone since it was found: nothing is missing. */
		g->snap->namespaces_found--;
		return 0;
	}
	int r = add_row(g, found, &netns);

	if (r < 0) {
		return r;
	}
	return fd < 0 ? netns_failed(g, netns, fd, &err) : read_netns(g, fd, netns);
}

static bool known(const struct gather *g, uint32_t n_before, const struct snap_netns *row)
{
	for (uint32_t i = 0; i < n_before; i++) {
		if (g->snap->netns[i].inode == row->inode && g->snap->netns[i].dev == row->dev) {
			return true;
		}
	}
	return false;
}

static bool out_of_time(const struct gather *g)
{
	return g->collect.deadline_ns != 0 && ui_now_ns() >= g->collect.deadline_ns;
}

static int timeout_gap(struct gather *g, uint32_t n_left)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%u namespaces not read", n_left);
	return snap_add_gap(g->snap, GAP_TIMEOUT, "node", text);
}

/** Look for namespaces and collect those not yet known. */
static int gather_round(struct gather *g, uint32_t round, struct err *err)
{
	struct netns_list *list = &g->lists[round];
	struct netns_options find = {
		.proc = g->opts->proc,
		.specs = g->opts->netns,
		.n_specs = g->opts->n_netns,
		.max_netns = g->opts->max_netns,
	};
	uint32_t n_before = g->n_rows;
	int r = netns_find(&find, g->snap, list, err);

	if (r < 0) {
		return r;
	}
	for (uint32_t i = 0; i < list->n && r == 0; i++) {
		ui_progress(g->ui, "reading namespace", i + 1, list->n);
		if (!list->rows[i].wanted || known(g, n_before, &list->rows[i].row)) {
			continue;
		}
		if (out_of_time(g)) {
			return timeout_gap(g, list->n - i);
		}
		r = gather_one(g, &list->rows[i]);
	}
	return r;
}

static int gather_rounds(struct gather *g, struct err *err)
{
	for (uint32_t round = 0; round < GATHER_ROUNDS; round++) {
		uint32_t n_before = g->n_rows;
		uint32_t unknown = 0;
		int r = gather_round(g, round, err);
		bool last = round + 1 == GATHER_ROUNDS || out_of_time(g) || g->restricted;

		if (r == 0) {
			/* Nothing new came with another look: it will not come. */
			last = last || (round > 0 && g->n_rows == n_before);
			r = peers_resolve(g, last, &unknown);
		}
		if (r < 0 || last || unknown == 0) {
			return r;
		}
		ui_detail(g->ui, "%u nsids lead to namespaces not seen yet, looking again",
		          unknown);
	}
	return 0;
}

static double ms(int64_t ns)
{
	return (double)ns / 1e6;
}

static int gather_programs_into(struct gather *g, struct code_facts *code)
{
	struct judged judged = {0};
	int64_t start_ns = ui_now_ns();
	int r = progs_collect(g->snap, g->opts->program, code);
	int64_t read_ns = ui_now_ns();

	r = r < 0 ? r : judge_names(code, g->opts->proc, &judged);
	int64_t named_ns = ui_now_ns();

	r = r < 0 ? r : judge_programs(g->snap, code, &judged);
	g->judge_ns = ui_now_ns() - named_ns;
	if (r == 0 && g->snap->n_progs > 0) {
		ui_detail(g->ui, "read %u programs in %.1f ms, %u names of %u calls in %.1f ms",
		          g->snap->n_progs, ms(read_ns - start_ns), judged.n_symbols,
		          judged.n_calls, ms(named_ns - read_ns));
		ui_detail(g->ui, "judged %u programs (%u different) in %.1f ms", judged.n_progs,
		          judged.n_distinct, ms(g->judge_ns));
	}
	return r;
}

/** Programs, and what they return; their instructions are dropped again. */
static int gather_programs(struct gather *g)
{
	struct code_facts code;

	code_init(&code, CODE_ARENA_BYTES);
	int r = gather_programs_into(g, &code);

	code_done(&code);
	return r;
}

/** What the node shows besides: who runs, how the Agent is set, what is pinned. */
static int gather_host(struct gather *g)
{
	const struct processes_options look = {
		.proc = g->opts->proc,
		.names = g->vendors->processes,
		.n_names = g->vendors->n_processes,
		.restricted = g->restricted,
	};
	int r = processes_collect(&look, g->snap);

	return r < 0 ? r : pins_collect(g->snap, g->opts->proc, g->opts->sys);
}

static int make_record_dir(const char *dir, struct err *err)
{
	if (dir != NULL && mkdir(dir, 0700) < 0 && errno != EEXIST) {
		return err_set(err, -errno, "--record: creating %s: %s", dir, strerror(errno));
	}
	return 0;
}

static int gather_all(struct gather *g, struct err *err)
{
	int r = make_record_dir(g->opts->record, err);

	if (r == 0) {
		r = node_facts(g->snap);
	}
	if (r == 0) {
		r = netns_home_open(&g->home, err);
	}
	if (r == 0 && nl_open(NULL, &g->home_nl, NULL) < 0) {
		g->home_nl = NULL;
	}
	if (r == 0) {
		r = gather_rounds(g, err);
	}
	if (r == 0 && g->snap->namespaces_read == 0) {
		return err_set(err, -EPERM, "no network namespace could be read: %s",
		               g->snap->n_gaps > 0 ? g->snap->gaps[0].error : "none was found");
	}
	if (r == 0) {
		ui_progress(g->ui, "reading programs, namespaces", g->n_rows, g->n_rows);
		r = gather_programs(g);
	}
	if (r == 0) {
		r = gather_host(g);
	}
	if (r == 0) {
		r = snap_seal(g->snap, err);
		g->snap->links_read = g->snap->n_links;
	}
	return r;
}

int gather_node(const struct options *opts, const struct vendors *vendors, struct ui *ui,
                struct snapshot *snap, int64_t *ret_judge_ns, struct err *err)
{
	struct gather g = {
		.opts = opts,
		.vendors = vendors,
		.ui = ui,
		.snap = snap,
		.home = {.fd = -1},
		.collect = {.devs = opts->devs, .n_devs = opts->n_devs},
		.restricted = opts->n_netns > 0 || opts->max_netns > 0,
	};

	if (opts->timeout_s != 0) {
		g.collect.deadline_ns = ui_now_ns() + (int64_t)opts->timeout_s * 1000000000;
	}
	int r = gather_all(&g, err);

	if (r == -ENOMEM) {
		(void)err_set(err, r, "collecting: no memory");
	}
	ui_clear(ui);
	nl_close(g.home_nl);
	netns_home_close(&g.home);
	for (uint32_t i = 0; i < GATHER_ROUNDS; i++) {
		netns_list_done(&g.lists[i]);
	}
	free(g.rows);
	*ret_judge_ns = g.judge_ns;
	return r;
}
