/* SPDX-License-Identifier: Apache-2.0 */
/**
 * mkfilter.c - load a program that returns a number and hang it where a test needs it.
 *
 * See usage_text. Exit status 77 when this kernel cannot do it, as the live tests' way of
 * skipping; 1 for other failures; 2 for a wrong command line.
 */
#include "model/attrs.h"
#include "tests/tools/canned.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <libmnl/libmnl.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXIT_SKIP 77

/* linux/bpf.h of 6.6 and 6.7; Debian 12's header ends before them. */
enum {
	LINK_TCX_INGRESS = 46,
	LINK_TCX_EGRESS = 47,
	LINK_NETKIT_PRIMARY = 54,
	LINK_NETKIT_PEER = 55,
};

static const char usage_text[] =
	"usage: mkfilter [options] DEV WHERE\n"
	"\n"
	"Load a program `r0 = N; exit` and attach it to DEV. WHERE is one of\n"
	"  ingress, egress                tc filter on clsact (which must be there)\n"
	"  MAJOR:MINOR, root              tc filter on a qdisc or class, hexadecimal as in tc\n"
	"  xdp                            generic XDP\n"
	"  tcx/ingress, tcx/egress        BPF link (6.6)\n"
	"  netkit/primary, netkit/peer    BPF link (6.7)\n"
	"With DEV `block`, WHERE is the number of a shared block.\n"
	"\n"
	"  --returns N       what the program returns; default 0\n"
	"  --program KIND    another program instead: length, redirect, tail, tail-empty, map,\n"
	"                    value, constant; see canned.h\n"
	"  --pin-map PATH    pin the map of that program in a bpffs\n"
	"  --prog-name NAME  name of the program, at most 15 bytes\n"
	"  --pin PATH        pin the program, or the link of tcx and netkit, in a bpffs\n"
	"  --stay            keep a link until standard input ends; prints `ready` first\n"
	"tc filters only:\n"
	"  --name NAME       name of the filter; \\xNN is a byte; default: none\n"
	"  --libbpf-name     name the filter as libbpf does, PROGRAM:[ID]\n"
	"  --pref N          default 0: the kernel chooses\n"
	"  --handle N        default 0: the kernel chooses\n"
	"  --protocol N      Ethernet type, hexadecimal; default 3: all\n"
	"  --chain N         default 0\n"
	"  --classid H       hexadecimal major * 65536 + minor; default 0\n"
	"  --no-da           without direct-action\n"
	"  --skip-sw         with the flag skip_sw\n"
	"Prints the program's id.\n";

struct options {
	const char *dev, *where;
	const char *prog_name, *name, *pin;
	const char *program, *pin_map;
	uint32_t returns, pref, handle, protocol, chain, classid;
	bool no_da, skip_sw, stay, libbpf_name;
};

static int fail(const char *what)
{
	int code = errno;
	bool missing = code == EOPNOTSUPP || code == ENOTSUP || code == ENOSYS || code == ENOENT;

	(void)fprintf(stderr, "mkfilter: %s: %s\n", what, strerror(code));
	return missing ? EXIT_SKIP : 1;
}

static int load(const struct options *o, enum bpf_prog_type type)
{
	return o->program != NULL ? canned_load(type, o->program, o->prog_name, o->pin_map)
	                          : canned_number(type, o->prog_name, (int32_t)o->returns);
}

/** What the kernel calls a program; zeros when it does not tell. */
static struct bpf_prog_info info_of(int prog)
{
	struct bpf_prog_info info = {0};
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(prog, &info, &len) == 0 ? info : (struct bpf_prog_info){0};
}

static void print_id(int prog)
{
	uint32_t id = info_of(prog).id;

	if (id != 0) {
		(void)printf("%u\n", id);
		(void)fflush(stdout);
	}
}

/** \xNN becomes that byte, so that names which are no text can be written in a shell. */
static size_t unescape(const char *text, char *buf, size_t size)
{
	size_t used = 0;

	while (*text != '\0' && used + 1 < size) {
		if (text[0] == '\\' && text[1] == 'x' && isxdigit((unsigned char)text[2]) &&
		    isxdigit((unsigned char)text[3])) {
			const char hex[] = {text[2], text[3], '\0'};

			buf[used++] = (char)strtoul(hex, NULL, 16);
			text += 4;
		} else {
			buf[used++] = *text++;
		}
	}
	buf[used] = '\0';
	return used + 1;
}

