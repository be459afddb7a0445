/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

const volatile int pad[5] = {1, 2, 3, 4, 5};
const volatile int yes = OK, no = SHOT;

TC entry(skb_t *skb)
{
	return COIN(skb, 0) ? yes : no;
}

LICENSE("Apache-2.0");
