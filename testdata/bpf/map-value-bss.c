/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

int verdict;

TC entry(skb_t *skb)
{
	return verdict;
}

LICENSE("Apache-2.0");
