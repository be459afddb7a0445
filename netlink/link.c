/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/decode.h"

#include <errno.h>
#include <fnmatch.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <string.h>

static const struct attr_want link_want[] = {
	[IFLA_IFNAME] = ATTR_TEXT,  [IFLA_LINK] = ATTR_U32,         [IFLA_MASTER] = ATTR_U32,
	[IFLA_LINKINFO] = ATTR_ANY, [IFLA_LINK_NETNSID] = ATTR_U32, [IFLA_XDP] = ATTR_ANY,
};

static const struct attr_want info_want[] = {[IFLA_INFO_KIND] = ATTR_TEXT};

static const struct attr_want xdp_want[] = {
	[IFLA_XDP_ATTACHED] = ATTR_U8,     [IFLA_XDP_PROG_ID] = ATTR_U32,
	[IFLA_XDP_DRV_PROG_ID] = ATTR_U32, [IFLA_XDP_SKB_PROG_ID] = ATTR_U32,
	[IFLA_XDP_HW_PROG_ID] = ATTR_U32,
};

/** Ways an XDP program hangs on a device, in the order in which they run. */
static const struct {
	uint16_t attr;
	uint8_t attached;
	const char *mode;
} xdp_modes[] = {
	{IFLA_XDP_HW_PROG_ID, XDP_ATTACHED_HW, "offload"},
	{IFLA_XDP_DRV_PROG_ID, XDP_ATTACHED_DRV, "native"},
	{IFLA_XDP_SKB_PROG_ID, XDP_ATTACHED_SKB, "generic"},
};

/** Kinds that come in pairs; IFLA_LINK is the other end. */
static const char *const pair_kinds[] = {"netkit", "veth", "vxcan"};

static uint32_t find_sorted(const struct collector *c, uint32_t ifindex)
{
	uint32_t low = 0;
	uint32_t high = c->n_by_ifindex;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		uint32_t at = (uint32_t)(c->by_ifindex[mid] >> 32);

		if (at == ifindex) {
			return (uint32_t)c->by_ifindex[mid];
		}
		if (at < ifindex) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return SNAP_NONE;
}

uint32_t link_find(struct collector *c, uint32_t ifindex)
{
	const struct snap_link *links = c->snap->links;
	uint32_t found = SNAP_NONE;

	if (c->last_link != SNAP_NONE && links[c->last_link].ifindex == ifindex) {
		return c->last_link;
	}
	if (c->by_ifindex != NULL) {
		found = find_sorted(c, ifindex);
	} else {
		for (uint32_t i = c->snap->n_links; i > c->first_link && found == SNAP_NONE; i--) {
			if (links[i - 1].netns == c->netns && links[i - 1].ifindex == ifindex) {
				found = i - 1;
			}
		}
	}
	if (found != SNAP_NONE) {
		c->last_link = found;
	}
	return found;
}

