/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/decode.h"

#include "model/abi.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>
#include <string.h>

static const struct attr_want qdisc_want[] = {
	[TCA_KIND] = ATTR_TEXT,
	[TCA_OPTIONS] = ATTR_ANY,
	[TCA_INGRESS_BLOCK] = ATTR_U32,
	[TCA_EGRESS_BLOCK] = ATTR_U32,
};

static const struct attr_want red_want[] = {
	[TCA_RED_EARLY_DROP_BLOCK] = ATTR_U32,
	[TCA_RED_MARK_BLOCK] = ATTR_U32,
};

/**
 * Sorted by kind. Filters need a tcf_block function among the qdisc's class operations; kinds
 * that have none are here so that nobody asks for what cannot exist. Classes have filters of
 * their own where that function looks at the class (net/sched/sch_*.c).
 */
static const struct qdisc_kind {
	const char *kind;
	unsigned traits; /* enum qdisc_trait */
} qdisc_kinds[] = {
	{"atm", QDISC_BLOCK | QDISC_CLASSES},
	{"bfifo", 0},
	{"cake", QDISC_BLOCK},
	{"cbq", QDISC_BLOCK | QDISC_CLASSES},
	{"clsact", QDISC_INGRESS},
	{"codel", 0},
	{"drr", QDISC_BLOCK},
	{"dsmark", QDISC_BLOCK},
	{"ets", QDISC_BLOCK},
	{"fq", 0},
	{"fq_codel", QDISC_BLOCK},
	{"hfsc", QDISC_BLOCK | QDISC_CLASSES},
	{"htb", QDISC_BLOCK | QDISC_CLASSES},
	{"ingress", QDISC_INGRESS},
	{"mq", 0},
	{"mqprio", 0},
	{"multiq", QDISC_BLOCK},
	{"netem", 0},
	{"noqueue", 0},
	{"pfifo", 0},
	{"pfifo_fast", 0},
	{"pfifo_head_drop", 0},
	{"pie", 0},
	{"prio", QDISC_BLOCK},
	{"qfq", QDISC_BLOCK},
	{"red", QDISC_QEVENTS},
	{"sfb", QDISC_BLOCK},
	{"sfq", QDISC_BLOCK},
	{"tbf", 0},
};

static int compare_kind(const void *key, const void *row)
{
	return strcmp(key, ((const struct qdisc_kind *)row)->kind);
}

static const struct qdisc_kind *find_kind(const char *kind)
{
	return bsearch(kind, qdisc_kinds, COUNT_OF(qdisc_kinds), sizeof(qdisc_kinds[0]),
	               compare_kind);
}

unsigned qdisc_traits(const char *kind)
{
	const struct qdisc_kind *known = find_kind(kind);

	return known != NULL ? known->traits : QDISC_BLOCK | QDISC_CLASSES;
}

uint32_t hook_find(const struct collector *c, uint32_t link, enum hook_type type, uint32_t classid)
{
	const struct snap_hook *hooks = c->snap->hooks;

	for (uint32_t i = c->snap->n_hooks; i > c->first_hook && hooks[i - 1].link == link; i--) {
		if (hooks[i - 1].type == type && hooks[i - 1].classid == classid) {
			return i - 1;
		}
	}
	return SNAP_NONE;
}

/** Both hooks of a clsact are there with it, empty or not; a plain ingress has one. */
static int add_ingress_hooks(struct collector *c, const struct snap_qdisc *qdisc)
{
	bool clsact = strcmp(qdisc->kind, "clsact") == 0;
	struct snap_hook hook = {
		.link = qdisc->link,
		.type = clsact ? HOOK_CLSACT_INGRESS : HOOK_INGRESS,
		.block = qdisc->ingress_block,
	};
	int r;

	/* A dump over a list that changes may name one twice, and has no mark for it. */
	if (hook_find(c, qdisc->link, HOOK_CLSACT_INGRESS, 0) != SNAP_NONE ||
	    hook_find(c, qdisc->link, HOOK_INGRESS, 0) != SNAP_NONE) {
		return 0;
	}
	r = snap_add_hook(c->snap, &hook, NULL);
	if (r < 0 || !clsact) {
		return r;
	}
	hook.type = HOOK_CLSACT_EGRESS;
	hook.block = qdisc->egress_block;
	return snap_add_hook(c->snap, &hook, NULL);
}

