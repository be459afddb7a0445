/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

XDP entry(struct xdp_md *ctx)
{
	return XDP_PASS;
}

LICENSE("Apache-2.0");
