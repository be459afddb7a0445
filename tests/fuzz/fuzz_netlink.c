/* SPDX-License-Identifier: Apache-2.0 */
/* layers: netlink model */
/**
 * fuzz_netlink.c - a stream of rtnetlink messages through the decoders, then sealing.
 *
 * Input: messages one behind the other, as the datagrams of a capture without their pseudo headers.
 */
#include "netlink/collect.h"

#include <assert.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>

/** Enough for every input the fuzzer makes, and small enough to be reached by some. */
#define ARENA_BYTES ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(struct collect_replay *ctx, const unsigned char *bytes, size_t len)
{
	while (len >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *nlh = (const void *)bytes;
		struct err err = {0};
		size_t step;

		if (nlh->nlmsg_len < sizeof(*nlh) || nlh->nlmsg_len > len ||
		    collect_replay_message(ctx, nlh, &err) < 0) {
			return;
		}
		step = MNL_ALIGN((size_t)nlh->nlmsg_len);
		if (step >= len) {
			return;
		}
		bytes += step;
		len -= step;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct snap_netns netns = {.inode = 1};
	struct collect_replay ctx = {0};
	struct snapshot snap;
	/* A copy of its own size: aligned, and a byte too far is seen. */
	unsigned char *copy = malloc(size > 0 ? size : 1);

	if (copy == NULL) {
		return 0;
	}
	if (size > 0) {
		memcpy(copy, data, size);
	}
	snap_init(&snap, ARENA_BYTES);
	ctx.snap = &snap;
	if (snap_add_netns(&snap, &netns, &ctx.netns) == 0) {
		replay(&ctx, copy, size);
		/* Whatever came in, sealing may refuse it, but must not crash. */
		if (snap_seal(&snap, NULL) < 0) {
			assert(!snap.sealed);
		}
	}
	snap_done(&snap);
	free(copy);
	return 0;
}
