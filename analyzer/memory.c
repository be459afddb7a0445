/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads and stores: what a pointer can lead to, and what is known there.
 */
#include "analyzer/engine.h"

#include <errno.h>
#include <string.h>

/** Most places of a table that one load looks at. */
#define MOST_PLACES 1024u

static void mark_stack(struct reads *reads, int64_t from, int64_t to)
{
	for (int64_t off = from & ~INT64_C(7); off < to && off < 0; off += 8) {
		if (off >= LIVE_LOWEST) {
			int64_t group = (off - LIVE_LOWEST) / 8;

			reads->stack[group / 64] |= UINT64_C(1) << (group % 64);
		}
	}
}

/** Remember what the load reads; later passes forget what nothing reads. */
static void mark_reads(const struct place *at, const struct state *st, const struct value *ptr,
                       int64_t off, uint32_t bytes)
{
	struct reads *reads = &at->u->reads[at->pc];

	if (ptr->kind == VAL_CTX) {
		for (uint32_t i = 0; i < ptr->n; i++) {
			int64_t from = (int64_t)(ptr->set[i] + (uint64_t)off);

			reads->ctx |= live_ctx_bit(from) | live_ctx_bit(from + bytes - 1);
		}
		reads->ctx |= ptr->n == 0 ? UINT64_MAX : 0;
	} else if (ptr->kind == VAL_STACK && ptr->ref == SPACE_FRAME(st->depth) && ptr->n > 0) {
		for (uint32_t i = 0; i < ptr->n; i++) {
			int64_t from = (int64_t)(ptr->set[i] + (uint64_t)off);

			mark_stack(reads, from, from + bytes);
		}
	} else if (ptr->kind == VAL_STACK || ptr->any) {
		memset(reads->stack, 0xff, sizeof(reads->stack));
		reads->ctx |= ptr->any ? UINT64_MAX : 0;
	}
}

/** The frozen content of a map; its use becomes evidence. */
static const struct consulted *frozen_content(const struct place *at, const struct verdict_map *map)
{
	struct engine *e = at->e;

	for (uint32_t i = 0; i < e->n_frozen; i++) {
		if (e->frozen[i].map_id == map->id) {
			return &e->frozen[i];
		}
	}
	uint64_t *bytes =
		arena_alloc(&e->keep, VERDICT_FROZEN_WORDS(map->value_size) * sizeof(*bytes));

	if (!bytes || arena_reserve(&e->keep, (void **)&e->frozen, e->n_frozen, &e->cap_frozen,
	                            sizeof(*e->frozen)) < 0) {
		engine_limit(e, "memory for the maps consulted");
		return NULL;
	}
	e->frozen[e->n_frozen] = (struct consulted){.map_id = map->id, .bytes = bytes};
	return &e->frozen[e->n_frozen++];
}

static bool read_number(const struct verdict_map *map, const struct consulted *read, uint64_t off,
                        uint32_t bytes, uint64_t *ret)
{
	const unsigned char *content = map->frozen;
	uint64_t number = 0;

	if (off > map->value_size || bytes > map->value_size - off) {
		return false;
	}
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	memcpy((unsigned char *)&number + sizeof(number) - bytes, content + off, bytes);
#else
	memcpy(&number, content + off, bytes);
#endif
	for (uint64_t i = off; i < off + bytes; i++) {
		read->bytes[i / 64] |= UINT64_C(1) << (i % 64);
	}
	*ret = number;
	return true;
}

/** Load from a map that never changes: every number that lies at one of the offsets. */
static vref load_frozen(const struct place *at, const struct value *ptr, int64_t off,
                        uint32_t bytes)
{
	struct pool *pool = &at->e->pool;
	const struct verdict_map *map = engine_map(at->e, ptr->ref);
	const struct consulted *read = map && map->frozen ? frozen_content(at, map) : NULL;
	uint64_t numbers[MOST_PLACES];
	uint32_t n = 0;
	uint64_t stride = 1;

	if (!read) {
		return pool_width(pool, 8 * bytes);
	}
	if (ptr->n == 0 && ptr->bits.mask != 0) {
		stride = ptr->bits.mask & -ptr->bits.mask;
	}
	for (uint32_t i = 0; ptr->n > 0 && i < ptr->n; i++) {
		if (!read_number(map, read, ptr->set[i] + (uint64_t)off, bytes, &numbers[n++])) {
			return pool_width(pool, 8 * bytes);
		}
	}
	if (ptr->n == 0 && (ptr->umax - ptr->umin) / stride >= MOST_PLACES) {
		return pool_width(pool, 8 * bytes);
	}
	for (uint64_t x = ptr->umin; ptr->n == 0 && x <= ptr->umax && n < MOST_PLACES;
	     x += stride) {
		if (val_has(ptr, x) &&
		    !read_number(map, read, x + (uint64_t)off, bytes, &numbers[n++])) {
			return pool_width(pool, 8 * bytes);
		}
	}
	struct value v = val_set(numbers, n);

	v.loose = n > 1 && ptr->loose;
	return pool_put(pool, &v);
}

/** Load from cells at one of several offsets. */
static struct slot load_cells(const struct place *at, struct state *st, uint32_t space,
                              const struct value *ptr, int64_t off, uint32_t bytes)
{
	struct pool *pool = &at->e->pool;
	uint32_t origin = ORIGIN(at->u->idx, at->pc);
	struct slot sum = {.v = pool->bottom, .origin = origin};

	if (ptr->n == 1) {
		return state_load(st, pool, space, (int64_t)(ptr->set[0] + (uint64_t)off), bytes,
		                  origin);
	}
	for (uint32_t i = 0; i < ptr->n; i++) {
		struct slot one = state_load(st, pool, space,
		                             (int64_t)(ptr->set[i] + (uint64_t)off), bytes, origin);

		sum.v = pool_join(pool, sum.v, one.v);
		sum.origin = one.v->v.n == 0 ? one.origin : sum.origin;
	}
	if (ptr->n == 0) {
		sum.v = space < SPACE_CTX && bytes == 8 ? pool->any : pool_width(pool, 8 * bytes);
	}
	return sum;
}

