/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/nl_parse.h"

#include "netlink/attrs.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

const char *nl_errno_text(int code, char *buf, size_t size)
{
	const char *text = strerrordesc_np(code < 0 && code != INT_MIN ? -code : code);

	if (text != NULL) {
		return text;
	}
	(void)snprintf(buf, size, "error %d", code);
	return buf;
}

/** Extended acknowledgement behind the first @p skip bytes of payload; NULL when there is none. */
static const char *ext_ack(const struct nlmsghdr *nlh, size_t skip)
{
	static const struct attr_want want[] = {[NLMSGERR_ATTR_MSG] = ATTR_TEXT};
	const struct nlattr *tb[COUNT_OF(want)];

	if ((nlh->nlmsg_flags & NLM_F_ACK_TLVS) == 0 ||
	    attrs_index(nlh, skip, want, COUNT_OF(want), tb, NULL) < 0) {
		return NULL;
	}
	return tb[NLMSGERR_ATTR_MSG] ? mnl_attr_get_payload(tb[NLMSGERR_ATTR_MSG]) : NULL;
}

/** The kernel said no: @p code, and maybe why. */
static int refusal(struct nl_answer *answer, const struct nlmsghdr *nlh, int code, size_t skip,
                   struct err *err)
{
	const char *why = ext_ack(nlh, skip);
	char buf[32];

	if (code > 0 || code < -4095) {
		return err_set(err, -EBADMSG, "%s: impossible error code %d", answer->what, code);
	}
	answer->refused = true;
	return err_set(err, code, "%s: %s%s%s", answer->what, nl_errno_text(code, buf, sizeof(buf)),
	               why ? ": " : "", why ? why : "");
}

/** NLMSG_ERROR: a refusal, or with code 0 the acknowledgement that ends a get. */
static int parse_error(struct nl_answer *answer, const struct nlmsghdr *nlh, struct err *err)
{
	const struct nlmsgerr *body = mnl_nlmsg_get_payload(nlh);
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	size_t skip = sizeof(*body);

	if (len < sizeof(*body)) {
		return err_set(err, -EBADMSG, "%s: error message of %zu bytes", answer->what, len);
	}
	if (body->error == 0) {
		if (answer->dump) {
			return err_set(err, -EBADMSG, "%s: acknowledged without an end",
			               answer->what);
		}
		return 1;
	}
	/* Without NETLINK_CAP_ACK (before 4.3) the whole request is quoted. */
	if ((nlh->nlmsg_flags & NLM_F_CAPPED) == 0 && body->msg.nlmsg_len > sizeof(body->msg)) {
		skip += body->msg.nlmsg_len - sizeof(body->msg);
	}
	return refusal(answer, nlh, body->error, skip, err);
}

/** NLMSG_DONE: the end of a dump, with a code that is negative when it ended too early. */
static int parse_done(struct nl_answer *answer, const struct nlmsghdr *nlh, struct err *err)
{
	int code = 0;

	if (!answer->dump) {
		return err_set(err, -EBADMSG, "%s: end of a dump nobody asked for", answer->what);
	}
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(code)) {
		memcpy(&code, mnl_nlmsg_get_payload(nlh), sizeof(code));
	}
	/* The code is what the dump function returned last: a length when it went well. */
	return code >= 0 ? 1 : refusal(answer, nlh, code, sizeof(code), err);
}

static int parse_message(const struct nlmsghdr *nlh, struct nl_answer *answer, nl_row_fn *fn,
                         void *arg, struct err *err)
{
	if (nlh->nlmsg_seq != answer->seq || nlh->nlmsg_pid != answer->port) {
		return err_set(err, -EBADMSG, "%s: answer to request %u of port %u, not %u of %u",
		               answer->what, nlh->nlmsg_seq, nlh->nlmsg_pid, answer->seq,
		               answer->port);
	}
	if (answer->dump && (nlh->nlmsg_flags & NLM_F_DUMP_INTR) != 0) {
		return err_set(err, -EINTR, "%s: changed while it was read", answer->what);
	}
	switch (nlh->nlmsg_type) {
	case NLMSG_NOOP:
		return 0;
	case NLMSG_OVERRUN:
		return err_set(err, -ENOBUFS, "%s: overrun", answer->what);
	case NLMSG_ERROR:
		return parse_error(answer, nlh, err);
	case NLMSG_DONE:
		return parse_done(answer, nlh, err);
	default:
		return fn(nlh, arg, err);
	}
}

int nl_parse(const void *bytes, size_t len, struct nl_answer *answer, nl_row_fn *fn, void *arg,
             struct err *err)
{
	const unsigned char *at = bytes;

	/* Not mnl_nlmsg_ok(): it takes lengths from 2^31 on as negative and lets them pass. */
	while (len > 0) {
		const struct nlmsghdr *nlh = (const void *)at;
		size_t step;

		if (len < sizeof(*nlh) || nlh->nlmsg_len < sizeof(*nlh) || nlh->nlmsg_len > len) {
			return err_set(err, -EBADMSG, "%s: %zu bytes that are no message",
			               answer->what, len);
		}
		step = MNL_ALIGN((size_t)nlh->nlmsg_len);

		int r = parse_message(nlh, answer, fn, arg, err);

		if (r != 0) {
			return r;
		}
		at += step < len ? step : len;
		len -= step < len ? step : len;
	}
	return 0;
}
