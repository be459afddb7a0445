/* SPDX-License-Identifier: Apache-2.0 */
#include "model/abi.h"
#include "netlink/decode.h"

#include <assert.h>
#include <errno.h>
#include <linux/pkt_sched.h>

/** A message that does not fit is a gap, as it would be live. */
static int replay_done(struct collector *c, int r, struct err *err)
{
	if (r != -EBADMSG) {
		return r;
	}
	r = snap_add_gap(c->snap, GAP_NOT_UNDERSTOOD, "capture", err != NULL ? err->text : NULL);
	if (err != NULL) {
		err->code = 0;
		err->text[0] = '\0';
	}
	return r;
}

/** Is this the list that a message with @p parent is about? */
static bool hook_is(const struct snap_hook *hook, uint32_t parent)
{
	switch (hook->type) {
	case HOOK_CLSACT_INGRESS:
		return parent == ABI_H_INGRESS;
	case HOOK_CLSACT_EGRESS:
		return parent == ABI_H_EGRESS;
	case HOOK_INGRESS:
		/* One block for all classes; the kernel names the one asked for last. */
		return TC_H_MAJ(parent) == TC_H_MAJ(ABI_H_INGRESS);
	case HOOK_QDISC:
		return hook->classid == parent && hook->block == 0;
	case HOOK_XDP:
	case HOOK_TCX_INGRESS:
	case HOOK_TCX_EGRESS:
	case HOOK_NETKIT_PRIMARY:
	case HOOK_NETKIT_PEER:
		return false;
	}
	return false;
}

static uint32_t find_hook(const struct snapshot *snap, uint32_t link, uint32_t parent)
{
	for (uint32_t i = snap->n_hooks; i > 0; i--) {
		if (snap->hooks[i - 1].link == link && hook_is(&snap->hooks[i - 1], parent)) {
			return i - 1;
		}
	}
	return SNAP_NONE;
}

static uint32_t last_entry(const struct snapshot *snap, uint32_t hook)
{
	for (uint32_t i = snap->n_entries; i > 0; i--) {
		if (snap->entries[i - 1].hook == hook) {
			return i - 1;
		}
	}
	return SNAP_NONE;
}

/** One filter; @p hook may have to be made first. Its chain exists with it. */
static int deliver_filter(struct collector *c, const struct nlmsghdr *nlh, uint32_t hook,
                          const struct snap_hook *shape, uint32_t *ret_hook, struct err *err)
{
	struct filter_sink sink = {
		.c = c,
		.hook = *shape,
		.hook_idx = hook,
		.last_entry = hook != SNAP_NONE ? last_entry(c->snap, hook) : SNAP_NONE,
	};
	uint32_t chain = 0;
	int understood = filter_decode(&sink, nlh, err);
	int r = 0;

	if (sink.hook_idx != SNAP_NONE && understood != -ENOMEM) {
		*ret_hook = sink.hook_idx;
		r = last_entry(c->snap, sink.hook_idx) != SNAP_NONE
		            ? chain_decode(nlh, &chain, NULL)
		            : -EBADMSG;
		r = r == 0 ? chain_add(c->snap, sink.hook_idx, chain) : 0;
	}
	return r < 0 ? r : understood;
}

/** To every hook that runs the shared block. */
static int deliver_shared(struct collector *c, const struct nlmsghdr *nlh, uint32_t block,
                          struct err *err)
{
	int r = 0;

	for (uint32_t i = 0; i < c->snap->n_hooks && r == 0; i++) {
		const struct snap_hook hook = c->snap->hooks[i];
		uint32_t chain = 0;
		uint32_t same = i;

		if (hook.block != block || block == 0 ||
		    c->snap->links[hook.link].netns != c->netns) {
			continue;
		}
		if (nlh->nlmsg_type == RTM_NEWTFILTER) {
			r = deliver_filter(c, nlh, i, &hook, &same, err);
		} else {
			r = chain_decode(nlh, &chain, err);
			r = r == 0 ? chain_add(c->snap, i, chain) : r;
		}
	}
	return r;
}

