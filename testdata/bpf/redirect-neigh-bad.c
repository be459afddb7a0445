/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	struct bpf_redir_neigh p = {.nh_family = 2};
	return redirect_neigh(1, &p, 8, 0);
}

LICENSE("Apache-2.0");
