/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/decode.h"

#include <errno.h>
#include <linux/pkt_cls.h>
#include <string.h>

static const struct attr_want u32_want[] = {
	[TCA_U32_CLASSID] = ATTR_U32, [TCA_U32_LINK] = ATTR_U32,
	[TCA_U32_DIVISOR] = ATTR_U32, [TCA_U32_SEL] = ATTR_STRUCT(sizeof(struct tc_u32_sel)),
	[TCA_U32_POLICE] = ATTR_ANY,  [TCA_U32_ACT] = ATTR_ANY,
	[TCA_U32_INDEV] = ATTR_ANY,   [TCA_U32_MARK] = ATTR_STRUCT(sizeof(struct tc_u32_mark)),
	[TCA_U32_FLAGS] = ATTR_U32,
};

/** Numbers of hash tables from here on are given by the kernel: gen_new_htid() in cls_u32.c. */
#define FIRST_OWN_HTID 0x800u

/** Are all keys of the selector without a condition? */
static bool keys_match_all(const struct nlattr *sel_attr)
{
	const unsigned char *bytes = mnl_attr_get_payload(sel_attr);
	size_t room = mnl_attr_get_payload_len(sel_attr) - sizeof(struct tc_u32_sel);
	struct tc_u32_sel sel;

	memcpy(&sel, bytes, sizeof(sel));
	/* Without the flag a match does not end the search, nor does it run the actions. */
	if ((sel.flags & TC_U32_TERMINAL) == 0 || sel.nkeys > room / sizeof(struct tc_u32_key)) {
		return false;
	}
	for (size_t i = 0; i < sel.nkeys; i++) {
		struct tc_u32_key key;

		memcpy(&key, bytes + sizeof(sel) + i * sizeof(key), sizeof(key));
		if (key.mask != 0) {
			return false;
		}
	}
	return true;
}

static bool mark_matches_all(const struct nlattr *attr)
{
	struct tc_u32_mark mark = {0};

	if (attr != NULL) {
		memcpy(&mark, mnl_attr_get_payload(attr), sizeof(mark));
	}
	return mark.mask == 0;
}

int cls_u32(const struct cls_kind *self, const struct nlattr *options, struct cls_result *res,
            struct err *err)
{
	const struct nlattr *tb[COUNT_OF(u32_want)];
	int r = attrs_nested(options, u32_want, COUNT_OF(u32_want), tb, err);

	(void)self;
	if (r < 0) {
		return r;
	}
	if (tb[TCA_U32_DIVISOR] != NULL) {
		res->no_filter = true; /* a hash table */
		return 0;
	}
	/* Packets come to a table of a person's own only through a link from another filter. */
	res->entry->match = tb[TCA_U32_SEL] != NULL && keys_match_all(tb[TCA_U32_SEL]) &&
	                                    tb[TCA_U32_LINK] == NULL && tb[TCA_U32_INDEV] == NULL &&
	                                    mark_matches_all(tb[TCA_U32_MARK]) &&
	                                    res->entry->handle >> 20 >= FIRST_OWN_HTID
	                            ? MATCH_ALL
	                            : MATCH_SOME;
	cls_flags(res->entry, attrs_u32(tb[TCA_U32_FLAGS], 0));
	res->entry->classid = attrs_u32(tb[TCA_U32_CLASSID], 0);
	res->actions = tb[TCA_U32_ACT];
	res->police = tb[TCA_U32_POLICE];
	return 0;
}
