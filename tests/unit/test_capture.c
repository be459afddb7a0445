/* SPDX-License-Identifier: Apache-2.0 */
/* layers: netlink model */
#include "model/attrs.h"
#include "netlink/capture.h"
#include "netlink/nl.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/test_capture.XXXXXX";
static char path[64];

static void make_dir(void)
{
	cr_assert_not_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/a.pcap", dir);
}

static void remove_dir(void)
{
	(void)unlink(path);
	(void)rmdir(dir);
}

/** What a reading function saw. */
struct seen {
	unsigned n;
	size_t bytes;
	unsigned char first[8];
	int fail_with;
};

static int see(const void *bytes, size_t len, void *arg, struct err *err)
{
	struct seen *seen = arg;

	(void)err;
	memcpy(seen->first, bytes, len < sizeof(seen->first) ? len : sizeof(seen->first));
	seen->n++;
	seen->bytes += len;
	return seen->fail_with;
}

static void write_file(const void *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, len, file), len);
	cr_assert_eq(fclose(file), 0);
}

Test(capture, round_trip, .init = make_dir, .fini = remove_dir)
{
	static unsigned char big[NL_RECV_BYTES];
	struct capture *cap = NULL;
	struct capture *second = NULL;
	struct err err = {0};
	struct seen seen = {0};
	struct stat st;

	cr_assert_eq(capture_create(path, &cap, &err), 0, "%s", err.text);
	cr_expect_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600, "mode %o", st.st_mode);
	cr_expect_eq(capture_create(path, &second, &err), -EEXIST, "never over another file");
	capture_write(cap, big, sizeof(big));
	capture_write(cap, "", 0);
	capture_write(cap, "12345678", 8);
	cr_expect_eq(capture_close(cap, NULL), 0);

	cr_expect_eq(capture_read(path, see, &seen, NULL), 0);
	cr_expect_eq(seen.n, 3, "%u datagrams", seen.n);
	cr_expect_eq(seen.bytes, sizeof(big) + 8, "%zu bytes", seen.bytes);
	cr_expect_eq(memcmp(seen.first, "12345678", 8), 0, "the last one");

	seen = (struct seen){.fail_with = -ENOMEM};
	cr_expect_eq(capture_read(path, see, &seen, NULL), -ENOMEM, "result of the function");
	cr_expect_eq(seen.n, 1, "and no further call");
}

Test(capture, first_failure, .init = make_dir, .fini = remove_dir)
{
	static unsigned char big[NL_RECV_BYTES + 1];
	struct capture *cap = NULL;
	struct err err = {0};

	cr_assert_eq(capture_create(path, &cap, &err), 0, "%s", err.text);
	capture_write(cap, big, sizeof(big));
	capture_write(cap, "12345678", 8);
	cr_expect_eq(capture_close(cap, &err), -EFBIG, "%s", err.text);
	cr_expect_eq(capture_close(NULL, NULL), 0);

	err = (struct err){0};
	cr_expect_eq(capture_create("/nonexistent/a.pcap", &cap, &err), -ENOENT);
	cr_expect_not_null(strstr(err.text, "/nonexistent/a.pcap"), "%s", err.text);
	cr_expect_eq(capture_read("/nonexistent/a.pcap", see, NULL, &err), -ENOENT);
}

/** A file that may not grow: nothing tells until the stream is flushed. */
Test(capture, no_room, .init = make_dir, .fini = remove_dir)
{
	static unsigned char big[NL_RECV_BYTES];
	const struct rlimit small = {.rlim_cur = 4096, .rlim_max = 4096};
	struct capture *cap = NULL;
	struct err err = {0};

	cr_assert_eq(capture_create(path, &cap, &err), 0, "%s", err.text);
	cr_assert_neq(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	capture_write(cap, "12345678", 8);
	capture_write(cap, big, sizeof(big));
	cr_expect_eq(capture_close(cap, &err), -EFBIG, "%s", err.text);
	cr_expect_neq(err.text[0], '\0');
}

/** File header: magic, 2.4, zone, accuracy, length, link type; then one packet of 20 bytes. */
struct pcap_file {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, sigfigs, snaplen, linktype;
	uint32_t sec, usec, caplen, len;
	unsigned char bytes[20];
};

static const struct {
	const char *name;
	uint32_t linktype, caplen, len;
	unsigned char hatype[2], family[2];
	size_t cut; /* bytes missing at the end of the file */
	int want;
	unsigned n;
} file_cases[] = {
	{"good", 253, 20, 20, {0x03, 0x38}, {0, 0}, 0, 0, 1},
	{"other link type", 1, 20, 20, {0x03, 0x38}, {0, 0}, 0, -EBADMSG, 0},
	{"other hardware type", 253, 20, 20, {0, 1}, {0, 0}, 0, -EBADMSG, 0},
	{"other netlink family", 253, 20, 20, {0x03, 0x38}, {0, 16}, 0, 0, 0},
	{"shorter than its pseudo header", 253, 15, 15, {0x03, 0x38}, {0, 0}, 5, -EBADMSG, 0},
	{"not kept whole", 253, 20, 40, {0x03, 0x38}, {0, 0}, 0, -EBADMSG, 0},
	{"ends in a packet", 253, 20, 20, {0x03, 0x38}, {0, 0}, 3, -EBADMSG, 0},
	{"ends in a packet's header", 253, 20, 20, {0x03, 0x38}, {0, 0}, 24, -EBADMSG, 0},
	{"ends in its header", 253, 20, 20, {0x03, 0x38}, {0, 0}, 40, -EBADMSG, 0},
	{"packet beyond all bounds",
         253,
         0x7fffffff,
         0x7fffffff,
         {0x03, 0x38},
         {0, 0},
         0,
         -EBADMSG,
         0},
};

Test(capture, files, .init = make_dir, .fini = remove_dir)
{
	for (size_t i = 0; i < COUNT_OF(file_cases); i++) {
		struct pcap_file file = {
			.magic = 0xa1b2c3d4,
			.major = 2,
			.minor = 4,
			.snaplen = 262144,
			.linktype = file_cases[i].linktype,
			.caplen = file_cases[i].caplen,
			.len = file_cases[i].len,
		};
		struct seen seen = {0};
		struct err err = {0};
		int got;

		memcpy(file.bytes + 2, file_cases[i].hatype, 2);
		memcpy(file.bytes + 14, file_cases[i].family, 2);
		write_file(&file, sizeof(file) - file_cases[i].cut);
		got = capture_read(path, see, &seen, &err);
		cr_expect_eq(got, file_cases[i].want, "%s: %d (%s)", file_cases[i].name, got,
		             err.text);
		cr_expect_eq(seen.n, file_cases[i].n, "%s: %u datagrams", file_cases[i].name,
		             seen.n);
		cr_expect_eq(got < 0, err.text[0] != '\0', "%s: described", file_cases[i].name);
	}
}
