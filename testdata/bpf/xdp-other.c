/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

XDP entry(struct xdp_md *ctx)
{
	u8 *data = (u8 *)(long)ctx->data;
	if (data + 14 > (u8 *)(long)ctx->data_end)
		return XDP_PASS;
	return data[3] == 1 ? 77 : XDP_PASS;
}

LICENSE("Apache-2.0");
