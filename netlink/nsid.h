/* SPDX-License-Identifier: Apache-2.0 */
/**
 * nsid.h - which namespace a link's IFLA_LINK_NETNSID means, and whether we opened it.
 */
#ifndef TCAUDIT_NETLINK_NSID_H
#define TCAUDIT_NETLINK_NSID_H

#include "model/err.h"
#include "netlink/nl.h"

/**
 * Ask the kernel which nsid the namespace of @p nl has given to the namespace of @p fd
 * (RTM_GETNSID with NETNSA_FD; allocates nothing).
 *
 * @return 0 and the number in @p ret_nsid, -1 when it has none; or a negative errno.
 */
ATTR_MUSTUSE int nsid_get(struct nl *nl, int fd, int32_t *ret_nsid, struct err *err);

#endif
