/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/state.h"

#include <stddef.h>
#include <string.h>

/** Names given between two cleanings; further ones are not given. */
#define MOST_SYMS 1000u

/** Deltas of whole numbers stay small, so that their differences never wrap. */
#define MOST_DELTA (INT64_C(1) << 29)

struct state *state_new(struct arena *arena)
{
	return arena_alloc(arena, state_bytes(STATE_CELLS));
}

void state_copy(struct state *to, const struct state *from)
{
	size_t head = offsetof(struct state, facts);

	memcpy(to, from, head + from->n_facts * sizeof(from->facts[0]));
	memcpy(to->cells, from->cells, from->n_cells * sizeof(from->cells[0]));
}

struct state *state_save(const struct state *st, struct arena *arena)
{
	struct state *copy = arena_alloc(arena, state_bytes(st->n_cells));

	if (copy) {
		state_copy(copy, st);
	}
	return copy;
}

void state_clear(struct state *st, struct pool *pool, uint32_t depth)
{
	memset(st, 0, sizeof(*st));
	for (uint32_t i = 0; i < INSN_REGS; i++) {
		st->regs[i].v = pool->top; /* no program reads what was never written */
	}
	st->depth = (uint16_t)depth;

	struct value frame = val_ptr(VAL_STACK, SPACE_FRAME(depth), 0);

	st->regs[INSN_FRAME].v = pool_put(pool, &frame);
}

/* --- registers ---------------------------------------------------------------------------------
 */

void state_set(struct state *st, uint32_t reg, vref v, uint32_t origin)
{
	st->regs[reg] = (struct slot){.v = v, .origin = origin};
}

void state_name(struct state *st, struct slot *slot)
{
	if (val_is_const(&slot->v->v)) {
		return; /* a number needs no name */
	}
	if (slot->sym == 0 && st->n_syms < MOST_SYMS) {
		slot->sym = ++st->n_syms;
		slot->delta = 0;
	}
	if (slot->sym32 == 0 && st->n_syms < MOST_SYMS) {
		slot->sym32 = ++st->n_syms;
		slot->delta32 = 0;
	}
}

void state_move(struct state *st, uint32_t dst, uint32_t src)
{
	state_name(st, &st->regs[src]);
	st->regs[dst] = st->regs[src];
}

void state_move_low(struct state *st, uint32_t dst, uint32_t src, vref v, uint32_t origin)
{
	/* Results of moving or extending a low half lie in its range: equal means unchanged. */
	if (v == st->regs[src].v) {
		state_move(st, dst, src);
		return;
	}
	state_name(st, &st->regs[src]);
	st->regs[dst] = (struct slot){.v = v,
	                              .sym32 = st->regs[src].sym32,
	                              .delta32 = st->regs[src].delta32,
	                              .origin = origin};
}

void state_add(struct state *st, uint32_t dst, int64_t number, unsigned int bits, vref v)
{
	struct slot *slot = &st->regs[dst];
	int64_t delta = 0;

	if (bits == 32 || __builtin_add_overflow((int64_t)slot->delta, number, &delta) ||
	    delta < -MOST_DELTA || delta > MOST_DELTA) {
		slot->sym = 0;
		delta = 0;
	}
	slot->delta = slot->sym ? (int32_t)delta : 0;
	slot->delta32 = (int32_t)((uint32_t)slot->delta32 + (uint32_t)number);
	slot->v = v;
	if (slot->sym32 == 0) {
		slot->delta32 = 0;
	}
}

/* --- memory ------------------------------------------------------------------------------------
 */

/** First cell at or behind a place. */
static uint32_t cell_at(const struct state *st, uint32_t space, int64_t off)
{
	uint32_t lo = 0;
	uint32_t hi = st->n_cells;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct cell *c = &st->cells[mid];

		if (c->space < space || (c->space == space && (int64_t)c->off + c->size <= off)) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return lo;
}

static void remove_cell(struct state *st, uint32_t i)
{
	st->n_cells--;
	memmove(&st->cells[i], &st->cells[i + 1], (st->n_cells - i) * sizeof(st->cells[0]));
}

