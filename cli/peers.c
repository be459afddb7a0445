/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which namespace does a link's IFLA_LINK_NETNSID mean? The number is local to the namespace of
 * the link. Two questions, asked while a namespace is open, settle nearly all of them: which
 * number has the home namespace given it, and which number has it given the home namespace. What
 * is left (pairs that avoid the home namespace) is asked namespace by namespace, best guess first.
 */
#include "cli/gather_priv.h"
#include "netlink/fd.h"
#include "netlink/nsid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/** How long dismantling a namespace takes, usually. */
#define DISMANTLE_NS 100000000

/** One nsid that a link refers to, in one namespace. */
struct pair {
	uint32_t netns; /**< Row in which the number counts. */
	int32_t nsid;
	uint32_t link;   /**< First link that refers to it. */
	uint32_t target; /**< Row it means, or SNAP_NONE. */
};

struct pairs {
	struct pair *rows; /**< Sorted by (netns, nsid). */
	uint32_t n;
	uint32_t n_questions;
};

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a;
	const struct pair *y = b;

	if (x->netns != y->netns) {
		return x->netns < y->netns ? -1 : 1;
	}
	if (x->nsid != y->nsid) {
		return x->nsid < y->nsid ? -1 : 1;
	}
	return (x->link > y->link) - (x->link < y->link);
}

static int list_pairs(const struct snapshot *snap, struct pairs *ret)
{
	uint32_t n = 0;

	ret->rows = calloc(snap->n_links > 0 ? snap->n_links : 1, sizeof(*ret->rows));
	if (ret->rows == NULL) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < snap->n_links; i++) {
		const struct snap_link *link = &snap->links[i];

		if (link->netnsid >= 0 && !link->dead) {
			ret->rows[n++] = (struct pair){.netns = link->netns,
			                               .nsid = link->netnsid,
			                               .link = i,
			                               .target = SNAP_NONE};
		}
	}
	qsort(ret->rows, n, sizeof(*ret->rows), compare_pairs);
	for (uint32_t i = 0; i < n; i++) {
		const struct pair *last = ret->n > 0 ? &ret->rows[ret->n - 1] : NULL;

		if (last == NULL || last->netns != ret->rows[i].netns ||
		    last->nsid != ret->rows[i].nsid) {
			ret->rows[ret->n++] = ret->rows[i];
		}
	}
	return 0;
}

static uint32_t home_row(const struct gather *g)
{
	for (uint32_t i = 0; i < g->n_rows; i++) {
		if (g->snap->netns[i].inode == g->home.id.inode &&
		    g->snap->netns[i].dev == g->home.id.dev) {
			return i;
		}
	}
	return SNAP_NONE;
}

/** Settle a pair by what was asked while its namespaces were open. */
static uint32_t settle_by_home(const struct gather *g, const struct pair *p, uint32_t home)
{
	if (p->netns != home) {
		return g->rows[p->netns].nsid_of_home == p->nsid ? home : SNAP_NONE;
	}
	for (uint32_t i = 0; i < g->n_rows; i++) {
		if (g->rows[i].home_nsid == p->nsid) {
			return i;
		}
	}
	return SNAP_NONE;
}

/** Does row @p candidate answer to the pair's number? One question to the kernel. */
static bool answers(struct gather *g, struct nl *nl, const struct pair *p, uint32_t candidate)
{
	struct err ignored = {0};
	int32_t nsid = -1;
	AUTO_FD int fd = netns_open(&g->rows[candidate].found, &ignored);

	return fd >= 0 && nsid_get(nl, fd, &nsid, &ignored) == 0 && nsid == p->nsid;
}

/** The other end of a veth pair names this end: a guess that the kernel then confirms. */
static uint32_t guess(const struct gather *g, const struct pair *p)
{
	const struct snap_link *link = &g->snap->links[p->link];

	for (uint32_t i = 0; i < g->snap->n_links; i++) {
		const struct snap_link *other = &g->snap->links[i];

		if (other->netns != link->netns && other->netnsid >= 0 &&
		    other->ifindex == link->lower_ifindex &&
		    other->lower_ifindex == link->ifindex) {
			return other->netns;
		}
	}
	return SNAP_NONE;
}

static void search_pair(struct gather *g, struct nl *nl, struct pairs *pairs, struct pair *p)
{
	uint32_t first = guess(g, p);

	if (first != SNAP_NONE && answers(g, nl, p, first)) {
		p->target = first;
		return;
	}
	for (uint32_t i = 0; i < g->n_rows; i++) {
		if (pairs->n_questions++ >= GATHER_MAX_NSID_QUESTIONS) {
			return;
		}
		if (answers(g, nl, p, i)) {
			p->target = i;
			return;
		}
	}
}