static uint32_t space_of(const struct value *ptr)
{
	return ptr->kind == VAL_STACK  ? ptr->ref
	       : ptr->kind == VAL_ELEM ? SPACE_ELEMS | ptr->ref
	                               : SPACE_CTX;
}

struct slot memory_load(const struct place *at, struct state *st, uint32_t base, int64_t off,
                        uint32_t bytes)
{
	struct pool *pool = &at->e->pool;
	const struct value *ptr = &st->regs[base].v->v;
	struct slot got = {.v = pool_width(pool, 8 * bytes), .origin = ORIGIN(at->u->idx, at->pc)};

	mark_reads(at, st, ptr, off, bytes);
	switch ((enum val_kind)ptr->kind) {
	case VAL_STACK:
	case VAL_CTX:
		return load_cells(at, st, space_of(ptr), ptr, off, bytes);
	case VAL_MAP_VALUE:
		got.v = load_frozen(at, ptr, off, bytes);
		return got;
	case VAL_ELEM:
		return scratch_load(at, st, ptr, off, bytes)
		               ? load_cells(at, st, space_of(ptr), ptr, off, bytes)
		               : got;
	case VAL_MAP: {
		vref element = off == 0 && bytes == 8 ? scratch_table(at, st) : NULL;

		got.v = element ? element : bytes == 8 ? pool->any : got.v;
		return got;
	}
	default:
		if (ptr->any && bytes == 8) {
			got.v = pool->any;
		}
		return got;
	}
}

/** One of several cells is written: each may keep what it has. */
static void store_weak(const struct place *at, struct state *st, uint32_t space, int64_t off,
                       uint32_t bytes, struct slot slot)
{
	struct pool *pool = &at->e->pool;
	struct slot was = state_load(st, pool, space, off, bytes, 0);
	struct slot joined = {.v = pool_join(pool, was.v, slot.v), .origin = slot.origin};

	state_store(st, pool, space, off, bytes, joined);
}

/** Only the low bytes of what is stored count. */
static struct slot cut_slot(struct pool *pool, struct slot slot, uint32_t bytes)
{
	if (bytes < 8) {
		uint64_t mask = (UINT64_C(1) << (8 * bytes)) - 1;

		slot.v = slot.v->v.kind == VAL_NUM && !slot.v->v.any
		                 ? pool_binary(pool, OP_AND, 64, slot.v, pool_const(pool, mask))
		                 : pool_width(pool, 8 * bytes);
	}
	return slot;
}

static void store_cells(const struct place *at, struct state *st, const struct value *ptr,
                        int64_t off, struct slot slot, uint32_t bytes)
{
	struct pool *pool = &at->e->pool;
	uint32_t space = space_of(ptr);

	if (ptr->n == 1) {
		state_store(st, pool, space, (int64_t)(ptr->set[0] + (uint64_t)off), bytes, slot);
		return;
	}
	slot = cut_slot(pool, slot, bytes);
	for (uint32_t i = 0; i < ptr->n; i++) {
		store_weak(at, st, space, (int64_t)(ptr->set[i] + (uint64_t)off), bytes, slot);
	}
	if (ptr->n == 0) {
		int64_t from = 0;
		int64_t to = 0;

		if (__builtin_add_overflow(ptr->smin, off, &from) ||
		    __builtin_add_overflow(ptr->smax, off + bytes, &to)) {
			from = INT32_MIN;
			to = INT32_MAX;
		}
		to = space < SPACE_CTX && to > 0 ? 0 : to;
		state_forget(st, pool, space, from, to);
	}
}

void memory_store(const struct place *at, struct state *st, uint32_t base, int64_t off,
                  uint32_t bytes, struct slot slot)
{
	const struct value *ptr = &st->regs[base].v->v;

	if (ptr->kind == VAL_STACK || ptr->kind == VAL_CTX ||
	    (ptr->kind == VAL_ELEM && scratch_store(at, st, ptr, off, bytes))) {
		store_cells(at, st, ptr, off, slot, bytes);
	} else if (ptr->any) {
		state_forget_stack(st);
		state_forget_ctx(st, true);
		state_forget_elems(st, SPACE_ELEMS);
	} else if (ptr->kind == VAL_ELEM_OR_NULL) {
		state_forget_elems(st, SPACE_ELEMS);
	}
}

void memory_clobber(const struct place *at, struct state *st, const struct value *ptr,
                    int64_t bytes)
{
	if (ptr->kind == VAL_STACK) {
		int64_t from = ptr->smin;
		int64_t to = 0;

		if (bytes >= 0 && ptr->smax < INT32_MAX && bytes < INT32_MAX) {
			to = ptr->smax + bytes < 0 ? ptr->smax + bytes : 0;
		}
		state_forget(st, &at->e->pool, ptr->ref, from, to);
	} else if (ptr->kind == VAL_ELEM) {
		scratch_clobber(at, st, ptr, bytes);
	} else if (ptr->any) {
		state_forget_stack(st);
		state_forget_elems(st, SPACE_ELEMS);
	} else if (ptr->kind == VAL_ELEM_OR_NULL) {
		state_forget_elems(st, SPACE_ELEMS);
	}
}