/**
 * A chain on a device names the qdisc, not the direction or class (tc_chain_fill_node() in
 * net/sched/cls_api.c). Chains are asked for right after the filters, so it is the same hook.
 */
static int replay_chain(struct collector *c, struct collect_replay *ctx, const struct nlmsghdr *nlh,
                        struct err *err)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	const struct snap_hook *hook;
	uint32_t chain = 0;
	int r = chain_decode(nlh, &chain, err);

	if (r < 0) {
		return r;
	}
	hook = ctx->last_hook > 0 ? &c->snap->hooks[ctx->last_hook - 1] : NULL;
	if (hook == NULL || hook->link != link_find(c, (uint32_t)tcm->tcm_ifindex) ||
	    (hook->type == HOOK_QDISC && TC_H_MAJ(hook->classid) != TC_H_MAJ(tcm->tcm_parent))) {
		ctx->n_ignored++;
		return 0;
	}
	return chain_add(c->snap, ctx->last_hook - 1, chain);
}

static int replay_block(struct collector *c, struct collect_replay *ctx, const struct nlmsghdr *nlh,
                        struct err *err)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	struct snap_hook shape = {.type = HOOK_QDISC};
	uint32_t hook;
	int r;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*tcm)) {
		return err_set(err, -EBADMSG, "message %u: short header", nlh->nlmsg_type);
	}
	if ((uint32_t)tcm->tcm_ifindex == ABI_IFINDEX_BLOCK) {
		return deliver_shared(c, nlh, tcm->tcm_parent, err);
	}
	if (nlh->nlmsg_type == RTM_NEWCHAIN) {
		return replay_chain(c, ctx, nlh, err);
	}
	shape.link = link_find(c, (uint32_t)tcm->tcm_ifindex);
	shape.classid = tcm->tcm_parent;
	hook = shape.link != SNAP_NONE ? find_hook(c->snap, shape.link, tcm->tcm_parent)
	                               : SNAP_NONE;
	if (shape.link == SNAP_NONE ||
	    (hook == SNAP_NONE && TC_H_MAJ(tcm->tcm_parent) == TC_H_MAJ(ABI_H_INGRESS))) {
		ctx->n_ignored++; /* its link or its clsact never came */
		return 0;
	}
	r = deliver_filter(c, nlh, hook, &shape, &hook, err);
	ctx->last_hook = hook != SNAP_NONE ? hook + 1 : ctx->last_hook;
	return r;
}

/** Links are listed more than once when somebody looked whether they are still there. */
static int replay_link(struct collector *c, const struct nlmsghdr *nlh, uint32_t *n_ignored,
                       struct err *err)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(*ifi) &&
	    (ifi->ifi_family != AF_UNSPEC || link_find(c, (uint32_t)ifi->ifi_index) != SNAP_NONE)) {
		(*n_ignored)++;
		return 0;
	}
	return link_decode(c, nlh, err);
}

int collect_replay_message(struct collect_replay *ctx, const struct nlmsghdr *nlh, struct err *err)
{
	struct collector c = {.snap = ctx->snap, .netns = ctx->netns, .last_link = SNAP_NONE};
	struct err own = {0};
	int r = 0;

	assert(ctx->netns < ctx->snap->n_netns);
	err = err != NULL ? err : &own;
	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
		r = replay_link(&c, nlh, &ctx->n_ignored, err);
		break;
	case RTM_NEWQDISC:
		r = qdisc_decode(&c, nlh, err);
		break;
	case RTM_NEWTFILTER:
	case RTM_NEWCHAIN:
		r = replay_block(&c, ctx, nlh, err);
		break;
	default:
		ctx->n_ignored++;
		break;
	}
	return replay_done(&c, r, err);
}
