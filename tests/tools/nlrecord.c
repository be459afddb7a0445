/* SPDX-License-Identifier: Apache-2.0 */
/**
 * nlrecord.c - collect the network namespace it runs in, keep what the kernel answered, and print
 * what was understood, in the form of snap_lines.h.
 *
 * Usage: nlrecord FILE.pcap
 */
#include "netlink/capture.h"
#include "netlink/collect.h"
#include "tests/tools/snap_lines.h"

#include <stdio.h>
#include <sys/stat.h>

/** Collect once; a namespace that changes meanwhile is an error here, nothing else runs in it. */
static int record(struct capture *cap, struct snapshot *snap, struct err *err)
{
	struct snap_netns row = {0};
	struct nl *nl = NULL;
	struct stat st;
	uint32_t netns = 0;
	int r;

	if (stat("/proc/self/ns/net", &st) == 0) {
		row.dev = st.st_dev;
		row.inode = st.st_ino;
	}
	r = snap_add_netns(snap, &row, &netns);
	if (r == 0) {
		r = nl_open(cap, &nl, err);
	}
	if (r == 0) {
		r = collect_netns(nl, netns, NULL, snap, err);
	}
	nl_close(nl);
	return r < 0 ? r : snap_seal(snap, err);
}

int main(int argc, char **argv)
{
	struct capture *cap = NULL;
	struct snapshot snap;
	struct err err = {0};
	int r;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: nlrecord FILE.pcap\n");
		return 2;
	}
	snap_init(&snap, SNAP_ARENA_BYTES);
	r = capture_create(argv[1], &cap, &err);
	if (r == 0) {
		int closed;

		r = record(cap, &snap, &err);
		closed = capture_close(cap, &err);
		r = r < 0 ? r : closed;
	}
	if (r < 0) {
		(void)fprintf(stderr, "nlrecord: %s\n", err.text);
	} else {
		lines_write(stdout, &snap);
	}
	snap_done(&snap);
	return r < 0;
}
