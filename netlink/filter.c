/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/decode.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <string.h>

static const struct attr_want filter_want[] = {
	[TCA_KIND] = ATTR_TEXT,
	[TCA_OPTIONS] = ATTR_ANY,
	[TCA_CHAIN] = ATTR_U32,
};

/** Classifiers whose options we read. A kind of its own shape has a file of its own. */
static const struct cls_kind cls_kinds[] = {
	{.kind = "bpf", .decode = cls_bpf},
	{.kind = "flower", .decode = cls_flower},
	{.kind = "matchall", .decode = cls_matchall},
	{.kind = "u32", .decode = cls_u32},
	{.kind = "basic",
         .decode = cls_simple,
         .layout = {.classid = TCA_BASIC_CLASSID,
                    .actions = TCA_BASIC_ACT,
                    .police = TCA_BASIC_POLICE,
                    .ematches = TCA_BASIC_EMATCHES,
                    .match = MATCH_ALL}},
	{.kind = "cgroup",
         .decode = cls_simple,
         .layout = {.actions = TCA_CGROUP_ACT, .police = TCA_CGROUP_POLICE, .match = MATCH_SOME}},
	{.kind = "flow",
         .decode = cls_simple,
         .layout = {.actions = TCA_FLOW_ACT, .police = TCA_FLOW_POLICE, .match = MATCH_UNKNOWN}},
	{.kind = "fw",
         .decode = cls_simple,
         .layout = {.classid = TCA_FW_CLASSID,
                    .actions = TCA_FW_ACT,
                    .police = TCA_FW_POLICE,
                    .match = MATCH_SOME}},
	{.kind = "route",
         .decode = cls_simple,
         .layout = {.classid = TCA_ROUTE4_CLASSID,
                    .actions = TCA_ROUTE4_ACT,
                    .police = TCA_ROUTE4_POLICE,
                    .match = MATCH_SOME}},
	{.kind = "rsvp",
         .decode = cls_simple,
         .layout = {.classid = TCA_RSVP_CLASSID,
                    .actions = TCA_RSVP_ACT,
                    .police = TCA_RSVP_POLICE,
                    .match = MATCH_SOME}},
	{.kind = "rsvp6",
         .decode = cls_simple,
         .layout = {.classid = TCA_RSVP_CLASSID,
                    .actions = TCA_RSVP_ACT,
                    .police = TCA_RSVP_POLICE,
                    .match = MATCH_SOME}},
	{.kind = "tcindex",
         .decode = cls_simple,
         .layout = {.classid = TCA_TCINDEX_CLASSID,
                    .actions = TCA_TCINDEX_ACT,
                    .police = TCA_TCINDEX_POLICE,
                    .match = MATCH_SOME}},
};

static const struct cls_kind *find_kind(const char *kind)
{
	for (size_t i = 0; i < COUNT_OF(cls_kinds); i++) {
		if (strcmp(cls_kinds[i].kind, kind) == 0) {
			return &cls_kinds[i];
		}
	}
	return NULL;
}

void cls_flags(struct snap_entry *entry, uint32_t flags)
{
	entry->skip_hw = (flags & TCA_CLS_FLAGS_SKIP_HW) != 0;
	entry->skip_sw = (flags & TCA_CLS_FLAGS_SKIP_SW) != 0;
	entry->in_hw = (flags & TCA_CLS_FLAGS_IN_HW) != 0;
}

/** A kind we do not know: actions look the same everywhere, wherever they hang. */
static int decode_unknown(const struct nlattr *options, struct cls_result *res, struct err *err)
{
	const struct nlattr *tb[1];
	int r = attrs_nested(options, NULL, 0, tb, err);

	if (r < 0) {
		return r;
	}
	for (const struct nlattr *attr = attrs_next(options, NULL); attr != NULL;
	     attr = attrs_next(options, attr)) {
		if (actions_plausible(attr)) {
			res->actions = attr;
			return 0;
		}
	}
	return err_set(err, -EBADMSG, "filter of unknown kind %s: its actions are not known",
	               res->entry->kind);
}

/**
 * The kernel lists a priority once without a filter, then its filters (tcf_chain_dump() in
 * net/sched/cls_api.c). That row stays only if none follows: the priority is held all the same.
 */
