/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	return get_cgroup_classid(skb) == 77 ? SHOT : OK;
}

LICENSE("Apache-2.0");
