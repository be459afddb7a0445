/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/nsid.h"

#include "netlink/attrs.h"

#include <errno.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdalign.h>

/** Answer being read. */
struct nsid_answer {
	bool seen;
	int32_t nsid;
};

static int nsid_row(const struct nlmsghdr *nlh, void *arg, struct err *err)
{
	static const struct attr_want want[] = {[NETNSA_NSID] = ATTR_U32};
	const struct nlattr *tb[COUNT_OF(want)];
	struct nsid_answer *answer = arg;
	int r;

	if (nlh->nlmsg_type != RTM_NEWNSID) {
		return 0;
	}
	r = attrs_index(nlh, sizeof(struct rtgenmsg), want, COUNT_OF(want), tb, err);
	if (r < 0) {
		return r;
	}
	if (tb[NETNSA_NSID] != NULL) {
		answer->seen = true;
		answer->nsid = (int32_t)mnl_attr_get_u32(tb[NETNSA_NSID]);
	}
	return 0;
}

int nsid_get(struct nl *nl, int fd, int32_t *ret_nsid, struct err *err)
{
	alignas(16) char buf[64];
	struct nlmsghdr *req = mnl_nlmsg_put_header(buf);
	struct rtgenmsg *gen = mnl_nlmsg_put_extra_header(req, sizeof(*gen));
	struct nsid_answer answer = {0};
	int r;

	req->nlmsg_type = RTM_GETNSID;
	gen->rtgen_family = 0; /* AF_UNSPEC */
	mnl_attr_put_u32(req, NETNSA_FD, (uint32_t)fd);

	r = nl_get(nl, req, nsid_row, &answer, err);
	if (r < 0) {
		return r;
	}
	if (!answer.seen) {
		return err_set(err, -EBADMSG, "RTM_GETNSID: answer without a number");
	}
	*ret_nsid = answer.nsid >= 0 ? answer.nsid : -1;
	return 0;
}
