/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	return skb_vlan_push(skb, 0, 7) ? SHOT : OK;
}

LICENSE("Apache-2.0");