static uint32_t parent_of(const struct options *o)
{
	const char *colon = strchr(o->where, ':');

	if (strcmp(o->where, "ingress") == 0) {
		return TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
	}
	if (strcmp(o->where, "egress") == 0) {
		return TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS);
	}
	if (colon != NULL) {
		return (uint32_t)(strtoul(o->where, NULL, 16) << 16 | strtoul(colon + 1, NULL, 16));
	}
	return 0; /* the root qdisc */
}

static void put_filter(struct nlmsghdr *nlh, const struct options *o, int prog)
{
	struct tcmsg *tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));
	struct nlattr *nest;
	char name[1024];

	nlh->nlmsg_type = RTM_NEWTFILTER;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	if (strcmp(o->dev, "block") == 0) {
		tcm->tcm_ifindex = (int)TCM_IFINDEX_MAGIC_BLOCK;
		tcm->tcm_block_index = (uint32_t)strtoul(o->where, NULL, 0);
	} else {
		tcm->tcm_ifindex = (int)if_nametoindex(o->dev);
		tcm->tcm_parent = parent_of(o);
	}
	tcm->tcm_handle = o->handle;
	tcm->tcm_info = TC_H_MAKE(o->pref << 16, htons((uint16_t)o->protocol));
	mnl_attr_put_strz(nlh, TCA_KIND, "bpf");
	if (o->chain != 0) {
		mnl_attr_put_u32(nlh, TCA_CHAIN, o->chain);
	}
	nest = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	mnl_attr_put_u32(nlh, TCA_BPF_FD, (uint32_t)prog);
	if (o->libbpf_name) {
		struct bpf_prog_info info = info_of(prog);

		(void)snprintf(name, sizeof(name), "%s:[%u]", info.name, info.id);
		mnl_attr_put_strz(nlh, TCA_BPF_NAME, name);
	} else if (o->name != NULL) {
		mnl_attr_put(nlh, TCA_BPF_NAME, unescape(o->name, name, sizeof(name)), name);
	}
	if (!o->no_da) {
		mnl_attr_put_u32(nlh, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	}
	if (o->skip_sw) {
		mnl_attr_put_u32(nlh, TCA_BPF_FLAGS_GEN, TCA_CLS_FLAGS_SKIP_SW);
	}
	if (o->classid != 0) {
		mnl_attr_put_u32(nlh, TCA_BPF_CLASSID, o->classid);
	}
	mnl_attr_nest_end(nlh, nest);
}

static int attach_filter(const struct options *o)
{
	alignas(16) char buf[4096];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct mnl_socket *sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int prog = load(o, BPF_PROG_TYPE_SCHED_CLS);
	ssize_t len;

	if (prog < 0 || sock == NULL || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		return fail("loading the program or opening a socket");
	}
	put_filter(nlh, o, prog);
	nlh->nlmsg_seq = 1;
	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0) {
		return fail("sending RTM_NEWTFILTER");
	}
	len = mnl_socket_recvfrom(sock, buf, sizeof(buf));
	if (len < 0 ||
	    mnl_cb_run(buf, (size_t)len, 1, mnl_socket_get_portid(sock), NULL, NULL) < 0) {
		return fail("RTM_NEWTFILTER");
	}
	(void)mnl_socket_close(sock);
	if (o->pin != NULL && bpf_obj_pin(prog, o->pin) < 0) {
		return fail("pinning");
	}
	print_id(prog);
	return 0;
}

static int attach_xdp(const struct options *o)
{
	int prog = load(o, BPF_PROG_TYPE_XDP);
	int r;

	if (prog < 0) {
		return fail("loading the program");
	}
	r = bpf_xdp_attach((int)if_nametoindex(o->dev), prog, XDP_FLAGS_SKB_MODE, NULL);
	if (r < 0) {
		errno = -r;
		return fail("attaching XDP");
	}
	if (o->pin != NULL && bpf_obj_pin(prog, o->pin) < 0) {
		return fail("pinning");
	}
	print_id(prog);
	return 0;
}

