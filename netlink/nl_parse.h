/* SPDX-License-Identifier: Apache-2.0 */
/**
 * nl_parse.h - one received datagram, taken apart; private to netlink/.
 *
 * Split from the socket because nothing but a kernel can answer on one: this half is pure and is
 * tested with datagrams made by hand.
 */
#ifndef TCAUDIT_NETLINK_NL_PARSE_H
#define TCAUDIT_NETLINK_NL_PARSE_H

#include "netlink/nl.h"

#include <stdbool.h>

/** What is asked, and how the answer stands. */
struct nl_answer {
	const char *what; /**< The request in words, "RTM_GETLINK dump". */
	uint32_t port;    /**< Port of our socket: answers carry it. */
	uint32_t seq;     /**< Sequence number of the request. */
	bool dump;        /**< Ends with NLMSG_DONE; else with an acknowledgement. */
	bool refused;     /**< Set when the kernel's own answer was the failure. */
};

/**
 * Take one datagram apart and hand each row to @p fn.
 *
 * @param bytes aligned to 4.
 * @return 1: the answer is complete; 0: more to come; else as nl_dump().
 */
ATTR_MUSTUSE int nl_parse(const void *bytes, size_t len, struct nl_answer *answer, nl_row_fn *fn,
                          void *arg, struct err *err);

/** "Operation not permitted", or the number as text in @p buf. */
const char *nl_errno_text(int code, char *buf, size_t size);

#endif
