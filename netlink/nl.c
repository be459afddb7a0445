/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/nl.h"

#include "netlink/capture.h"
#include "netlink/nl_parse.h"

#include <assert.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/** Receive queue asked for. A dump waits for the reader; this only saves wake-ups. */
#define RCVBUF_BYTES (1 << 20)

/** Datagrams of other senders thrown away during one answer; more is a failure. */
#define MAX_FOREIGN 1000u

struct nl {
	struct mnl_socket *sock;
	struct capture *rec;
	uint32_t port;
	uint32_t seq;
	bool usable; /* nothing of an earlier answer is waiting in the queue */
	alignas(16) unsigned char buf[NL_RECV_BYTES];
};

/** The requests there are: this program only reads. */
static const struct {
	uint16_t type;
	const char *dump;
	const char *get;
} requests[] = {
	{RTM_GETLINK, "RTM_GETLINK dump", "RTM_GETLINK"},
	{RTM_GETQDISC, "RTM_GETQDISC dump", "RTM_GETQDISC"},
	{RTM_GETTCLASS, "RTM_GETTCLASS dump", "RTM_GETTCLASS"},
	{RTM_GETTFILTER, "RTM_GETTFILTER dump", "RTM_GETTFILTER"},
	{RTM_GETCHAIN, "RTM_GETCHAIN dump", "RTM_GETCHAIN"},
	{RTM_GETNSID, "RTM_GETNSID dump", "RTM_GETNSID"},
};

static const char *request_word(uint16_t type, bool dump)
{
	for (size_t i = 0; i < COUNT_OF(requests); i++) {
		if (requests[i].type == type) {
			return dump ? requests[i].dump : requests[i].get;
		}
	}
	return NULL;
}

static int fail_errno(struct err *err, const char *doing)
{
	int code = -errno;
	char buf[32];

	return err_set(err, code, "%s: %s", doing, nl_errno_text(code, buf, sizeof(buf)));
}

/** Options without which everything still works, only slower or with fewer words. */
static void set_comforts(struct mnl_socket *sock)
{
	int on = 1;
	int bytes = RCVBUF_BYTES;
	int fd = mnl_socket_get_fd(sock);

	(void)mnl_socket_setsockopt(sock, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)mnl_socket_setsockopt(sock, NETLINK_CAP_ACK, &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0) {
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	}
}

static int open_socket(struct nl *nl, struct err *err)
{
	const struct timeval timeout = {.tv_sec = NL_TIMEOUT_S};

	nl->sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (nl->sock == NULL) {
		return fail_errno(err, "opening a netlink socket");
	}
	if (setsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_RCVTIMEO, &timeout,
	               sizeof(timeout)) < 0) {
		return fail_errno(err, "setting the time limit of a netlink socket");
	}
	set_comforts(nl->sock);
	if (mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		return fail_errno(err, "binding a netlink socket");
	}
	nl->port = mnl_socket_get_portid(nl->sock);
	nl->usable = true;
	return 0;
}

int nl_open(struct capture *rec, struct nl **ret_nl, struct err *err)
{
	struct nl *nl = malloc(sizeof(*nl));

	if (nl == NULL) {
		return err_set(err, -ENOMEM, "out of memory for a netlink socket");
	}
	nl->sock = NULL;
	nl->rec = rec;
	nl->seq = 0;
	nl->usable = false;

	int r = open_socket(nl, err);

	if (r < 0) {
		nl_close(nl);
		return r;
	}
	*ret_nl = nl;
	return 0;
}

void nl_close(struct nl *nl)
{
	int saved = errno;

	if (nl != NULL) {
		if (nl->sock != NULL) {
			(void)mnl_socket_close(nl->sock);
		}
		free(nl);
	}
	errno = saved;
}

bool nl_usable(const struct nl *nl)
{
	return nl->usable;
}

static ssize_t receive_once(struct nl *nl, struct sockaddr_nl *from, int *ret_flags)
{
	struct iovec iov = {.iov_base = nl->buf, .iov_len = sizeof(nl->buf)};
	struct msghdr msg = {
		.msg_name = from,
		.msg_namelen = sizeof(*from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t len;

	do {
		len = recvmsg(mnl_socket_get_fd(nl->sock), &msg, 0);
	} while (len < 0 && errno == EINTR);
	*ret_flags = msg.msg_flags;
	if (len >= 0 && msg.msg_namelen != sizeof(*from)) {
		from->nl_pid = UINT32_MAX; /* no sender: not the kernel */
	}
	return len;
}

/** Next datagram of the kernel into the buffer. */
static int receive(struct nl *nl, const char *what, size_t *ret_len, struct err *err)
{
	/* Any process that may send can address our port; only port 0 is the kernel. */
	for (unsigned foreign = 0; foreign < MAX_FOREIGN; foreign++) {
		struct sockaddr_nl from = {0};
		int flags = 0;
		ssize_t len = receive_once(nl, &from, &flags);

		if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			return err_set(err, -ETIMEDOUT, "%s: no answer within %d seconds", what,
			               NL_TIMEOUT_S);
		}
		if (len < 0) {
			return fail_errno(err, what);
		}
		if (from.nl_pid != 0) {
			continue;
		}
		if (nl->rec != NULL) {
			capture_write(nl->rec, nl->buf, (size_t)len);
		}
		if ((flags & MSG_TRUNC) != 0) {
			return err_set(err, -EMSGSIZE, "%s: answer was truncated", what);
		}
		if (len == 0) {
			return err_set(err, -EBADMSG, "%s: empty answer", what);
		}
		*ret_len = (size_t)len;
		return 0;
	}
	return err_set(err, -EBADMSG, "%s: only strangers answer", what);
}

static int exchange(struct nl *nl, struct nlmsghdr *req, struct nl_answer *answer, nl_row_fn *fn,
                    void *arg, struct err *err)
{
	int r;

	assert(nl->usable);
	assert(answer->what != NULL);
	req->nlmsg_seq = ++nl->seq;
	req->nlmsg_pid = 0;
	answer->seq = nl->seq;
	answer->port = nl->port;

	if (mnl_socket_sendto(nl->sock, req, req->nlmsg_len) < 0) {
		nl->usable = false;
		return fail_errno(err, answer->what);
	}
	do {
		size_t len = 0;

		r = receive(nl, answer->what, &len, err);
		if (r == 0) {
			r = nl_parse(nl->buf, len, answer, fn, arg, err);
		}
	} while (r == 0);
	nl->usable = r > 0 || answer->refused;
	return r > 0 ? 0 : r;
}

int nl_dump(struct nl *nl, struct nlmsghdr *req, nl_row_fn *fn, void *arg, struct err *err)
{
	struct nl_answer answer = {.what = request_word(req->nlmsg_type, true), .dump = true};

	req->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	return exchange(nl, req, &answer, fn, arg, err);
}

int nl_get(struct nl *nl, struct nlmsghdr *req, nl_row_fn *fn, void *arg, struct err *err)
{
	struct nl_answer answer = {.what = request_word(req->nlmsg_type, false)};

	req->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	return exchange(nl, req, &answer, fn, arg, err);
}
