/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

/* A compiler turns the switch into a test of one bit of a mask. */
TC entry(skb_t *skb)
{
	u32 code = skb->priority;

	switch (code) {
	case 0:
	case 2:
	case 7:
	case 8:
		return code;
	}
	return STOLEN;
}

LICENSE("Apache-2.0");
