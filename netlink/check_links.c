/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/collect.h"

#include "netlink/decode.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>

static int alive_row(const struct nlmsghdr *nlh, void *arg, struct err *err)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct ids *alive = arg;

	if (nlh->nlmsg_type != RTM_NEWLINK) {
		return 0;
	}
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi)) {
		return err_set(err, -EBADMSG, "RTM_NEWLINK: short header");
	}
	return ids_push(alive, (uint32_t)ifi->ifi_index);
}

static int compare_id(const void *key, const void *row)
{
	uint32_t x = *(const uint32_t *)key;
	uint32_t y = *(const uint32_t *)row;

	return (x > y) - (x < y);
}

int collect_check_links(struct nl *nl, uint32_t netns, struct snapshot *snap, struct err *err)
{
	alignas(16) char buf[LINK_REQUEST_BYTES];
	struct ids alive = {0};
	int r = nl_dump(nl, link_put_dump(buf), alive_row, &alive, err);

	ids_sort(&alive);
	for (uint32_t i = 0; r == 0 && i < snap->n_links; i++) {
		struct snap_link *link = &snap->links[i];

		if (link->netns == netns &&
		    (alive.n == 0 || bsearch(&link->ifindex, alive.rows, alive.n,
		                             sizeof(*alive.rows), compare_id) == NULL)) {
			link->dead = true;
		}
	}
	free(alive.rows);
	return r;
}
