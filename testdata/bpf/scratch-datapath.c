/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

/*
 * The shape of a policy datapath: main looks up the connection, a policy program that user space
 * generated decides, another one carries that out. All they know of a packet is in one element of
 * a per-CPU array; the next element has settings, slots of programs, and room for parameters.
 */
#define SEND_BACK 108
#define SEND_TO   109

enum policy { POLICY_NONE, POLICY_ALLOW, POLICY_DENY };
enum conn { CONN_NEW, CONN_KNOWN, CONN_BROKEN };

struct packet {
	u32 src, dst;
	s32 policy;
	u16 sport, dport;
	u8 proto, pad[3];
	u32 n_rules;
	u64 rules[32];
	u64 flags;
	struct {
		s32 rc;
		u32 flags, ifindex;
	} conn;
	struct {
		s32 res;
		u32 mark, fib;
	} fwd;
};

struct settings {
	u32 flags;
	u32 jumps[8];
	u8 room[256];
};

MAP(packets, PERCPU_ARRAY, 0, u32, struct packet, 2);
MAP(rnd_connections, HASH, 0, u64, u64, 4);
MAP(counters, PERCPU_HASH, 0, u32, u64, 4);
PROGS(jumps, 8);

HELPER(long, fib_lookup, void *, struct bpf_fib_lookup *, int, u32);

INLINE struct packet *packet_get(void)
{
	u32 key = 0;
	return map_lookup_elem(&packets, &key);
}

INLINE struct settings *settings_get(void)
{
	u32 key = 1;
	return map_lookup_elem(&packets, &key);
}

INLINE void count(u32 key)
{
	u64 *n = map_lookup_elem(&counters, &key);

	if (n) {
		(*n)++;
	}
}

STATIC void look_up(struct packet *p)
{
	u64 key = (u64)p->src << 32 | p->dst;
	u64 *known = map_lookup_elem(&rnd_connections, &key);

	p->conn.rc = CONN_NEW;
	p->conn.ifindex = 0;
	if (!known) {
		return;
	}
	p->conn.flags = (u32)*known;
	p->conn.rc = *known & 1 ? CONN_KNOWN : *known & 2 ? CONN_BROKEN : CONN_NEW;
	p->conn.ifindex = (u32)(*known >> 32);
}

STATIC int forward(skb_t *skb, struct packet *p, struct settings *s)
{
	struct bpf_fib_lookup *params = (void *)s->room;
	int rc = p->fwd.res;

	if (rc == SHOT) {
		count(2);
		return SHOT;
	}
	if (rc == SEND_BACK) {
		rc = redirect(skb->ifindex, 0);
		return rc == REDIRECT ? rc : SHOT;
	}
	if (rc == SEND_TO) {
		rc = redirect(p->conn.ifindex, 0);
		if (rc != REDIRECT) {
			rc = UNSPEC;
		}
	} else if (p->fwd.fib) {
		__builtin_memset(params, 0, sizeof(*params));
		params->family = 2;
		params->ifindex = skb->ifindex;
		params->ipv4_src = p->src;
		params->ipv4_dst = p->dst;
		rc = fib_lookup(skb, params, sizeof(*params), 0) == 0
			     ? redirect_neigh(params->ifindex, NULL, 0, 0)
			     : UNSPEC;
	}
	if (p->fwd.mark) {
		skb->mark = p->fwd.mark;
	}
	count(rc == UNSPEC);
	return rc;
}

TC drop(skb_t *skb)
{
	struct packet *p = packet_get();

	if (!p) {
		return SHOT;
	}
	count(p->n_rules);
	return SHOT;
}

TC allowed(skb_t *skb)
{
	struct packet *p = packet_get();
	struct settings *s = settings_get();

	if (!p || !s) {
		return SHOT;
	}
	p->fwd.res = UNSPEC;
	if (p->policy == POLICY_DENY || p->conn.rc == CONN_BROKEN) {
		p->fwd.res = SHOT;
	} else if (p->conn.flags & 4) {
		p->fwd.res = SEND_BACK;
	} else if (p->conn.ifindex) {
		p->fwd.res = SEND_TO;
	}
	return forward(skb, p, s);
}

TC policy(skb_t *skb)
{
	struct packet *p = packet_get();
	u32 yes = skb->cb[0], no = skb->cb[1], n = 0;

	HIDE(yes); /* a field of the context is read by its own instruction */
	HIDE(no);
	if (!p) {
		return SHOT;
	}
	p->policy = p->proto == 6 && p->dport == 443 ? POLICY_ALLOW : POLICY_DENY;
	n = p->n_rules;
	if (n < 32) {
		p->rules[n] = 0x1234567890;
		p->n_rules = n + 1;
	}
	tail_call(skb, &jumps, p->policy == POLICY_ALLOW ? yes : no);
	return SHOT;
}

TC entry(skb_t *skb)
{
	struct packet *p = NULL;
	struct settings *s = NULL;

	if (skb->mark == 0x3000000) {
		return UNSPEC;
	}
	p = packet_get();
	s = settings_get();
	if (!p || !s) {
		return SHOT;
	}
	__builtin_memset(p, 0, sizeof(*p));
	p->fwd.res = UNSPEC;
	p->fwd.fib = 1;
	if (skb_load_bytes(skb, 26, &p->src, 8) < 0 || skb_load_bytes(skb, 23, &p->proto, 1) < 0) {
		p->fwd.res = SHOT;
		return forward(skb, p, s);
	}
	p->dport = (u16)skb->hash;
	look_up(p);
	if (p->conn.rc == CONN_NEW) {
		skb->cb[0] = s->jumps[0];
		skb->cb[1] = s->jumps[1];
		tail_call(skb, &jumps, s->jumps[2]);
		p->fwd.res = SHOT;
	} else if (p->conn.rc == CONN_KNOWN) {
		p->fwd.mark = 0x1000000;
	} else {
		p->fwd.res = SHOT;
	}
	return forward(skb, p, s);
}

LICENSE("GPL");
