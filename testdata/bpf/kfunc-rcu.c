/* SPDX-License-Identifier: GPL-2.0 */
#include "corpus.h"

KFUNC void bpf_rcu_read_lock(void);
KFUNC void bpf_rcu_read_unlock(void);

TC entry(skb_t *skb)
{
	int code = COIN(skb, 0) ? OK : SHOT;
	bpf_rcu_read_lock();
	HIDE(code);
	bpf_rcu_read_unlock();
	return code;
}

LICENSE("GPL");
