/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

struct parsed {
	u8 proto;
	u32 daddr;
};
INLINE int parse(skb_t *skb, struct parsed *p)
{
	u8 *data = (u8 *)(long)skb->data, *end = (u8 *)(long)skb->data_end;
	if (data + 34 > end)
		return SHOT;
	if (data[12] != 8 || data[13] != 0)
		return OK;
	p->proto = data[23];
	p->daddr = *(u32 *)(data + 30);
	return -1;
}

TC entry(skb_t *skb)
{
	struct parsed p = {0};
	int r = parse(skb, &p);
	if (r >= 0)
		return r;
	return p.proto == 6 ? REDIRECT : p.daddr & 1 ? SHOT : OK;
}

LICENSE("Apache-2.0");
