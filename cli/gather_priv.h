/* SPDX-License-Identifier: Apache-2.0 */
/**
 * gather_priv.h - state of one collection, shared by gather.c and peers.c.
 */
#ifndef TCAUDIT_CLI_GATHER_PRIV_H
#define TCAUDIT_CLI_GATHER_PRIV_H

#include "bpf/mprog.h"
#include "cli/gather.h"
#include "netlink/collect.h"
#include "netlink/netns.h"
#include "netlink/nl.h"

/** What is known of a namespace row besides the row: index is that of snapshot.netns. */
struct gathered {
	struct netns_found found; /**< Copy whose strings live in the list of its round. */
	int32_t home_nsid;        /**< Its number in the home namespace, -1 for none. */
	int32_t nsid_of_home;     /**< The home namespace's number in it, -1 for none. */
	bool read;                /**< Its links are in the snapshot. */
};

struct gather {
	const struct options *opts;
	const struct vendors *vendors; /**< Whose processes are looked for. */
	struct ui *ui;
	struct snapshot *snap;
	struct netns_home home;
	struct nl *home_nl; /**< Socket in the home namespace; NULL when it cannot be had. */
	struct collect_options collect;
	struct mprog_features features;
	bool features_known;
	bool restricted; /**< --netns or --max-netns: not every namespace is looked at. */
	struct netns_list lists[GATHER_ROUNDS];
	struct gathered *rows; /**< snap->n_netns of them. */
	uint32_t n_rows, cap_rows;
	int64_t judge_ns; /**< Spent on judging programs. */
};

/** Open a socket inside the namespace of @p fd. */
ATTR_MUSTUSE int gather_open_nl(struct gather *g, int fd, struct capture *rec, struct nl **ret_nl,
                                struct err *err);

/**
 * Find out which namespace each link's nsid means, and set peer_inode of links that have a peer.
 *
 * @param last  record a gap for each nsid that no opened namespace answers to.
 * @param ret_unknown how many such nsids there are.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int peers_resolve(struct gather *g, bool last, uint32_t *ret_unknown);

#endif