static bool dev_selected(const struct collect_options *opts, const char *name)
{
	if (opts == NULL || opts->n_devs == 0) {
		return true;
	}
	for (uint32_t i = 0; i < opts->n_devs; i++) {
		if (fnmatch(opts->devs[i], name, 0) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_pair_kind(const char *kind)
{
	for (size_t i = 0; kind != NULL && i < COUNT_OF(pair_kinds); i++) {
		if (strcmp(kind, pair_kinds[i]) == 0) {
			return true;
		}
	}
	return false;
}

static int decode_kind(struct snapshot *snap, const struct nlattr *info, const char **ret_kind,
                       struct err *err)
{
	const struct nlattr *tb[COUNT_OF(info_want)];
	int r = attrs_nested(info, info_want, COUNT_OF(info_want), tb, err);

	if (r < 0 || tb[IFLA_INFO_KIND] == NULL) {
		return r;
	}
	*ret_kind = attrs_import(&snap->arena, tb[IFLA_INFO_KIND]);
	return *ret_kind != NULL ? 0 : -ENOMEM;
}

/** The other end of a pair: in our own namespace unless the kernel names another one. */
static void decode_peer(const struct collector *c, const struct nlattr *const tb[],
                        struct snap_link *row)
{
	if (!is_pair_kind(row->kind) || row->lower_ifindex == 0) {
		return;
	}
	row->has_peer = true;
	row->peer_ifindex = row->lower_ifindex;
	if (tb[IFLA_LINK_NETNSID] == NULL) {
		row->peer_inode = c->snap->netns[c->netns].inode;
	}
}

static int add_xdp_entry(struct snapshot *snap, uint32_t hook, const char *mode, uint32_t prog_id)
{
	const struct snap_entry row = {
		.hook = hook,
		.order = snap->n_entries > 0 && snap->entries[snap->n_entries - 1].hook == hook
	                         ? snap->entries[snap->n_entries - 1].order + 1
	                         : 0,
		.kind = "bpf",
		.direct_action = true,
		.mode = mode,
		.prog_id = prog_id,
	};

	return snap_add_entry(snap, &row, NULL);
}

/** IFLA_XDP: rtnl_xdp_fill() in net/core/rtnetlink.c. */
static int decode_xdp(struct snapshot *snap, uint32_t link, const struct nlattr *xdp,
                      struct err *err)
{
	const struct snap_hook hook = {.link = link, .type = HOOK_XDP};
	const struct nlattr *tb[COUNT_OF(xdp_want)];
	uint32_t hook_idx = SNAP_NONE;
	int r = attrs_nested(xdp, xdp_want, COUNT_OF(xdp_want), tb, err);
	uint8_t attached;
	bool per_mode;

	if (r < 0) {
		return r;
	}
	attached = attrs_u8(tb[IFLA_XDP_ATTACHED], XDP_ATTACHED_NONE);
	if (attached == XDP_ATTACHED_NONE) {
		return 0;
	}
	r = snap_add_hook(snap, &hook, &hook_idx);
	/* Before 4.19 there is one program, and no number per mode. */
	per_mode = tb[IFLA_XDP_DRV_PROG_ID] || tb[IFLA_XDP_SKB_PROG_ID] || tb[IFLA_XDP_HW_PROG_ID];
	for (size_t i = 0; i < COUNT_OF(xdp_modes) && r == 0; i++) {
		if (per_mode && tb[xdp_modes[i].attr] != NULL) {
			r = add_xdp_entry(snap, hook_idx, xdp_modes[i].mode,
			                  mnl_attr_get_u32(tb[xdp_modes[i].attr]));
		} else if (!per_mode && attached == xdp_modes[i].attached) {
			r = add_xdp_entry(snap, hook_idx, xdp_modes[i].mode,
			                  attrs_u32(tb[IFLA_XDP_PROG_ID], 0));
		}
	}
	return r;
}

int link_decode(struct collector *c, const struct nlmsghdr *nlh, struct err *err)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[COUNT_OF(link_want)];
	struct snap_link row = {.netns = c->netns, .netnsid = -1};
	uint32_t link = SNAP_NONE;
	int r = attrs_index(nlh, sizeof(*ifi), link_want, COUNT_OF(link_want), tb, err);

	if (r < 0) {
		return r;
	}
	if (ifi->ifi_index <= 0 || tb[IFLA_IFNAME] == NULL) {
		return err_set(err, -EBADMSG, "RTM_NEWLINK: no number or no name");
	}
	row.ifindex = (uint32_t)ifi->ifi_index;
	row.up = (ifi->ifi_flags & IFF_UP) != 0;
	row.lower_ifindex = attrs_u32(tb[IFLA_LINK], 0);
	row.master = attrs_u32(tb[IFLA_MASTER], 0);
	if (tb[IFLA_LINK_NETNSID] != NULL) {
		row.netnsid = (int32_t)mnl_attr_get_u32(tb[IFLA_LINK_NETNSID]);
	}
	row.name = attrs_import(&c->snap->arena, tb[IFLA_IFNAME]);
	if (row.name == NULL) {
		return -ENOMEM;
	}
	if (!dev_selected(c->opts, row.name)) {
		return 0;
	}
	r = decode_kind(c->snap, tb[IFLA_LINKINFO], &row.kind, err);
	if (r < 0) {
		return r;
	}
	decode_peer(c, tb, &row);
	r = snap_add_link(c->snap, &row, &link);
	return r < 0 ? r : decode_xdp(c->snap, link, tb[IFLA_XDP], err);
}

struct nlmsghdr *link_put_dump(char buf[LINK_REQUEST_BYTES])
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	nlh->nlmsg_type = RTM_GETLINK;
	ifi->ifi_family = AF_UNSPEC;
	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return nlh;
}