static bool holds_place(const struct snapshot *snap, uint32_t entry, const struct snap_entry *next)
{
	const struct snap_entry *last;

	if (entry == SNAP_NONE) {
		return false;
	}
	last = &snap->entries[entry];
	return last->handle == 0 && last->match == MATCH_UNKNOWN && last->chain == next->chain &&
	       last->pref == next->pref;
}

static int sink_hook(struct filter_sink *sink)
{
	if (sink->hook_idx != SNAP_NONE) {
		return 0;
	}
	return snap_add_hook(sink->c->snap, &sink->hook, &sink->hook_idx);
}

/** Put the entry behind those of its hook. @return 1 and the row, 0 when the bound is reached. */
static int sink_entry(struct filter_sink *sink, struct snap_entry *row, uint32_t *ret_entry)
{
	struct snapshot *snap = sink->c->snap;
	int r = sink_hook(sink);

	if (r < 0) {
		return r;
	}
	row->hook = sink->hook_idx;
	/*
	 * The kernel lists chains as they were made, and filters of a chain as they run. Packets
	 * enter chain 0, so sealing sorts by chain; equal ones keep the order of the dump.
	 */
	row->order = row->chain;
	if (holds_place(snap, sink->last_entry, row)) {
		snap->entries[sink->last_entry] = *row;
		*ret_entry = sink->last_entry;
		return 1;
	}
	if (snap->n_entries - sink->c->first_entry >= COLLECT_MAX_FILTERS) {
		sink->c->full = true;
		return 0;
	}
	r = snap_add_entry(snap, row, ret_entry);
	if (r < 0) {
		return r;
	}
	sink->last_entry = *ret_entry;
	return 1;
}

static int sink_actions(struct snapshot *snap, uint32_t entry, const struct cls_result *res,
                        struct err *err)
{
	int r = actions_decode_police(snap, entry, res->police, err);

	return r < 0 ? r : actions_decode(snap, entry, res->actions, err);
}

/** Fill in what the message's header says. */
static int decode_header(struct snapshot *snap, const struct tcmsg *tcm,
                         const struct nlattr *const tb[], const struct cls_kind **ret_known,
                         struct snap_entry *row)
{
	const struct cls_kind *known = find_kind(mnl_attr_get_payload(tb[TCA_KIND]));

	row->kind = known != NULL ? known->kind : attrs_import(&snap->arena, tb[TCA_KIND]);
	row->is_filter = true;
	row->protocol = ntohs((uint16_t)(tcm->tcm_info & 0xffff));
	row->pref = tcm->tcm_info >> 16;
	row->handle = tcm->tcm_handle;
	row->chain = attrs_u32(tb[TCA_CHAIN], 0);
	*ret_known = known;
	return row->kind != NULL ? 0 : -ENOMEM;
}

int filter_decode(struct filter_sink *sink, const struct nlmsghdr *nlh, struct err *err)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	const struct cls_kind *known = NULL;
	const struct nlattr *tb[COUNT_OF(filter_want)];
	struct snap_entry row = {0};
	struct cls_result res = {.arena = &sink->c->snap->arena, .entry = &row};
	uint32_t entry = SNAP_NONE;
	int understood = 0;
	int r = attrs_index(nlh, sizeof(*tcm), filter_want, COUNT_OF(filter_want), tb, err);

	if (r < 0) {
		return r;
	}
	if (tb[TCA_KIND] == NULL) {
		return err_set(err, -EBADMSG, "RTM_NEWTFILTER: no kind");
	}
	r = decode_header(sink->c->snap, tcm, tb, &known, &row);
	if (r < 0) {
		return r;
	}
	if (tb[TCA_OPTIONS] != NULL) {
		understood = known != NULL ? known->decode(known, tb[TCA_OPTIONS], &res, err)
		                           : decode_unknown(tb[TCA_OPTIONS], &res, err);
	}
	if (res.no_filter || understood == -ENOMEM) {
		return understood;
	}
	/* An entry half understood is still in the way: keep it, and say what is missing. */
	r = sink_entry(sink, &row, &entry);
	if (r == 1 && understood == 0) {
		r = sink_actions(sink->c->snap, entry, &res, err);
	}
	return r < 0 ? r : understood;
}