/** Ask inside the namespace of @p p for it and its neighbours of the same namespace. */
static int search_netns(struct gather *g, struct pairs *pairs, uint32_t first, uint32_t n)
{
	struct err ignored = {0};
	uint32_t netns = pairs->rows[first].netns;
	AUTO_NL struct nl *nl = NULL;

	/* The descriptor is closed before others are opened; the socket keeps the namespace. */
	{
		AUTO_FD int fd = netns_open(&g->rows[netns].found, &ignored);

		if (fd < 0 || gather_open_nl(g, fd, NULL, &nl, &ignored) < 0) {
			return 0;
		}
	}
	for (uint32_t i = first; i < first + n; i++) {
		if (pairs->rows[i].target == SNAP_NONE) {
			search_pair(g, nl, pairs, &pairs->rows[i]);
		}
	}
	/* A link that left in the meantime takes its number with it. */
	int r = collect_check_links(nl, netns, g->snap, &ignored);

	return r == -ENOMEM ? r : 0;
}

static int search_all(struct gather *g, struct pairs *pairs)
{
	int r = 0;

	for (uint32_t i = 0; i < pairs->n && r == 0;) {
		uint32_t n = 0;
		bool open = false;

		while (i + n < pairs->n && pairs->rows[i + n].netns == pairs->rows[i].netns) {
			open = open || pairs->rows[i + n].target == SNAP_NONE;
			n++;
		}
		if (open) {
			r = search_netns(g, pairs, i, n);
		}
		i += n;
	}
	return r;
}

static const struct pair *find_pair(const struct pairs *pairs, uint32_t netns, int32_t nsid)
{
	uint32_t low = 0;
	uint32_t high = pairs->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const struct pair *p = &pairs->rows[mid];

		if (p->netns < netns || (p->netns == netns && p->nsid < nsid)) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low < pairs->n ? &pairs->rows[low] : NULL;
}

static void set_peers(struct gather *g, const struct pairs *pairs)
{
	for (uint32_t i = 0; i < g->snap->n_links; i++) {
		struct snap_link *link = &g->snap->links[i];

		if (!link->has_peer || link->netnsid < 0 || link->dead) {
			continue;
		}
		const struct pair *p = find_pair(pairs, link->netns, link->netnsid);

		if (p != NULL && p->target != SNAP_NONE) {
			link->peer_inode = g->snap->netns[p->target].inode;
		}
	}
}

/**
 * A namespace that is being dismantled answers to nothing while its links are still there. Give
 * the kernel a moment, then look again at the links whose numbers nobody answers to.
 */
static int look_again(struct gather *g, const struct pairs *pairs)
{
	const struct timespec moment = {.tv_nsec = DISMANTLE_NS};
	struct err ignored = {0};
	uint32_t checked = SNAP_NONE;
	int r = 0;

	(void)nanosleep(&moment, NULL);
	for (uint32_t i = 0; i < pairs->n && r != -ENOMEM; i++) {
		const struct pair *p = &pairs->rows[i];

		if (p->target != SNAP_NONE || p->netns == checked) {
			continue;
		}
		AUTO_NL struct nl *nl = NULL;
		AUTO_FD int fd = netns_open(&g->rows[p->netns].found, &ignored);

		checked = p->netns;
		if (fd >= 0 && gather_open_nl(g, fd, NULL, &nl, &ignored) == 0) {
			r = collect_check_links(nl, p->netns, g->snap, &ignored);
		}
	}
	return r == -ENOMEM ? r : 0;
}

/** Nothing we opened answers: somebody keeps a namespace that no process and no mount shows. */
static int unreachable_gap(struct gather *g, const struct pair *p)
{
	const struct snap_link *link = &g->snap->links[p->link];
	char label[128];
	char where[256];
	char error[128];

	(void)snprintf(where, sizeof(where), "%s, %s",
	               snap_netns_label(&g->snap->netns[p->netns], label, sizeof(label)),
	               link->name);
	(void)snprintf(
		error, sizeof(error),
		"its other end is in a namespace (nsid %d) that no process and no mount shows",
		p->nsid);
	return snap_add_gap(g->snap, GAP_NETNS_UNREACHABLE, where, error);
}

static int count_unknown(struct gather *g, const struct pairs *pairs, bool gaps, uint32_t *ret)
{
	int r = 0;

	*ret = 0;
	for (uint32_t i = 0; i < pairs->n && r == 0; i++) {
		const struct pair *p = &pairs->rows[i];

		if (p->target != SNAP_NONE || g->snap->links[p->link].dead) {
			continue;
		}
		(*ret)++;
		if (gaps) {
			r = unreachable_gap(g, p);
		}
	}
	return r;
}

int peers_resolve(struct gather *g, bool last, uint32_t *ret_unknown)
{
	struct pairs pairs = {0};
	int r = list_pairs(g->snap, &pairs);
	uint32_t home = home_row(g);

	for (uint32_t i = 0; i < pairs.n; i++) {
		pairs.rows[i].target = settle_by_home(g, &pairs.rows[i], home);
	}
	/* With --netns a peer may be in a namespace that was not asked for: no search, no gap. */
	if (r == 0 && !g->restricted) {
		r = search_all(g, &pairs);
	}
	if (r == 0) {
		set_peers(g, &pairs);
		r = count_unknown(g, &pairs, false, ret_unknown);
	}
	if (r == 0 && last && *ret_unknown > 0 && !g->restricted) {
		r = look_again(g, &pairs);
		r = r == 0 ? count_unknown(g, &pairs, true, ret_unknown) : r;
	}
	free(pairs.rows);
	return r;
}
