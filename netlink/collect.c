/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/collect.h"

#include "model/abi.h"
#include "netlink/decode.h"

#include <assert.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/** Classes asked for filters on one link; more are a gap. */
#define MAX_CLASSES 1000000u

/** Room for a namespace's label, a device's name in its longest import, and a hook word. */
#define WHERE_BYTES 512

/** One request and what it is about, for the gap it may become. */
struct dump {
	struct nlmsghdr *req;
	nl_row_fn *fn;
	void *arg;
	enum gap_kind gap;
	const struct snap_hook *hook; /* NULL: not about one hook */
	uint32_t link;                /* SNAP_NONE: about the namespace */
};

/** Request for traffic control: header, struct tcmsg, at most one flag. */
struct tcm_request {
	alignas(16) char buf[64];
};

static struct nlmsghdr *put_tcm(struct tcm_request *req, uint16_t type, uint32_t ifindex,
                                uint32_t parent)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(req->buf);
	struct tcmsg *tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));

	nlh->nlmsg_type = type;
	tcm->tcm_ifindex = (int32_t)ifindex;
	tcm->tcm_parent = parent;
	return nlh;
}

/** "label", "label, device" or "label, device, hook". */
static const char *where_text(const struct collector *c, uint32_t link,
                              const struct snap_hook *hook, char buf[WHERE_BYTES])
{
	char label[256];
	char word[64] = "";

	(void)snap_netns_label(&c->snap->netns[c->netns], label, sizeof(label));
	if (hook != NULL) {
		(void)snap_hook_word(hook, word, sizeof(word));
	}
	(void)snprintf(buf, WHERE_BYTES, "%s%s%s%s%s", label, link != SNAP_NONE ? ", " : "",
	               link != SNAP_NONE ? c->snap->links[link].name : "", hook ? ", " : "", word);
	return buf;
}

static int add_gap(const struct collector *c, enum gap_kind kind, uint32_t link,
                   const struct snap_hook *hook, const char *error)
{
	char where[WHERE_BYTES];

	return snap_add_gap(c->snap, kind, where_text(c, link, hook, where), error);
}

/** A message that does not fit is a gap, and the next one may. Anything else ends the dump. */
static int row_done(const struct collector *c, int r, uint32_t link, const struct snap_hook *hook,
                    struct err *err)
{
	if (r != -EBADMSG) {
		return r;
	}
	r = add_gap(c, GAP_NOT_UNDERSTOOD, link, hook, err->text);
	err->code = 0;
	err->text[0] = '\0';
	return r;
}

