/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/pool.h"

#include "analyzer/transfer.h"

#include <errno.h>
#include <string.h>

#define FIRST_SLOTS 256u

/** Remembered results, a power of two: few for short programs, which are most. */
#define LEAST_MEMO 256u
#define MOST_MEMO  8192u

/** Operations that are remembered beside those of instructions. */
enum memo_kind {
	MEMO_BINARY = 1,
	MEMO_UNARY,
	MEMO_JOIN,
	MEMO_WIDEN,
	MEMO_WIDEN_FAR,
	MEMO_MEET,
	MEMO_LEQ,
	MEMO_REFINE,
};

/** A remembered result; a newer one takes the place of an older one. */
struct pool_memo {
	uint32_t key; /**< Kind and operation; 0: empty. */
	vref a, b;
	vref ret, ret_b;
};

static uint64_t mix(uint64_t hash, uint64_t x)
{
	hash = (hash ^ x) * UINT64_C(0x9E3779B97F4A7C15);
	return hash ^ hash >> 29;
}

static uint32_t hash_value(const struct value *v)
{
	uint64_t hash = mix(v->kind | (uint64_t)v->n << 8 | (uint64_t)v->codes << 16 |
	                            (uint64_t)v->any << 32 | (uint64_t)v->loose << 33,
	                    v->ref);

	if (v->n > 0) {
		for (uint32_t i = 0; i < v->n; i++) {
			hash = mix(hash, v->set[i]);
		}
	} else {
		hash = mix(hash, v->umin);
		hash = mix(hash, v->umax);
		hash = mix(hash, (uint64_t)v->smin);
		hash = mix(hash, (uint64_t)v->smax);
		hash = mix(hash, v->bits.value);
		hash = mix(hash, v->bits.mask);
		hash = mix(hash, (uint64_t)v->u32min << 32 | v->u32max);
		hash = mix(hash, (uint64_t)(uint32_t)v->s32min << 32 | (uint32_t)v->s32max);
	}
	return (uint32_t)(hash ^ hash >> 32);
}

static bool grow(struct pool *pool)
{
	uint32_t cap = pool->cap ? pool->cap * 4 : FIRST_SLOTS;
	vref *table = arena_alloc(pool->arena, (size_t)cap * sizeof(vref));

	if (!table) {
		return false;
	}
	for (uint32_t i = 0; i < pool->cap; i++) {
		if (!pool->table[i]) {
			continue;
		}
		uint32_t at = pool->table[i]->hash & (cap - 1);

		while (table[at]) {
			at = (at + 1) & (cap - 1);
		}
		table[at] = pool->table[i];
	}
	pool->table = table; /* the old one stays in the arena: a third of it at most */
	pool->cap = cap;
	return true;
}

vref pool_put(struct pool *pool, const struct value *v)
{
	uint32_t hash = hash_value(v);
	uint32_t at = hash & (pool->cap - 1);

	for (; pool->table[at]; at = (at + 1) & (pool->cap - 1)) {
		if (pool->table[at]->hash == hash && val_eq(&pool->table[at]->v, v)) {
			return pool->table[at];
		}
	}
	struct interned *one = NULL;

	if (!pool->full && ((pool->n + 1) * 2 <= pool->cap || grow(pool))) {
		one = arena_alloc(pool->arena, sizeof(*one));
	}
	if (!one) {
		pool->full = true;
		return pool->any;
	}
	one->v = *v;
	one->hash = hash;
	for (at = hash & (pool->cap - 1); pool->table[at];) {
		at = (at + 1) & (pool->cap - 1);
	}
	pool->table[at] = one;
	pool->n++;
	return one;
}

int pool_init(struct pool *pool, struct arena *arena, uint64_t n_insns)
{
	static const uint8_t widths[] = {8, 16, 32, 64};
	struct value v;

	*pool = (struct pool){.arena = arena, .n_memo = LEAST_MEMO};
	while (pool->n_memo < MOST_MEMO && pool->n_memo < 4 * n_insns) {
		pool->n_memo *= 2;
	}
	pool->memo = arena_alloc(arena, pool->n_memo * sizeof(*pool->memo));
	if (!pool->memo || !grow(pool)) {
		return -ENOMEM;
	}
	v = val_any();
	pool->any = pool_put(pool, &v);
	v = val_bottom();
	pool->bottom = pool_put(pool, &v);
	v = val_top();
	pool->top = pool_put(pool, &v);
	pool->zero = pool_const(pool, 0);
	for (size_t i = 0; i < COUNT_OF(widths); i++) {
		v = val_width(widths[i]);
		pool->width[i] = pool_put(pool, &v);
	}
	return pool->full ? -ENOMEM : 0;
}

vref pool_const(struct pool *pool, uint64_t number)
{
	uint64_t hash = number * UINT64_C(0x9E3779B97F4A7C15);
	vref *known = &pool->numbers[(hash >> 32) % POOL_NUMBERS];

	if (!*known || (*known)->v.set[0] != number) {
		struct value v = val_const(number);
		vref one = pool_put(pool, &v);

		if (pool->full) {
			return one; /* it may be another value */
		}
		*known = one;
	}
	return *known;
}

