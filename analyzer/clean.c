/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One form for states that say the same: without what is dead, names numbered by first use, and
 * with a hash.
 */
#include "analyzer/slots.h"

#include <string.h>

#define MOST_NAMES 1024u
#define ALL_REGS   ((1u << INSN_REGS) - 1)

static bool cell_is_live(const struct state *st, const struct cell *c, const struct live *live)
{
	if (c->space == SPACE_CTX) {
		return (live->ctx & (live_ctx_bit(c->off) | live_ctx_bit(c->off + c->size - 1))) !=
		       0;
	}
	if (c->space != SPACE_FRAME(st->depth) || c->off >= 0) {
		return true;
	}
	for (int64_t off = c->off & ~7; off < c->off + c->size && off < 0; off += 8) {
		int64_t group = (off - LIVE_LOWEST) / 8;

		if (off < LIVE_LOWEST || (live->stack[group / 64] >> (group % 64) & 1)) {
			return true;
		}
	}
	return false;
}

/** Says the cell nothing that its absence would not say? */
static bool is_useless(const struct cell *c, struct pool *pool)
{
	if (c->stored || is_linked(&c->slot)) {
		return false;
	}
	if (c->space < SPACE_CTX && c->size == 8) {
		return c->slot.v == pool->any;
	}
	return (c->size == 1 || c->size == 2 || c->size == 4 || c->size == 8) &&
	       c->slot.v == pool_width(pool, 8 * c->size);
}

static void drop_dead(struct state *st, struct pool *pool, const struct live *live)
{
	uint32_t dead = live ? ALL_REGS & ~live->regs & ~(1u << INSN_FRAME) : 0;
	uint32_t n = 0;

	for (; dead != 0; dead &= dead - 1) {
		st->regs[__builtin_ctz(dead)] = (struct slot){.v = pool->any};
	}
	for (uint32_t i = 0; i < st->n_cells; i++) {
		const struct cell *c = &st->cells[i];

		if (is_useless(c, pool) || (live && !cell_is_live(st, c, live))) {
			continue;
		}
		if (n != i) {
			st->cells[n] = *c;
		}
		n++;
	}
	st->n_cells = (uint16_t)n;
}

/** Names on their way from old to new. */
struct renaming {
	uint16_t count[MOST_NAMES];
	uint16_t now[MOST_NAMES];
	int32_t base[MOST_NAMES]; /**< Delta of the first slot, which gets 0. */
};

static void count_names(struct state *st, struct renaming *r)
{
	uint32_t n = n_slots(st);

	memset(r->count, 0, (st->n_syms + 1u) * sizeof(r->count[0]));
	memset(r->now, 0, (st->n_syms + 1u) * sizeof(r->now[0]));
	for (uint32_t i = 0; i < n; i++) {
		struct slot *s = slot_at(st, i);

		if (is_linked(s) && val_is_const(&s->v->v)) {
			s->sym = s->sym32 = 0;
		}
		r->count[s->sym]++;
		r->count[s->sym32]++;
	}
}

/** A name in a fact counts as used twice, if a slot still has it. */
static void keep_facts(struct state *st, struct renaming *r)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < st->n_facts; i++) {
		struct fact f = st->facts[i];

		if (r->count[f.a] > 0 && r->count[f.b] > 0 && f.mask != FACT_ALL) {
			st->facts[n++] = f;
		}
	}
	st->n_facts = (uint16_t)n;
	for (uint32_t i = 0; i < n; i++) {
		r->count[st->facts[i].a] = MOST_NAMES;
		r->count[st->facts[i].b] = MOST_NAMES;
	}
}

static uint16_t rename(struct renaming *r, uint16_t sym, int32_t *delta, uint16_t *next)
{
	if (sym == 0 || r->count[sym] < 2) {
		*delta = 0;
		return 0;
	}
	if (r->now[sym] == 0) {
		r->now[sym] = ++*next;
		r->base[sym] = *delta;
	}
	*delta = (int32_t)((uint32_t)*delta - (uint32_t)r->base[sym]);
	return r->now[sym];
}