static struct cell *insert_cell(struct state *st, const struct cell *cell)
{
	uint32_t i = cell_at(st, cell->space, cell->off);

	if (st->n_cells == STATE_CELLS) {
		return NULL;
	}
	memmove(&st->cells[i + 1], &st->cells[i], (st->n_cells - i) * sizeof(st->cells[0]));
	st->cells[i] = *cell;
	st->n_cells++;
	return &st->cells[i];
}

/** Part of a cell: @p size bytes from @p from. */
static vref part_of(struct pool *pool, const struct cell *cell, uint32_t from, uint32_t size)
{
	uint32_t low = from; /* bytes of the number below the part */
	vref v = cell->slot.v;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	low = cell->size - from - size;
#endif
	if (size == cell->size || size >= 8) {
		return v;
	}
	if (v->v.kind != VAL_NUM || v->v.any) {
		struct value unknown = val_width(8 * size);

		return pool_put(pool, &unknown);
	}
	if (low > 0) {
		v = pool_binary(pool, OP_RSH, 64, v, pool_const(pool, 8 * (uint64_t)low));
	}
	uint64_t mask = (UINT64_C(1) << (8 * size)) - 1;

	return pool_binary(pool, OP_AND, 64, v, pool_const(pool, mask));
}

static bool covers(const struct cell *c, uint32_t space, int64_t off, uint32_t size)
{
	return c->space == space && c->off <= off && (int64_t)c->off + c->size >= off + size;
}

/** Number made of several cells; NULL when a byte is missing or unknown anyway. */
static vref gather(const struct state *st, struct pool *pool, uint32_t space, int64_t off,
                   uint32_t size)
{
	vref sum = pool->zero;
	uint32_t done = 0;

	for (uint32_t i = cell_at(st, space, off); done < size; i++) {
		const struct cell *c = &st->cells[i];

		if (i == st->n_cells || c->space != space || c->off > off + done) {
			return NULL;
		}
		uint32_t from = (uint32_t)(off + done - c->off);
		uint32_t n = c->size - from < size - done ? c->size - from : size - done;
		vref part = part_of(pool, c, from, n);
		uint32_t low = done;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		low = size - done - n;
#endif
		if (part->v.kind != VAL_NUM || part->v.any) {
			return NULL;
		}
		part = pool_binary(pool, OP_LSH, 64, part, pool_const(pool, 8 * (uint64_t)low));
		sum = pool_binary(pool, OP_OR, 64, sum, part);
		done += n;
	}
	return sum;
}

struct slot state_load(struct state *st, struct pool *pool, uint32_t space, int64_t off,
                       uint32_t size, uint32_t origin)
{
	uint32_t i = cell_at(st, space, off);
	struct cell *c = i < st->n_cells ? &st->cells[i] : NULL;
	struct slot got = {.v = pool_width(pool, 8 * size), .origin = origin};

	if (off < INT32_MIN || off > INT32_MAX - 8) {
		return got;
	}
	if (space < SPACE_CTX && size == 8) {
		got.v = pool->any; /* may be a pointer that was put there unseen */
	}
	if (c && covers(c, space, off, size)) {
		if (c->size == size) {
			state_name(st, &c->slot);
			return c->slot;
		}
		got.v = part_of(pool, c, (uint32_t)(off - c->off), size);
		got.origin = c->slot.origin | ORIGIN_COMPUTED;
		return got;
	}
	if (c && c->space == space && c->off < off + size) {
		vref whole = gather(st, pool, space, off, size);

		got.v = whole ? whole : got.v;
		return got;
	}
	struct cell seen = {
		.space = space, .off = (int32_t)off, .size = (uint8_t)size, .slot = got};

	state_name(st, &seen.slot);
	return insert_cell(st, &seen) ? seen.slot : got;
}

bool state_has(const struct state *st, uint32_t space, int64_t off, uint32_t size)
{
	uint32_t i = cell_at(st, space, off);

	return i < st->n_cells && st->cells[i].space == space &&
	       st->cells[i].off < off + (int64_t)size;
}

