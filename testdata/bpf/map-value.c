/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

int verdict = OK;

TC entry(skb_t *skb)
{
	return *(volatile int *)&verdict;
}

LICENSE("Apache-2.0");
