/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

PROGS(jumps, 1);

XDP entry(struct xdp_md *ctx)
{
	tail_call(ctx, &jumps, 0);
	return XDP_PASS;
}

XDP leaf(struct xdp_md *ctx)
{
	return XDP_DROP;
}

LICENSE("Apache-2.0");
