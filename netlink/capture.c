/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/capture.h"

#include "model/abi.h"
#include "netlink/fd.h"
#include "netlink/nl_parse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_arp.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/** Largest datagram kept, with its pseudo header; what libpcap takes for this link type. */
#define SNAPLEN 262144

/** Packet type of the pseudo header: a datagram sent to us by somebody else. */
#define PACKET_TO_US 0

/** Pseudo header of LINKTYPE_NETLINK; all numbers big endian. */
struct pseudo {
	uint16_t packet_type;
	uint16_t arphrd;
	uint8_t unused[10]; /* address length and address of other link types */
	uint16_t family;
};
_Static_assert(sizeof(struct pseudo) == 16, "LINKTYPE_NETLINK pseudo header");

struct capture {
	pcap_t *pcap;
	pcap_dumper_t *dump;
	int error; /* first failure, negative errno */
	unsigned char buf[sizeof(struct pseudo) + NL_RECV_BYTES];
};

static int fail(struct err *err, int code, const char *path, const char *what)
{
	char buf[32];

	return err_set(err, code, "%s: %s", path,
	               what ? what : nl_errno_text(code, buf, sizeof(buf)));
}

/** Stream on a new file of ours alone. */
static FILE *create_stream(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;

	if (fd >= 0 && file == NULL) {
		fd_cleanup(&fd);
	}
	return file;
}

int capture_create(const char *path, struct capture **ret_cap, struct err *err)
{
	struct capture *cap = calloc(1, sizeof(*cap));
	FILE *file = NULL;

	if (cap != NULL) {
		cap->pcap = pcap_open_dead(ABI_LINKTYPE_NETLINK, SNAPLEN);
	}
	if (cap == NULL || cap->pcap == NULL) {
		free(cap);
		return fail(err, -ENOMEM, path, NULL);
	}
	file = create_stream(path);
	if (file == NULL) {
		int code = -errno;

		(void)capture_close(cap, NULL);
		return fail(err, code, path, NULL);
	}
	cap->dump = pcap_dump_fopen(cap->pcap, file);
	if (cap->dump == NULL) {
		int r = fail(err, -EIO, path, pcap_geterr(cap->pcap));

		(void)fclose(file);
		(void)capture_close(cap, NULL);
		return r;
	}
	*ret_cap = cap;
	return 0;
}

void capture_write(struct capture *cap, const void *bytes, size_t len)
{
	const struct pseudo pseudo = {
		.packet_type = htons(PACKET_TO_US),
		.arphrd = htons(ARPHRD_NETLINK),
		.family = htons(NETLINK_ROUTE),
	};
	struct timespec now = {0};

	if (cap->error != 0) {
		return;
	}
	if (len > NL_RECV_BYTES) {
		cap->error = -EFBIG;
		return;
	}
	(void)clock_gettime(CLOCK_REALTIME, &now);
	memcpy(cap->buf, &pseudo, sizeof(pseudo));
	memcpy(cap->buf + sizeof(pseudo), bytes, len);

	const struct pcap_pkthdr header = {
		.ts = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000},
		.caplen = (bpf_u_int32)(sizeof(pseudo) + len),
		.len = (bpf_u_int32)(sizeof(pseudo) + len),
	};

	errno = 0;
	pcap_dump((u_char *)cap->dump, &header, cap->buf);
	/* pcap_dump() tells nobody when it fails; the stream remembers. */
	if (ferror(pcap_dump_file(cap->dump)) != 0) {
		cap->error = errno != 0 ? -errno : -EIO;
	}
}

int capture_close(struct capture *cap, struct err *err)
{
	int code = 0;

	if (cap == NULL) {
		return 0;
	}
	if (cap->dump != NULL) {
		errno = 0;
		if (pcap_dump_flush(cap->dump) < 0 && cap->error == 0) {
			cap->error = errno != 0 ? -errno : -EIO;
		}
		pcap_dump_close(cap->dump);
	}
	pcap_close(cap->pcap);
	code = cap->error;
	free(cap);
	return code == 0 ? 0 : fail(err, code, "writing a capture", NULL);
}

/** One packet of a file: check the pseudo header, hand on the rest. */
static int read_packet(const struct pcap_pkthdr *header, const u_char *bytes, capture_fn *fn,
                       void *arg, struct err *err)
{
	struct pseudo pseudo;

	if (header->caplen < sizeof(pseudo) || header->caplen != header->len ||
	    header->caplen > sizeof(pseudo) + NL_RECV_BYTES) {
		return err_set(err, -EBADMSG, "capture: packet of %u bytes, %u of them kept",
		               header->len, header->caplen);
	}
	memcpy(&pseudo, bytes, sizeof(pseudo));
	if (ntohs(pseudo.arphrd) != ARPHRD_NETLINK) {
		return err_set(err, -EBADMSG, "capture: packet of hardware type %u",
		               ntohs(pseudo.arphrd));
	}
	if (ntohs(pseudo.family) != NETLINK_ROUTE) {
		return 0; /* recorded with other tools on a monitor device: all families */
	}

	/* malloc() aligns; libpcap promises no alignment. */
	size_t len = header->caplen - sizeof(pseudo);
	void *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL) {
		return err_set(err, -ENOMEM, "capture: out of memory");
	}
	memcpy(copy, bytes + sizeof(pseudo), len);

	int r = fn(copy, len, arg, err);

	free(copy);
	return r;
}

int capture_read(const char *path, capture_fn *fn, void *arg, struct err *err)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	FILE *file = fopen(path, "rbe");
	pcap_t *pcap = NULL;
	int r = 0;

	if (file == NULL) {
		return fail(err, -errno, path, NULL);
	}
	pcap = pcap_fopen_offline(file, why);
	if (pcap == NULL) {
		(void)fclose(file);
		return fail(err, -EBADMSG, path, why);
	}
	if (pcap_datalink(pcap) != ABI_LINKTYPE_NETLINK) {
		r = err_set(err, -EBADMSG, "%s: link type %d, not netlink", path,
		            pcap_datalink(pcap));
	}
	while (r == 0) {
		struct pcap_pkthdr *header = NULL;
		const u_char *bytes = NULL;
		int got = pcap_next_ex(pcap, &header, &bytes);

		if (got == PCAP_ERROR_BREAK) {
			break;
		}
		r = got == 1 ? read_packet(header, bytes, fn, arg, err)
		             : fail(err, -EBADMSG, path, pcap_geterr(pcap));
	}
	pcap_close(pcap);
	return r;
}