/** The same for whole numbers, whose deltas must not wrap: rather no link. */
static uint16_t rename_whole(struct renaming *r, uint16_t sym, int32_t *delta, uint16_t *next)
{
	int64_t from_base = (int64_t)*delta - r->base[sym];

	if (sym != 0 && r->now[sym] != 0 && (from_base < -MOST_DELTA || from_base > MOST_DELTA)) {
		*delta = 0;
		return 0;
	}
	return rename(r, sym, delta, next);
}

static bool fact_before(const struct fact *f, const struct fact *g)
{
	if (f->a != g->a || f->b != g->b) {
		return f->a != g->a ? f->a < g->a : f->b < g->b;
	}
	return f->da != g->da ? f->da < g->da : f->db < g->db;
}

static void rename_facts(struct state *st, const struct renaming *r)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < st->n_facts; i++) {
		struct fact f = st->facts[i];
		int64_t da = (int64_t)f.da - r->base[f.a];
		int64_t db = (int64_t)f.db - r->base[f.b];
		uint32_t at = n;

		if (r->now[f.a] == 0 || r->now[f.b] == 0 || da != (int32_t)da ||
		    db != (int32_t)db) {
			continue;
		}
		n++;
		f.da = (int32_t)da;
		f.db = (int32_t)db;
		f.a = r->now[f.a];
		f.b = r->now[f.b];
		if (f.a > f.b) {
			f = (struct fact){.a = f.b,
			                  .b = f.a,
			                  .da = f.db,
			                  .db = f.da,
			                  .mask = mirror_mask(f.mask)};
		}
		for (; at > 0 && fact_before(&f, &st->facts[at - 1]); at--) {
			st->facts[at] = st->facts[at - 1];
		}
		st->facts[at] = f;
	}
	st->n_facts = (uint16_t)n;
}

static uint32_t mix32(uint32_t hash, uint32_t x)
{
	hash = (hash ^ x) * UINT32_C(0x9E3779B1);
	return hash ^ hash >> 15;
}

static uint32_t hash_slot(uint32_t hash, const struct slot *s)
{
	hash = mix32(hash, s->v->hash);
	return is_linked(s) ? mix32(hash, (uint32_t)s->sym << 16 | s->sym32) : hash;
}

static uint32_t hash_state(const struct state *st)
{
	uint32_t hash = mix32(st->depth, st->n_cells);

	for (uint32_t i = 0; i < INSN_REGS; i++) {
		hash = hash_slot(hash, &st->regs[i]);
	}
	for (uint32_t i = 0; i < st->n_cells; i++) {
		const struct cell *c = &st->cells[i];

		hash = hash_slot(mix32(hash, c->space << 16 ^ (uint32_t)c->off), &c->slot);
	}
	return mix32(hash, st->n_facts);
}

/** Number names by first use; those that only one slot has go. @return how many there are. */
static uint16_t number_names(struct state *st)
{
	struct renaming r; /* its tables are filled as far as there are names */
	uint32_t n = n_slots(st);
	uint16_t next = 0;

	count_names(st, &r);
	keep_facts(st, &r);
	for (uint32_t i = 0; i < n; i++) {
		struct slot *s = slot_at(st, i);

		if (is_linked(s)) {
			s->sym = rename_whole(&r, s->sym, &s->delta, &next);
			s->sym32 = rename(&r, s->sym32, &s->delta32, &next);
		} else {
			s->delta = s->delta32 = 0;
		}
	}
	rename_facts(st, &r);
	return next;
}

void state_clean(struct state *st, struct pool *pool, const struct live *live)
{
	drop_dead(st, pool, live);
	st->n_syms = st->n_syms > 0 ? number_names(st) : 0;
	st->hash = hash_state(st);
}