/**
 * Blocks that red runs when it drops early or marks: tcf_qevent_dump() in net/sched/cls_api.c. A
 * hook has one block, so a second one is only reported.
 */
static int add_qevent_hooks(struct collector *c, const struct snap_qdisc *qdisc,
                            const struct nlattr *options, struct err *err)
{
	const struct nlattr *tb[COUNT_OF(red_want)];
	struct snap_hook hook = {.link = qdisc->link, .type = HOOK_QDISC, .classid = qdisc->handle};
	int r = attrs_nested(options, red_want, COUNT_OF(red_want), tb, err);
	uint32_t mark;

	if (r < 0 || hook_find(c, qdisc->link, HOOK_QDISC, qdisc->handle) != SNAP_NONE) {
		return r;
	}
	hook.block = attrs_u32(tb[TCA_RED_EARLY_DROP_BLOCK], 0);
	mark = attrs_u32(tb[TCA_RED_MARK_BLOCK], 0);
	if (hook.block == 0) {
		hook.block = mark;
	}
	if (hook.block == 0) {
		return 0;
	}
	r = snap_add_hook(c->snap, &hook, NULL);
	if (r == 0 && mark != 0 && mark != hook.block) {
		return err_set(err, -EBADMSG,
		               "qdisc red: filters of block %u, run on marks, are not listed",
		               mark);
	}
	return r;
}

int qdisc_decode(struct collector *c, const struct nlmsghdr *nlh, struct err *err)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[COUNT_OF(qdisc_want)];
	const struct qdisc_kind *known;
	struct snap_qdisc row = {0};
	int r = attrs_index(nlh, sizeof(*tcm), qdisc_want, COUNT_OF(qdisc_want), tb, err);

	if (r < 0) {
		return r;
	}
	row.link = link_find(c, (uint32_t)tcm->tcm_ifindex);
	if (row.link == SNAP_NONE) {
		return 0; /* not selected, or younger than the list of links */
	}
	if (tb[TCA_KIND] == NULL) {
		return err_set(err, -EBADMSG, "RTM_NEWQDISC: no kind");
	}
	known = find_kind(mnl_attr_get_payload(tb[TCA_KIND]));
	row.kind = known != NULL ? known->kind : attrs_import(&c->snap->arena, tb[TCA_KIND]);
	if (row.kind == NULL) {
		return -ENOMEM;
	}
	row.handle = tcm->tcm_handle;
	row.parent = tcm->tcm_parent;
	row.ingress_block = attrs_u32(tb[TCA_INGRESS_BLOCK], 0);
	row.egress_block = attrs_u32(tb[TCA_EGRESS_BLOCK], 0);

	r = snap_add_qdisc(c->snap, &row, NULL);
	if (r == 0 && known != NULL && (known->traits & QDISC_INGRESS) != 0) {
		r = add_ingress_hooks(c, &row);
	}
	if (r == 0 && known != NULL && (known->traits & QDISC_QEVENTS) != 0) {
		r = add_qevent_hooks(c, &row, tb[TCA_OPTIONS], err);
	}
	return r;
}

int class_decode(const struct nlmsghdr *nlh, struct ids *ids, struct err *err)
{
	static const struct attr_want want[] = {[TCA_KIND] = ATTR_TEXT};
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[COUNT_OF(want)];
	int r = attrs_index(nlh, sizeof(*tcm), want, COUNT_OF(want), tb, err);

	if (r < 0) {
		return r;
	}
	if (tb[TCA_KIND] == NULL ||
	    (qdisc_traits(mnl_attr_get_payload(tb[TCA_KIND])) & QDISC_CLASSES) == 0) {
		return 0;
	}
	/* Minor 0 is the qdisc itself, which hfsc lists as its root class. */
	return TC_H_MIN(tcm->tcm_handle) != 0 ? ids_push(ids, tcm->tcm_handle) : 0;
}