/** Libbpf 1.1 refuses attach types it does not know, so the system call is made here. */
static int attach_link(const struct options *o, uint32_t type)
{
	union bpf_attr attr;
	int prog = load(o, BPF_PROG_TYPE_SCHED_CLS);
	int link;

	if (prog < 0) {
		return fail("loading the program");
	}
	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = (uint32_t)prog;
	attr.link_create.target_ifindex = if_nametoindex(o->dev);
	attr.link_create.attach_type = type;
	link = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	if (link < 0) {
		/* Kernels without the attach type call it invalid. */
		errno = errno == EINVAL ? EOPNOTSUPP : errno;
		return fail("creating the link");
	}
	if (o->pin != NULL && bpf_obj_pin(link, o->pin) < 0) {
		return fail("pinning");
	}
	print_id(prog);
	if (o->stay) {
		char byte;

		(void)printf("ready\n");
		(void)fflush(stdout);
		while (read(STDIN_FILENO, &byte, 1) > 0) {
		}
	}
	return 0;
}

static int attach(const struct options *o)
{
	static const struct {
		const char *where;
		uint32_t type;
	} links[] = {
		{"tcx/ingress", LINK_TCX_INGRESS},
		{"tcx/egress", LINK_TCX_EGRESS},
		{"netkit/primary", LINK_NETKIT_PRIMARY},
		{"netkit/peer", LINK_NETKIT_PEER},
	};

	if (strcmp(o->dev, "block") != 0 && if_nametoindex(o->dev) == 0) {
		(void)fprintf(stderr, "mkfilter: no device %s\n", o->dev);
		return 1;
	}
	for (size_t i = 0; i < COUNT_OF(links); i++) {
		if (strcmp(o->where, links[i].where) == 0) {
			return attach_link(o, links[i].type);
		}
	}
	return strcmp(o->where, "xdp") == 0 ? attach_xdp(o) : attach_filter(o);
}

static bool parse(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {
		{"returns", required_argument, NULL, 'r'},
		{"prog-name", required_argument, NULL, 'N'},
		{"pin", required_argument, NULL, 'P'},
		{"program", required_argument, NULL, 'k'},
		{"pin-map", required_argument, NULL, 'm'},
		{"stay", no_argument, NULL, 's'},
		{"name", required_argument, NULL, 'n'},
		{"libbpf-name", no_argument, NULL, 'l'},
		{"pref", required_argument, NULL, 'p'},
		{"handle", required_argument, NULL, 'h'},
		{"protocol", required_argument, NULL, 't'},
		{"chain", required_argument, NULL, 'c'},
		{"classid", required_argument, NULL, 'i'},
		{"no-da", no_argument, NULL, 'd'},
		{"skip-sw", no_argument, NULL, 'w'},
		{"help", no_argument, NULL, '?'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		/* Numbers as C writes them; Ethernet types and class numbers hexadecimal. */
		uint32_t number = optarg != NULL ? (uint32_t)strtoul(optarg, NULL,
		                                                     c == 't' || c == 'i' ? 16 : 0)
		                                 : 0;

		switch (c) {
		case 'r':
			o->returns = number;
			break;
		case 'N':
			o->prog_name = optarg;
			break;
		case 'P':
			o->pin = optarg;
			break;
		case 'k':
			o->program = optarg;
			break;
		case 'm':
			o->pin_map = optarg;
			break;
		case 's':
			o->stay = true;
			break;
		case 'n':
			o->name = optarg;
			break;
		case 'l':
			o->libbpf_name = true;
			break;
		case 'p':
			o->pref = number;
			break;
		case 'h':
			o->handle = number;
			break;
		case 't':
			o->protocol = number;
			break;
		case 'c':
			o->chain = number;
			break;
		case 'i':
			o->classid = number;
			break;
		case 'd':
			o->no_da = true;
			break;
		case 'w':
			o->skip_sw = true;
			break;
		default:
			return false;
		}
	}
	if (argc - optind != 2) {
		return false;
	}
	o->dev = argv[optind];
	o->where = argv[optind + 1];
	return true;
}

int main(int argc, char **argv)
{
	struct options o = {.protocol = ETH_P_ALL};
	bool help = argc == 2 && strcmp(argv[1], "--help") == 0;

	if (help || !parse(argc, argv, &o)) {
		(void)fputs(usage_text, help ? stdout : stderr);
		return help ? 0 : 2;
	}
	return attach(&o);
}
