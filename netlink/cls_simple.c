/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/decode.h"

#include <errno.h>
#include <linux/pkt_cls.h>
#include <string.h>

/** Attribute numbers of these classifiers are all below this. */
#define MAX_ATTRS 32

static const struct attr_want ematch_want[] = {
	[TCA_EMATCH_TREE_HDR] = ATTR_STRUCT(sizeof(struct tcf_ematch_tree_hdr)),
};

/** The kernel writes the tree's header even for a tree without conditions. */
static int count_ematches(const struct nlattr *tree, uint16_t *ret_n, struct err *err)
{
	const struct nlattr *tb[COUNT_OF(ematch_want)];
	struct tcf_ematch_tree_hdr hdr = {0};
	int r = attrs_nested(tree, ematch_want, COUNT_OF(ematch_want), tb, err);

	if (r == 0 && tb[TCA_EMATCH_TREE_HDR] != NULL) {
		memcpy(&hdr, mnl_attr_get_payload(tb[TCA_EMATCH_TREE_HDR]), sizeof(hdr));
	}
	*ret_n = hdr.nmatches;
	return r;
}

int cls_simple(const struct cls_kind *self, const struct nlattr *options, struct cls_result *res,
               struct err *err)
{
	static const struct attr_want number = ATTR_U32;
	static const struct attr_want nest = ATTR_ANY;
	const struct cls_layout *at = &self->layout;
	struct attr_want want[MAX_ATTRS] = {0};
	const struct nlattr *tb[MAX_ATTRS];
	uint16_t n_ematches = 0;
	int r;

	want[at->classid] = number;
	want[at->flags] = number;
	want[at->actions] = nest;
	want[at->police] = nest;
	want[at->ematches] = nest;
	want[0] = (struct attr_want){0}; /* "there is none" */

	r = attrs_nested(options, want, COUNT_OF(want), tb, err);
	if (r == 0) {
		r = count_ematches(tb[at->ematches], &n_ematches, err);
	}
	if (r < 0) {
		return r;
	}
	res->entry->match = n_ematches > 0 ? MATCH_SOME : at->match;
	cls_flags(res->entry, attrs_u32(tb[at->flags], 0));
	res->entry->classid = attrs_u32(tb[at->classid], 0);
	res->actions = tb[at->actions];
	res->police = tb[at->police];
	return 0;
}
