/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/decode.h"

#include <linux/pkt_cls.h>

/** Everything that is no condition; the kind of packet is one that the protocol says already. */
static const struct attr_want flower_want[] = {
	[TCA_FLOWER_CLASSID] = ATTR_U32,      [TCA_FLOWER_ACT] = ATTR_ANY,
	[TCA_FLOWER_KEY_ETH_TYPE] = ATTR_U16, [TCA_FLOWER_FLAGS] = ATTR_U32,
	[TCA_FLOWER_IN_HW_COUNT] = ATTR_U32,
};

int cls_flower(const struct cls_kind *self, const struct nlattr *options, struct cls_result *res,
               struct err *err)
{
	const struct nlattr *tb[COUNT_OF(flower_want)];
	int r = attrs_nested(options, flower_want, COUNT_OF(flower_want), tb, err);

	(void)self;
	if (r < 0) {
		return r;
	}
	/* fl_dump() writes a key only when its mask is not zero; new keys are conditions too. */
	res->entry->match = attrs_has_other(options, flower_want, COUNT_OF(flower_want))
	                            ? MATCH_SOME
	                            : MATCH_ALL;
	cls_flags(res->entry, attrs_u32(tb[TCA_FLOWER_FLAGS], 0));
	res->entry->classid = attrs_u32(tb[TCA_FLOWER_CLASSID], 0);
	res->actions = tb[TCA_FLOWER_ACT];
	return 0;
}