vref pool_width(struct pool *pool, unsigned int bits)
{
	return bits == 8    ? pool->width[0]
	       : bits == 16 ? pool->width[1]
	                    : pool->width[bits == 64 ? 3 : 2];
}

/** Place for a remembered result; its key says whether it is the one looked for. */
static struct pool_memo *memo_of(struct pool *pool, uint32_t key, vref a, vref b)
{
	uint64_t hash = mix(mix(key, a->hash), b->hash);

	return &pool->memo[hash & (pool->n_memo - 1)];
}

static bool is_hit(const struct pool_memo *m, uint32_t key, vref a, vref b)
{
	return m->key == key && m->a == a && m->b == b;
}

static vref remember(struct pool_memo *m, uint32_t key, vref a, vref b, vref ret)
{
	*m = (struct pool_memo){.key = key, .a = a, .b = b, .ret = ret};
	return ret;
}

vref pool_binary(struct pool *pool, enum insn_op op, unsigned int bits, vref a, vref b)
{
	uint32_t key = MEMO_BINARY | (uint32_t)op << 8 | bits << 16;
	struct pool_memo *m = memo_of(pool, key, a, b);

	if (is_hit(m, key, a, b)) {
		return m->ret;
	}
	struct value v = transfer_binary(op, bits, &a->v, &b->v);

	return remember(m, key, a, b, pool_put(pool, &v));
}

vref pool_unary(struct pool *pool, enum insn_op op, unsigned int bits, unsigned int from, vref a)
{
	uint32_t key = MEMO_UNARY | (uint32_t)op << 8 | bits << 16 | from << 24;
	struct pool_memo *m = memo_of(pool, key, a, a);

	if (op == OP_MOV && bits == 64) {
		return a;
	}
	if (is_hit(m, key, a, a)) {
		return m->ret;
	}
	struct value v = transfer_unary(op, bits, from, &a->v);

	return remember(m, key, a, a, pool_put(pool, &v));
}

vref pool_join(struct pool *pool, vref a, vref b)
{
	if (a == b) {
		return a;
	}
	if (a->hash > b->hash) { /* it commutes */
		vref swap = a;

		a = b;
		b = swap;
	}
	struct pool_memo *m = memo_of(pool, MEMO_JOIN, a, b);

	if (is_hit(m, MEMO_JOIN, a, b)) {
		return m->ret;
	}
	struct value v = val_join(&a->v, &b->v);

	pool->func_lost |= v.kind != VAL_FUNC && (a->v.kind == VAL_FUNC || b->v.kind == VAL_FUNC);
	return remember(m, MEMO_JOIN, a, b, pool_put(pool, &v));
}

vref pool_widen(struct pool *pool, vref was, vref now, bool far)
{
	uint32_t key = far ? MEMO_WIDEN_FAR : MEMO_WIDEN;
	struct pool_memo *m = NULL;

	if (was == now) {
		return was;
	}
	m = memo_of(pool, key, was, now);
	if (is_hit(m, key, was, now)) {
		return m->ret;
	}
	struct value v = far ? val_widen_far(&was->v, &now->v) : val_widen(&was->v, &now->v);

	pool->func_lost |=
		v.kind != VAL_FUNC && (was->v.kind == VAL_FUNC || now->v.kind == VAL_FUNC);

	return remember(m, key, was, now, pool_put(pool, &v));
}

vref pool_meet(struct pool *pool, vref a, vref b)
{
	struct pool_memo *m = memo_of(pool, MEMO_MEET, a, b);

	if (a == b) {
		return a;
	}
	if (is_hit(m, MEMO_MEET, a, b)) {
		return m->ret;
	}
	struct value v = val_meet(&a->v, &b->v);

	return remember(m, MEMO_MEET, a, b, pool_put(pool, &v));
}

bool pool_leq(struct pool *pool, vref a, vref b)
{
	if (a == b || b == pool->any) {
		return true;
	}
	struct pool_memo *m = memo_of(pool, MEMO_LEQ, a, b);

	if (is_hit(m, MEMO_LEQ, a, b)) {
		return m->ret != NULL;
	}
	return remember(m, MEMO_LEQ, a, b, val_leq(&a->v, &b->v) ? a : NULL) != NULL;
}

bool pool_refine(struct pool *pool, struct comparison c, vref *a, vref *b)
{
	uint32_t key =
		MEMO_REFINE | (uint32_t)c.op << 8 | c.bits << 16 | (c.negated ? 1u << 24 : 0);
	struct pool_memo *m = memo_of(pool, key, *a, *b);

	if (!is_hit(m, key, *a, *b)) {
		struct value x = (*a)->v;
		struct value y = (*b)->v;

		refine(c, &x, &y);
		vref ret = pool_put(pool, &x);

		(void)remember(m, key, *a, *b, ret);
		m->ret_b = pool_put(pool, &y);
	}
	*a = m->ret;
	*b = m->ret_b;
	return !val_is_bottom(&(*a)->v) && !val_is_bottom(&(*b)->v);
}
