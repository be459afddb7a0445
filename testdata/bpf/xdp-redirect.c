/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

XDP entry(struct xdp_md *ctx)
{
	return redirect(1, 0);
}

LICENSE("Apache-2.0");
