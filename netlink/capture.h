/* SPDX-License-Identifier: Apache-2.0 */
/**
 * capture.h - netlink datagrams as a pcap file with LINKTYPE_NETLINK (253), through libpcap.
 *
 * Each packet is the 16-byte pseudo header that Wireshark expects (packet type, ARPHRD_NETLINK,
 * six unused bytes of address and its length, netlink family; big endian) and the datagram.
 */
#ifndef TCAUDIT_NETLINK_CAPTURE_H
#define TCAUDIT_NETLINK_CAPTURE_H

#include "model/err.h"

#include <stddef.h>

struct capture;

/** Create @p path (mode 0600, must not exist). @return 0, or a negative errno. */
ATTR_MUSTUSE int capture_create(const char *path, struct capture **ret_cap, struct err *err);
/** Append one datagram; remembers the first failure, which capture_close() returns. */
void capture_write(struct capture *cap, const void *bytes, size_t len);
/** @return 0 or the first failure of all writes; NULL is fine. */
int capture_close(struct capture *cap, struct err *err);

/** Called for each datagram of a file, pseudo header removed. */
typedef int capture_fn(const void *bytes, size_t len, void *arg, struct err *err);
/** Read a capture. @return 0, -EBADMSG for another link type or a broken file, or fn's result. */
ATTR_MUSTUSE int capture_read(const char *path, capture_fn *fn, void *arg, struct err *err);

#endif
