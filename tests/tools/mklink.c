/* SPDX-License-Identifier: Apache-2.0 */
/**
 * mklink.c - create a netkit pair, which the iproute2 of Debian 12 does not know.
 *
 * Usage: mklink PRIMARY PEER [l2|l3] [pass|drop] [pass|drop]
 * The words are the mode, the policy of the primary and that of the peer when no program is
 * attached. Exit status 77 when this kernel has no netkit, as the live tests' way of skipping.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* drivers/net/netkit.c and linux/if_link.h of 6.7; Debian 12's header ends before them. */
enum {
	NETKIT_PEER_INFO = 1,   /* IFLA_NETKIT_PEER_INFO */
	NETKIT_POLICY = 3,      /* IFLA_NETKIT_POLICY */
	NETKIT_PEER_POLICY = 4, /* IFLA_NETKIT_PEER_POLICY */
	NETKIT_MODE = 5,        /* IFLA_NETKIT_MODE */
};

#define EXIT_SKIP 77

/** A word of the command line and the number the kernel wants for it. */
struct word {
	const char *text;
	uint32_t value;
};

static const struct word modes[] = {{"l2", 0}, {"l3", 1}, {NULL, 0}};
static const struct word policies[] = {{"pass", 0}, {"drop", 2}, {NULL, 0}};

/** The value of @p text, or of the first word when it is missing. Ends the program otherwise. */
static uint32_t parse_word(const struct word *words, const char *text)
{
	for (const struct word *w = words; w->text != NULL; w++) {
		if (text == NULL || strcmp(w->text, text) == 0) {
			return w->value;
		}
	}
	(void)fprintf(stderr, "mklink: no word '%s' here\n", text);
	exit(2);
}

static struct nlmsghdr *build(char *buf, char **words)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	nlh->nlmsg_seq = 1;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, words[0]);

	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "netkit");
	struct nlattr *data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u32(nlh, NETKIT_MODE, parse_word(modes, words[2]));
	mnl_attr_put_u32(nlh, NETKIT_POLICY, parse_word(policies, words[3]));
	mnl_attr_put_u32(nlh, NETKIT_PEER_POLICY, parse_word(policies, words[4]));
	/* The peer is a whole link message within the attribute: header, then attributes. */
	struct nlattr *peer = mnl_attr_nest_start(nlh, NETKIT_PEER_INFO);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, words[1]);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return nlh;
}

/** Send, and wait for the acknowledgement. @return 0 or an errno. */
static int talk(struct mnl_socket *sock, const struct nlmsghdr *nlh)
{
	char reply[8192];

	if (mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0) {
		return errno;
	}

	ssize_t n = mnl_socket_recvfrom(sock, reply, sizeof(reply));

	if (n < 0 || mnl_cb_run(reply, (size_t)n, nlh->nlmsg_seq, mnl_socket_get_portid(sock), NULL,
	                        NULL) < 0) {
		return errno;
	}
	return 0;
}

int main(int argc, char **argv)
{
	char *words[5] = {NULL};
	char buf[4096];

	if (argc < 3 || argc > 6 || strlen(argv[1]) >= IFNAMSIZ || strlen(argv[2]) >= IFNAMSIZ) {
		(void)fprintf(stderr,
		              "usage: mklink PRIMARY PEER [l2|l3] [pass|drop] [pass|drop]\n");
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		words[i - 1] = argv[i];
	}

	const struct nlmsghdr *nlh = build(buf, words);
	struct mnl_socket *sock = mnl_socket_open(NETLINK_ROUTE);

	if (sock == NULL) {
		(void)fprintf(stderr, "mklink: netlink: %s\n", strerror(errno));
		return 1;
	}

	int error = talk(sock, nlh);

	(void)mnl_socket_close(sock);
	if (error != 0) {
		(void)fprintf(stderr, "mklink: %s: %s\n", argv[1], strerror(error));
		return error == EOPNOTSUPP ? EXIT_SKIP : 1;
	}
	return 0;
}
