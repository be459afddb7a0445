/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

XDP entry(struct xdp_md *ctx)
{
	u8 *data = (u8 *)(long)ctx->data;
	if (data + 14 > (u8 *)(long)ctx->data_end)
		return XDP_ABORTED;
	return data[0] == 1 ? XDP_DROP : data[0] == 2 ? XDP_TX : XDP_PASS;
}

LICENSE("Apache-2.0");
