/* SPDX-License-Identifier: Apache-2.0 */
/**
 * nl.h - one rtnetlink socket: dumps and single gets, nothing else.
 *
 * Libmnl's three-valued results, errno, NLMSG_ERROR with its extended acknowledgement, codes in
 * NLMSG_DONE, interrupted dumps, overruns and truncation end here as negative errnos.
 */
#ifndef TCAUDIT_NETLINK_NL_H
#define TCAUDIT_NETLINK_NL_H

#include "model/err.h"

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nl;
struct capture;

/** Size of the receive buffer; one datagram of a dump fits (kernel: at most 32 KiB). */
#define NL_RECV_BYTES 65536

/** Seconds without an answer after which a request fails with -ETIMEDOUT. */
#define NL_TIMEOUT_S 10

/** Called for each message of an answer. @return 0, or a negative errno that ends the dump. */
typedef int nl_row_fn(const struct nlmsghdr *nlh, void *arg, struct err *err);

/**
 * Open a NETLINK_ROUTE socket in the namespace the calling thread is in.
 *
 * @param rec  every datagram received is also written there; NULL for none. Not owned.
 * @return 0 and *ret_nl, or a negative errno.
 */
ATTR_MUSTUSE int nl_open(struct capture *rec, struct nl **ret_nl, struct err *err);
void nl_close(struct nl *nl);

static inline void nl_cleanup(struct nl **nl)
{
	nl_close(*nl);
}
/** Declared and initialised in one line; closed when it goes out of scope. */
#define AUTO_NL __attribute__((cleanup(nl_cleanup)))

/**
 * Can the socket take another request? false after a failure that was not the kernel's own answer
 * to the request: parts of an answer may be waiting. Requests on such a socket are a bug.
 */
bool nl_usable(const struct nl *nl);

/**
 * Send a dump request and hand each row to @p fn. The header's flags, sequence and port are set
 * here: NLM_F_REQUEST | NLM_F_DUMP; anything but a RTM_GET* type is an assertion failure.
 *
 * @param req  a whole request in a buffer of at least req->nlmsg_len bytes.
 * @return 0; -EINTR: the kernel says the dump mixed two states (NLM_F_DUMP_INTR), start over on a
 *         new socket; -ENOBUFS: overrun, the same; -ETIMEDOUT; -EMSGSIZE: truncated datagram;
 *         -EBADMSG: malformed; else the kernel's errno or what @p fn returned. The socket is not
 *         usable after a failure, except after an error the kernel answered with.
 */
ATTR_MUSTUSE int nl_dump(struct nl *nl, struct nlmsghdr *req, nl_row_fn *fn, void *arg,
                         struct err *err);

/** The same for a request with one answer (NLM_F_REQUEST | NLM_F_ACK). */
ATTR_MUSTUSE int nl_get(struct nl *nl, struct nlmsghdr *req, nl_row_fn *fn, void *arg,
                        struct err *err);

#endif
