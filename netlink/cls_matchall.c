/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/decode.h"

#include <linux/pkt_cls.h>

static const struct attr_want matchall_want[] = {
	[TCA_MATCHALL_CLASSID] = ATTR_U32,
	[TCA_MATCHALL_ACT] = ATTR_ANY,
	[TCA_MATCHALL_FLAGS] = ATTR_U32,
};

int cls_matchall(const struct cls_kind *self, const struct nlattr *options, struct cls_result *res,
                 struct err *err)
{
	const struct nlattr *tb[COUNT_OF(matchall_want)];
	int r = attrs_nested(options, matchall_want, COUNT_OF(matchall_want), tb, err);

	(void)self;
	if (r < 0) {
		return r;
	}
	res->entry->match = MATCH_ALL;
	cls_flags(res->entry, attrs_u32(tb[TCA_MATCHALL_FLAGS], 0));
	res->entry->classid = attrs_u32(tb[TCA_MATCHALL_CLASSID], 0);
	res->actions = tb[TCA_MATCHALL_ACT];
	return 0;
}
