/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	return redirect(skb->mark, BPF_F_INGRESS);
}

LICENSE("Apache-2.0");
