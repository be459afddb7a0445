/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

TC entry(skb_t *skb)
{
	u32 cpu = get_smp_processor_id();
	return cpu > 0x7fffffff ? SHOT : OK;
}

LICENSE("Apache-2.0");