static bool past_deadline(const struct collector *c)
{
	struct timespec now;

	if (c->opts->deadline_ns == 0) {
		return false;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec >= c->opts->deadline_ns;
}

/**
 * Send one dump. What the kernel refuses is a gap and the next dump may work.
 *
 * @return 0; or a failure after which the socket, or the snapshot, takes no more.
 */
static int run_dump(struct collector *c, const struct dump *d, struct err *err)
{
	struct err why;
	int r;

	if (!c->stopped && past_deadline(c)) {
		c->stopped = true;
		return add_gap(c, GAP_TIMEOUT, SNAP_NONE, NULL, "the time limit passed");
	}
	if (c->stopped) {
		return 0;
	}
	why.code = 0;
	why.text[0] = '\0';
	r = nl_dump(c->nl, d->req, d->fn, d->arg, &why);
	if (r == 0) {
		return 0;
	}
	if (r == -EINTR || r == -ENOBUFS || !nl_usable(c->nl)) {
		return err_set(err, r, "%s", why.text);
	}
	return add_gap(c, d->gap, d->link, d->hook, why.text);
}

static int link_row(const struct nlmsghdr *nlh, void *arg, struct err *err)
{
	struct collector *c = arg;

	if (nlh->nlmsg_type != RTM_NEWLINK) {
		return 0;
	}
	return row_done(c, link_decode(c, nlh, err), SNAP_NONE, NULL, err);
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/** Sorted ifindexes, for the messages that follow. @p ret_index is the caller's to free. */
static int index_links(struct collector *c, uint64_t **ret_index, struct err *err)
{
	uint32_t n = c->snap->n_links - c->first_link;
	uint64_t *rows = calloc(n > 0 ? n : 1, sizeof(*rows));

	if (rows == NULL) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t link = c->first_link + i;

		rows[i] = (uint64_t)c->snap->links[link].ifindex << 32 | link;
	}
	qsort(rows, n, sizeof(*rows), compare_u64);
	*ret_index = rows;
	for (uint32_t i = 1; i < n; i++) {
		if (rows[i] >> 32 == rows[i - 1] >> 32) {
			return err_set(err, -EINTR, "RTM_GETLINK dump: a link is listed twice");
		}
	}
	c->by_ifindex = rows;
	c->n_by_ifindex = n;
	return 0;
}

static int dump_links(struct collector *c, struct err *err)
{
	struct tcm_request req;
	const struct dump d = {
		.req = link_put_dump(req.buf),
		.fn = link_row,
		.arg = c,
		.gap = GAP_LINKS_UNREADABLE,
		.link = SNAP_NONE,
	};

	return run_dump(c, &d, err);
}

static int qdisc_row(const struct nlmsghdr *nlh, void *arg, struct err *err)
{
	struct collector *c = arg;

	if (nlh->nlmsg_type != RTM_NEWQDISC) {
		return 0;
	}
	return row_done(c, qdisc_decode(c, nlh, err), SNAP_NONE, NULL, err);
}

static int dump_qdiscs(struct collector *c, struct err *err)
{
	struct tcm_request req;
	const struct dump d = {
		.req = put_tcm(&req, RTM_GETQDISC, 0, 0),
		.fn = qdisc_row,
		.arg = c,
		.gap = GAP_QDISCS_UNREADABLE,
		.link = SNAP_NONE,
	};

	mnl_attr_put(d.req, TCA_DUMP_INVISIBLE, 0, NULL);
	return run_dump(c, &d, err);
}

static int filter_row(const struct nlmsghdr *nlh, void *arg, struct err *err)
{
	struct filter_sink *sink = arg;

	if (nlh->nlmsg_type != RTM_NEWTFILTER) {
		return 0;
	}
	return row_done(sink->c, filter_decode(sink, nlh, err), sink->hook.link, &sink->hook, err);
}

static int chain_row(const struct nlmsghdr *nlh, void *arg, struct err *err)
{
	struct filter_sink *sink = arg;
	uint32_t chain = 0;
	int r;

	if (nlh->nlmsg_type != RTM_NEWCHAIN) {
		return 0;
	}
	r = chain_decode(nlh, &chain, err);
	if (r == 0) {
		return ids_push(&sink->c->ids, chain);
	}
	return row_done(sink->c, r, sink->hook.link, &sink->hook, err);
}

/** Kernels before 4.19 do not list chains; those with filters are known all the same. */
static bool chains_unknown(int r)
{
	return r == -EOPNOTSUPP || r == -EINVAL;
}

static int dump_chains(struct filter_sink *sink, uint32_t ifindex, uint32_t parent, struct err *err)
{
	struct collector *c = sink->c;
	struct snapshot *snap = c->snap;
	struct tcm_request req;
	struct err why;
	int r = 0;

	c->ids.n = 0;
	why.code = 0;
	why.text[0] = '\0';
	if (!c->stopped) {
		r = nl_dump(c->nl, put_tcm(&req, RTM_GETCHAIN, ifindex, parent), chain_row, sink,
		            &why);
	}
	if (r < 0 && (r == -EINTR || r == -ENOBUFS || !nl_usable(c->nl))) {
		return err_set(err, r, "%s", why.text);
	}
	if (r < 0 && !chains_unknown(r)) {
		r = add_gap(c, GAP_FILTERS_UNREADABLE, sink->hook.link, &sink->hook, why.text);
		if (r < 0) {
			return r;
		}
	}
	/* A filter's chain may be younger than the list, and the list may be missing. */
	for (uint32_t i = snap->n_entries; i > 0 && snap->entries[i - 1].hook == sink->hook_idx;
	     i--) {
		if (c->ids.n > 0 && c->ids.rows[c->ids.n - 1] == snap->entries[i - 1].chain) {
			continue;
		}
		r = ids_push(&c->ids, snap->entries[i - 1].chain);
		if (r < 0) {
			return r;
		}
	}
	return chain_store(snap, sink->hook_idx, &c->ids);
}

/** Filters of one block, then its chains when there is a hook to give them to. */
static int dump_block(struct filter_sink *sink, uint32_t ifindex, uint32_t parent, struct err *err)
{
	struct tcm_request req;
	const struct dump d = {
		.req = put_tcm(&req, RTM_GETTFILTER, ifindex, parent),
		.fn = filter_row,
		.arg = sink,
		.gap = GAP_FILTERS_UNREADABLE,
		.hook = &sink->hook,
		.link = sink->hook.link,
	};
	int r = run_dump(sink->c, &d, err);

	if (r < 0 || sink->hook_idx == SNAP_NONE) {
		return r;
	}
	return dump_chains(sink, ifindex, parent, err);
}

static struct filter_sink sink_of_hook(struct collector *c, uint32_t hook)
{
	return (struct filter_sink){
		.c = c,
		.hook = c->snap->hooks[hook],
		.hook_idx = hook,
		.last_entry = SNAP_NONE,
	};
}

/** The hooks of clsact and ingress whose block is the device's own. */
static int collect_ingress_hooks(struct collector *c, uint32_t end_hook, struct err *err)
{
	int r = 0;

	for (uint32_t i = c->first_hook; i < end_hook && r == 0; i++) {
		struct filter_sink sink = sink_of_hook(c, i);
		uint32_t ifindex = c->snap->links[sink.hook.link].ifindex;

		if (sink.hook.block != 0) {
			continue;
		}
		if (sink.hook.type == HOOK_CLSACT_EGRESS) {
			r = dump_block(&sink, ifindex, ABI_H_EGRESS, err);
		} else if (sink.hook.type == HOOK_CLSACT_INGRESS ||
		           sink.hook.type == HOOK_INGRESS) {
			/* A plain ingress has one block, whichever class is asked for. */
			r = dump_block(&sink, ifindex, ABI_H_INGRESS, err);
		}
	}
	return r;
}

/** Filters on a qdisc or class, if there are any: only then a hook appears. */
static int collect_classid(struct collector *c, uint32_t link, uint32_t classid, struct err *err)
{
	struct filter_sink sink = {
		.c = c,
		.hook = {.link = link, .type = HOOK_QDISC, .classid = classid},
		.hook_idx = SNAP_NONE,
		.last_entry = SNAP_NONE,
	};

	if (hook_find(c, link, HOOK_QDISC, classid) != SNAP_NONE) {
		return 0; /* listed twice by a dump over a list that changed */
	}
	/* Parent 0 is the root qdisc, which is how one without a handle is reached. */
	return dump_block(&sink, c->snap->links[link].ifindex, classid, err);
}

/** Numbers of classes, on their way from a dump. */
struct class_sink {
	struct collector *c;
	uint32_t link;
	struct ids ids;
	bool full;
};

static int class_row(const struct nlmsghdr *nlh, void *arg, struct err *err)
{
	struct class_sink *sink = arg;

	if (nlh->nlmsg_type != RTM_NEWTCLASS) {
		return 0;
	}
	if (sink->ids.n >= MAX_CLASSES) {
		sink->full = true;
		return 0;
	}
	return row_done(sink->c, class_decode(nlh, &sink->ids, err), sink->link, NULL, err);
}

static int collect_class_rows(struct class_sink *sink, struct err *err)
{
	struct collector *c = sink->c;
	struct tcm_request req;
	const struct dump d = {
		.req = put_tcm(&req, RTM_GETTCLASS, c->snap->links[sink->link].ifindex, 0),
		.fn = class_row,
		.arg = sink,
		.gap = GAP_FILTERS_UNREADABLE,
		.link = sink->link,
	};
	int r = run_dump(c, &d, err);

	if (r == 0 && sink->full) {
		r = add_gap(c, GAP_LIMIT, sink->link, NULL, "too many classes");
	}
	ids_sort(&sink->ids);
	for (uint32_t i = 0; i < sink->ids.n && r == 0; i++) {
		r = collect_classid(c, sink->link, sink->ids.rows[i], err);
	}
	return r;
}

static int collect_classes(struct collector *c, uint32_t link, struct err *err)
{
	struct class_sink sink = {.c = c, .link = link};
	int r = collect_class_rows(&sink, err);

	free(sink.ids.rows);
	return r;
}

/** Qdiscs that classify what leaves: their own block, then those of their classes. */
static int collect_other_qdiscs(struct collector *c, struct err *err)
{
	uint32_t asked = SNAP_NONE; /* link whose classes are done; qdiscs come by device */
	int r = 0;

	for (uint32_t i = c->first_qdisc; i < c->snap->n_qdiscs && r == 0; i++) {
		const struct snap_qdisc q = c->snap->qdiscs[i];
		unsigned traits = qdisc_traits(q.kind);
		/* Without a handle a qdisc cannot be named, unless it is the root. */
		bool reachable = q.handle != 0 || q.parent == ABI_H_ROOT;

		if ((traits & QDISC_BLOCK) != 0 && reachable) {
			r = collect_classid(c, q.link, q.handle, err);
		}
		if (r == 0 && (traits & QDISC_CLASSES) != 0 && asked != q.link) {
			asked = q.link;
			r = collect_classes(c, q.link, err);
		}
	}
	return r;
}

/** Rows of a block already dumped, for the next hook that uses it. */
struct block_rows {
	uint32_t hook;
	uint32_t first_entry, end_entry;
	uint32_t first_action, end_action;
};

static int copy_actions(struct snapshot *snap, const struct block_rows *from, uint32_t old_entry,
                        uint32_t new_entry, uint32_t *at)
{
	while (*at < from->end_action && snap->actions[*at].entry == old_entry) {
		struct snap_action row = snap->actions[(*at)++];
		int r;

		row.entry = new_entry;
		r = snap_add_action(snap, &row, NULL);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int copy_block(struct collector *c, const struct block_rows *from, uint32_t hook)
{
	struct snapshot *snap = c->snap;
	uint32_t action = from->first_action;

	snap->hooks[hook].chains = snap->hooks[from->hook].chains;
	snap->hooks[hook].n_chains = snap->hooks[from->hook].n_chains;
	for (uint32_t i = from->first_entry; i < from->end_entry; i++) {
		struct snap_entry row = snap->entries[i];
		uint32_t copy = SNAP_NONE;
		int r;

		if (snap->n_entries - c->first_entry >= COLLECT_MAX_FILTERS) {
			c->full = true;
			return 0;
		}
		row.hook = hook;
		r = snap_add_entry(snap, &row, &copy);
		if (r == 0) {
			r = copy_actions(snap, from, i, copy, &action);
		}
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/** Every shared block once, by its index, then its rows to each hook that runs it. */
static int collect_shared(struct collector *c, const uint64_t *pairs, uint32_t n, struct err *err)
{
	struct block_rows rows = {0};
	uint32_t block = 0;
	int r = 0;

	for (uint32_t i = 0; i < n && r == 0; i++) {
		uint32_t hook = (uint32_t)pairs[i];

		if (pairs[i] >> 32 == block) {
			r = copy_block(c, &rows, hook);
			continue;
		}

		struct filter_sink sink = sink_of_hook(c, hook);

		block = sink.hook.block;
		rows = (struct block_rows){
			.hook = hook,
			.first_entry = c->snap->n_entries,
			.first_action = c->snap->n_actions,
		};
		r = dump_block(&sink, ABI_IFINDEX_BLOCK, block, err);
		rows.end_entry = c->snap->n_entries;
		rows.end_action = c->snap->n_actions;
	}
	return r;
}

/** @param end_hook hooks from here on are of qdiscs and classes, which share no blocks. */
static int collect_shared_blocks(struct collector *c, uint32_t end_hook, struct err *err)
{
	uint32_t room = end_hook - c->first_hook;
	uint64_t *pairs = calloc(room > 0 ? room : 1, sizeof(*pairs));
	uint32_t n = 0;
	int r;

	if (pairs == NULL) {
		return err_set(err, -ENOMEM, "out of memory for a list of blocks");
	}
	for (uint32_t i = c->first_hook; i < end_hook; i++) {
		if (c->snap->hooks[i].block != 0) {
			pairs[n++] = (uint64_t)c->snap->hooks[i].block << 32 | i;
		}
	}
	qsort(pairs, n, sizeof(*pairs), compare_u64);
	r = collect_shared(c, pairs, n, err);
	free(pairs);
	return r;
}

static int collect_all(struct collector *c, uint64_t **ret_index, struct err *err)
{
	uint32_t end_hook;
	int r = dump_links(c, err);

	if (r == 0) {
		r = index_links(c, ret_index, err);
	}
	if (r == 0) {
		r = dump_qdiscs(c, err);
	}
	/* Messages about links brought XDP hooks, those about qdiscs the ones of clsact. */
	end_hook = c->snap->n_hooks;
	if (r == 0) {
		r = collect_ingress_hooks(c, end_hook, err);
	}
	if (r == 0) {
		r = collect_other_qdiscs(c, err);
	}
	if (r == 0) {
		r = collect_shared_blocks(c, end_hook, err);
	}
	if (r == 0 && c->full) {
		r = add_gap(c, GAP_LIMIT, SNAP_NONE, NULL, "too many filters");
	}
	return r;
}

int collect_netns(struct nl *nl, uint32_t netns, const struct collect_options *opts,
                  struct snapshot *snap, struct err *err)
{
	static const struct collect_options defaults;
	struct collector c = {
		.nl = nl,
		.snap = snap,
		.netns = netns,
		.opts = opts != NULL ? opts : &defaults,
		.first_link = snap->n_links,
		.first_qdisc = snap->n_qdiscs,
		.first_hook = snap->n_hooks,
		.first_entry = snap->n_entries,
		.last_link = SNAP_NONE,
	};
	uint64_t *index = NULL;
	int r;

	assert(netns < snap->n_netns);
	r = collect_all(&c, &index, err);
	free(index);
	free(c.ids.rows);
	return r == -ENOMEM ? err_set(err, r, "out of memory for a namespace's rows") : r;
}
