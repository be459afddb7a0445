/* SPDX-License-Identifier: Apache-2.0 */
/**
 * nlkeep.c - move a link into a network namespace that only a socket of this process keeps: no
 * process lives in it, nothing is mounted on it. Prints `ready` and stays until it is killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what)
{
	(void)fprintf(stderr, "nlkeep: %s: %s\n", what, strerror(errno));
	return 1;
}

/** Ask the kernel to move @p ifindex, seen from the socket's namespace, to that of @p fd. */
static int move_link(unsigned int ifindex, int fd)
{
	alignas(16) char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	struct mnl_socket *sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int r = -1;

	nlh->nlmsg_type = RTM_SETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	ifi->ifi_index = (int)ifindex;
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)fd);
	if (sock != NULL && mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) > 0) {
		ssize_t n = mnl_socket_recvfrom(sock, buf, sizeof(buf));

		r = n > 0 ? mnl_cb_run(buf, (size_t)n, 0, mnl_socket_get_portid(sock), NULL, NULL)
		          : -1;
	}
	if (sock != NULL) {
		(void)mnl_socket_close(sock);
	}
	return r;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		(void)fprintf(stderr, "usage: nlkeep DEV\n");
		return 2;
	}
	unsigned int ifindex = if_nametoindex(argv[1]);
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (ifindex == 0 || home < 0 || unshare(CLONE_NEWNET) < 0) {
		return fail(argv[1]);
	}
	int keep = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int hidden = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (keep < 0 || hidden < 0 || setns(home, CLONE_NEWNET) < 0) {
		return fail("a namespace of its own");
	}
	if (move_link(ifindex, hidden) < 0) {
		return fail("moving the link");
	}
	(void)close(hidden);
	(void)puts("ready");
	(void)fflush(stdout);
	for (;;) {
		(void)pause();
	}
}