void state_forget(struct state *st, struct pool *pool, uint32_t space, int64_t from, int64_t to)
{
	uint32_t i = cell_at(st, space, from);

	while (i < st->n_cells && st->cells[i].space == space && st->cells[i].off < to) {
		struct cell was = st->cells[i];
		int64_t end = (int64_t)was.off + was.size;

		remove_cell(st, i);
		if (was.slot.v->v.kind != VAL_NUM || was.slot.v->v.any) {
			continue;
		}
		if (was.off < from) {
			struct cell left = was;

			left.size = (uint8_t)(from - was.off);
			left.slot = (struct slot){.v = part_of(pool, &was, 0, left.size),
			                          .origin = was.slot.origin};
			i += insert_cell(st, &left) ? 1 : 0;
		}
		if (end > to) {
			struct cell right = was;

			right.off = (int32_t)to;
			right.size = (uint8_t)(end - to);
			right.slot = (struct slot){
				.v = part_of(pool, &was, (uint32_t)(to - was.off), right.size),
				.origin = was.slot.origin};
			(void)insert_cell(st, &right);
			return;
		}
	}
}

void state_store(struct state *st, struct pool *pool, uint32_t space, int64_t off, uint32_t size,
                 struct slot slot)
{
	state_forget(st, pool, space, off, off + size);
	pool->func_lost |= slot.v->v.kind == VAL_FUNC && off < 0; /* may be lost sight of */
	if (off < INT32_MIN || off > INT32_MAX - 8 || slot.v == pool->any) {
		return;
	}
	struct cell cell = {.space = space,
	                    .off = (int32_t)off,
	                    .size = (uint8_t)size,
	                    .stored = true,
	                    .slot = slot};

	if (size < 8) {
		uint64_t mask = (UINT64_C(1) << (8 * size)) - 1;

		cell.slot.v = slot.v->v.kind == VAL_NUM ? pool_binary(pool, OP_AND, 64, slot.v,
		                                                      pool_const(pool, mask))
		                                        : pool_width(pool, 8 * size);
		if (cell.slot.v != slot.v) {
			cell.slot.sym = 0;
			cell.slot.delta = 0;
			if (size < 4) {
				cell.slot.sym32 = 0;
				cell.slot.delta32 = 0;
			}
		}
		if (cell.slot.v->v.any) {
			cell.slot.v = pool_width(pool, 8 * size);
		}
	}
	(void)insert_cell(st, &cell);
}

/** Keep the cells for which @p keep holds. */
static void keep_cells(struct state *st, bool (*keep)(const struct cell *c, uint32_t arg),
                       uint32_t arg)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < st->n_cells; i++) {
		if (keep(&st->cells[i], arg)) {
			if (n != i) {
				st->cells[n] = st->cells[i];
			}
			n++;
		}
	}
	st->n_cells = (uint16_t)n;
}

static bool not_stack(const struct cell *c, uint32_t arg)
{
	(void)arg;
	return c->space >= SPACE_CTX || c->off >= 0;
}

static bool not_ctx(const struct cell *c, uint32_t also_stored)
{
	return c->space != SPACE_CTX || (c->stored && !also_stored);
}

static bool not_elem(const struct cell *c, uint32_t space)
{
	return c->space < SPACE_ELEMS || (space != SPACE_ELEMS && c->space != space);
}

static bool below_depth(const struct cell *c, uint32_t depth)
{
	return c->space >= SPACE_CTX || c->space < depth;
}

void state_forget_stack(struct state *st)
{
	keep_cells(st, not_stack, 0);
}

void state_forget_ctx(struct state *st, bool also_stored)
{
	keep_cells(st, not_ctx, also_stored);
}

void state_forget_elems(struct state *st, uint32_t space)
{
	if (st->n_cells > 0 && st->cells[st->n_cells - 1].space >= SPACE_ELEMS) {
		keep_cells(st, not_elem, space);
	}
}

void state_drop_frames(struct state *st, uint32_t depth)
{
	keep_cells(st, below_depth, depth);
}
