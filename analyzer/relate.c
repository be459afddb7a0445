/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds between the slots of a state: links, facts, and what becomes of them when states are
 * compared and joined.
 */
#include "analyzer/state.h"

#include <string.h>

#define MOST_SLOTS (INSN_REGS + STATE_CELLS)
#define MOST_NAMES 1024u

/** Deltas of whole numbers stay so small that no sum of two wraps. */
#define MOST_DELTA (INT64_C(1) << 29)

/** Stands for "is a number": such slots are linked through their difference. */
#define SYM_NUMBER UINT16_MAX

static uint32_t n_slots(const struct state *st)
{
	return INSN_REGS + st->n_cells;
}

static struct slot *slot_at(struct state *st, uint32_t i)
{
	return i < INSN_REGS ? &st->regs[i] : &st->cells[i - INSN_REGS].slot;
}

static const struct slot *slot_of(const struct state *st, uint32_t i)
{
	return i < INSN_REGS ? &st->regs[i] : &st->cells[i - INSN_REGS].slot;
}

/* --- narrowing ---------------------------------------------------------------------------------
 */

/** What @p from says about @p to. @return the new value of @p to. */
static vref implied(struct pool *pool, const struct slot *from, const struct slot *to)
{
	vref v = to->v;

	if (from->sym != 0 && from->sym == to->sym) {
		int64_t diff = (int64_t)to->delta - from->delta;
		vref sum = diff == 0 ? from->v
		                     : pool_binary(pool, OP_ADD, 64, from->v,
		                                   pool_const(pool, (uint64_t)diff));

		return pool_meet(pool, v, sum);
	}
	if (from->sym32 != 0 && from->sym32 == to->sym32 && from->v->v.kind == VAL_NUM &&
	    v->v.kind == VAL_NUM) {
		struct comparison equal = {.op = OP_JEQ, .bits = 32};
		uint32_t diff = (uint32_t)to->delta32 - (uint32_t)from->delta32;
		vref sum = pool_binary(pool, OP_ADD, 32, from->v, pool_const(pool, diff));

		(void)pool_refine(pool, equal, &v, &sum);
	}
	return v;
}

/** Narrow the slots linked to slot @p at; those that change become dirty. */
static bool tell_others(struct state *st, struct pool *pool, uint32_t at, uint64_t *dirty)
{
	const struct slot *from = slot_at(st, at);

	for (uint32_t i = 0; i < n_slots(st); i++) {
		struct slot *to = slot_at(st, i);
		vref now = i == at ? to->v : implied(pool, from, to);

		if (now != to->v) {
			to->v = now;
			dirty[i / 64] |= UINT64_C(1) << (i % 64);
		}
		if (val_is_bottom(&to->v->v)) {
			return false;
		}
	}
	return true;
}

bool state_narrow(struct state *st, struct pool *pool, struct slot *slot, vref v)
{
	uint64_t dirty[(MOST_SLOTS + 63) / 64] = {0};
	vref cut = pool_meet(pool, slot->v, v);
	uint32_t n = n_slots(st);
	uint32_t rounds = 64;
	uint32_t at = 0;

	if (cut == slot->v) {
		return !val_is_bottom(&cut->v);
	}
	slot->v = cut;
	if (slot->sym == 0 && slot->sym32 == 0) {
		return !val_is_bottom(&cut->v);
	}
	while (slot_at(st, at) != slot) {
		at++;
	}
	dirty[at / 64] |= UINT64_C(1) << (at % 64);
	for (at = 0; at < n && rounds > 0; at++) {
		struct slot *from = slot_at(st, at);

		if ((dirty[at / 64] >> (at % 64) & 1) == 0) {
			continue;
		}
		dirty[at / 64] &= ~(UINT64_C(1) << (at % 64));
		if (val_is_bottom(&from->v->v)) {
			return false;
		}
		if (!tell_others(st, pool, at, dirty)) {
			return false;
		}
		rounds--;
		at = UINT32_MAX; /* the smallest dirty one next */
	}
	return true;
}

/* --- facts -------------------------------------------------------------------------------------
 */

static uint8_t fact_mask(struct comparison c)
{
	uint8_t mask = FACT_ALL;

	switch (c.op) {
	case OP_JEQ:
		mask = FACT_SAME | FACT_EQUAL;
		break;
	case OP_JNE:
		mask = FACT_ALL & ~(FACT_SAME | FACT_EQUAL);
		break;
	case OP_JGT:
		mask = FACT_ALL & ~(FACT_BELOW | FACT_SAME | FACT_EQUAL);
		break;
	case OP_JGE:
		mask = FACT_ALL & ~FACT_BELOW;
		break;
	case OP_JLT:
		mask = FACT_ALL & ~(FACT_ABOVE | FACT_SAME | FACT_EQUAL);
		break;
	case OP_JLE:
		mask = FACT_ALL & ~FACT_ABOVE;
		break;
	case OP_JSGT:
		mask = FACT_ALL & ~(FACT_LESS | FACT_SAME | FACT_EQUAL);
		break;
	case OP_JSGE:
		mask = FACT_ALL & ~FACT_LESS;
		break;
	case OP_JSLT:
		mask = FACT_ALL & ~(FACT_GREATER | FACT_SAME | FACT_EQUAL);
		break;
	case OP_JSLE:
		mask = FACT_ALL & ~FACT_GREATER;
		break;
	default:
		break;
	}
	return mask;
}

static struct comparison upright(struct comparison c)
{
	static const uint8_t opposite[N_INSN_OPS] = {
		[OP_JEQ] = OP_JNE,   [OP_JNE] = OP_JEQ,   [OP_JGT] = OP_JLE,   [OP_JGE] = OP_JLT,
		[OP_JLT] = OP_JGE,   [OP_JLE] = OP_JGT,   [OP_JSGT] = OP_JSLE, [OP_JSGE] = OP_JSLT,
		[OP_JSLT] = OP_JSGE, [OP_JSLE] = OP_JSGT,
	};

	if (c.negated) {
		c.op = (enum insn_op)opposite[c.op];
		c.negated = false;
	}
	return c;
}

/** Exchange the operands of a fact's relations. */
static uint8_t mirror_mask(uint8_t mask)
{
	uint8_t kept = mask & (FACT_SAME | FACT_EQUAL);

	kept |= mask & FACT_BELOW ? FACT_ABOVE : 0;
	kept |= mask & FACT_ABOVE ? FACT_BELOW : 0;
	kept |= mask & FACT_LESS ? FACT_GREATER : 0;
	kept |= mask & FACT_GREATER ? FACT_LESS : 0;
	return kept;
}

/** Signed and unsigned order agree about equality. */
static uint8_t settle_mask(uint8_t mask)
{
	bool same = (mask & FACT_SAME) && (mask & FACT_EQUAL);

	if (!same) {
		mask &= (uint8_t) ~(FACT_SAME | FACT_EQUAL);
	}
	if ((mask & (FACT_BELOW | FACT_SAME | FACT_ABOVE)) == 0 ||
	    (mask & (FACT_LESS | FACT_EQUAL | FACT_GREATER)) == 0) {
		return 0;
	}
	if (!(mask & (FACT_BELOW | FACT_ABOVE)) || !(mask & (FACT_LESS | FACT_GREATER))) {
		return same ? FACT_SAME | FACT_EQUAL : 0;
	}
	return mask;
}

static bool fact_is(const struct fact *f, const struct fact *g)
{
	return f->a == g->a && f->b == g->b && f->da == g->da && f->db == g->db;
}

bool state_fact(struct state *st, struct comparison c, uint32_t a, uint32_t b)
{
	struct slot *x = &st->regs[a];
	struct slot *y = &st->regs[b];

	c = upright(c);
	if (c.bits != 64 || c.op == OP_JSET || val_is_const(&x->v->v) || val_is_const(&y->v->v)) {
		return true;
	}
	state_name(st, x);
	state_name(st, y);
	if (x->sym == 0 || y->sym == 0 || x->sym == y->sym) {
		return true;
	}
	struct fact f = {.a = x->sym, .b = y->sym, .da = x->delta, .db = y->delta};

	f.mask = fact_mask(c);
	if (f.a > f.b) {
		f = (struct fact){
			.a = f.b, .b = f.a, .da = f.db, .db = f.da, .mask = mirror_mask(f.mask)};
	}
	for (uint32_t i = 0; i < st->n_facts; i++) {
		if (fact_is(&st->facts[i], &f)) {
			st->facts[i].mask = settle_mask(st->facts[i].mask & f.mask);
			return st->facts[i].mask != 0;
		}
	}
	if (st->n_facts == STATE_FACTS) { /* the oldest goes */
		memmove(&st->facts[0], &st->facts[1], (STATE_FACTS - 1) * sizeof(f));
		st->n_facts--;
	}
	st->facts[st->n_facts++] = f;
	return true;
}

/* --- cleaning ----------------------------------------------------------------------------------
 */

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

static void drop_dead(struct state *st, struct pool *pool, const struct live *live)
{
	uint32_t n = 0;

	for (uint32_t i = 0; live && i < INSN_REGS; i++) {
		if (i != INSN_FRAME && !(live->regs >> i & 1)) {
			st->regs[i] = (struct slot){.v = pool->any};
		}
	}
	for (uint32_t i = 0; i < st->n_cells; i++) {
		const struct cell *c = &st->cells[i];
		vref unknown = c->space < SPACE_CTX && c->size == 8 ? pool->any
		               : c->size == 1 || c->size == 2 || c->size == 4 || c->size == 8
		                       ? pool_width(pool, 8 * c->size)
		                       : NULL;
		bool useless = c->slot.v == unknown && c->slot.sym == 0 && c->slot.sym32 == 0 &&
		               !c->stored;

		if (!useless && (!live || cell_is_live(st, c, live))) {
			if (n != i) {
				st->cells[n] = *c;
			}
			n++;
		}
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
	memset(r->count, 0, (st->n_syms + 1u) * sizeof(r->count[0]));
	memset(r->now, 0, (st->n_syms + 1u) * sizeof(r->now[0]));
	for (uint32_t i = 0; i < n_slots(st); i++) {
		struct slot *s = slot_at(st, i);

		if (val_is_const(&s->v->v)) {
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

static uint32_t hash_state(const struct state *st)
{
	uint32_t hash = mix32(st->depth, st->n_cells);

	for (uint32_t i = 0; i < n_slots(st); i++) {
		const struct slot *s = slot_of(st, i);

		hash = mix32(hash, s->v->hash);
		hash = mix32(hash, (uint32_t)s->sym << 16 | s->sym32);
	}
	for (uint32_t i = 0; i < st->n_cells; i++) {
		hash = mix32(hash, st->cells[i].space << 16 ^ (uint32_t)st->cells[i].off);
	}
	return mix32(hash, st->n_facts);
}

void state_clean(struct state *st, struct pool *pool, const struct live *live)
{
	struct renaming r;
	uint16_t next = 0;

	drop_dead(st, pool, live);
	count_names(st, &r);
	keep_facts(st, &r);
	for (uint32_t i = 0; i < n_slots(st); i++) {
		struct slot *s = slot_at(st, i);

		s->sym = rename_whole(&r, s->sym, &s->delta, &next);
		s->sym32 = rename(&r, s->sym32, &s->delta32, &next);
	}
	rename_facts(st, &r);
	st->n_syms = next;
	st->hash = hash_state(st);
}

/* --- comparing ---------------------------------------------------------------------------------
 */

static bool same_slot(const struct slot *a, const struct slot *b)
{
	return a->v == b->v && a->sym == b->sym && a->sym32 == b->sym32 && a->delta == b->delta &&
	       a->delta32 == b->delta32;
}

static bool same_place(const struct cell *a, const struct cell *b)
{
	return a->space == b->space && a->off == b->off && a->size == b->size;
}

bool state_same(const struct state *a, const struct state *b)
{
	if (a->hash != b->hash || a->depth != b->depth || a->n_cells != b->n_cells ||
	    a->n_facts != b->n_facts) {
		return false;
	}
	for (uint32_t i = 0; i < n_slots(a); i++) {
		if (!same_slot(slot_of(a, i), slot_of(b, i))) {
			return false;
		}
	}
	for (uint32_t i = 0; i < a->n_cells; i++) {
		if (!same_place(&a->cells[i], &b->cells[i]) ||
		    a->cells[i].stored != b->cells[i].stored) {
			return false;
		}
	}
	for (uint32_t i = 0; i < a->n_facts; i++) {
		if (!fact_is(&a->facts[i], &b->facts[i]) || a->facts[i].mask != b->facts[i].mask) {
			return false;
		}
	}
	return true;
}

/** Link of a slot, with numbers as a name of their own. */
static uint16_t link_of(const struct slot *s, int64_t *delta)
{
	if (s->sym == 0 && val_is_const(&s->v->v)) {
		int64_t number = (int64_t)s->v->v.set[0];
		bool small = number >= INT32_MIN && number <= INT32_MAX;

		*delta = small ? number : 0;
		return small ? SYM_NUMBER : 0;
	}
	*delta = s->delta;
	return s->sym;
}

static uint16_t link32_of(const struct slot *s, int64_t *delta)
{
	if (s->sym32 == 0 && val_is_const(&s->v->v)) {
		*delta = (int32_t)s->v->v.set[0];
		return SYM_NUMBER;
	}
	*delta = s->delta32;
	return s->sym32;
}

/** For each name of one state: the name in the other, and how deltas differ. */
struct link_map {
	uint16_t sym[2 * MOST_SLOTS + 1];
	bool known[2 * MOST_SLOTS + 1];
	int64_t diff[2 * MOST_SLOTS + 1];
};

/** @return false when two slots with name @p to are not linked the same way in the other state. */
static bool map_link(struct link_map *m, uint16_t to, int64_t to_delta, uint16_t from,
                     int64_t from_delta, bool low)
{
	int64_t diff = from_delta - to_delta;

	if (to == 0) {
		return true;
	}
	diff = low ? (int64_t)(uint32_t)diff : diff;
	if (!m->known[to]) {
		m->known[to] = true;
		m->sym[to] = from;
		m->diff[to] = diff;
		return true;
	}
	return from != 0 && m->sym[to] == from && m->diff[to] == diff;
}

static bool leq_slot(struct pool *pool, const struct slot *a, const struct slot *b,
                     struct link_map *m)
{
	int64_t delta = 0;

	if (!pool_leq(pool, a->v, b->v)) {
		return false;
	}
	if (b->sym != 0) {
		uint16_t sym = link_of(a, &delta);

		if (!map_link(m, b->sym, b->delta, sym, delta, false)) {
			return false;
		}
	}
	if (b->sym32 != 0) {
		uint16_t sym = link32_of(a, &delta);

		if (!map_link(m, b->sym32, b->delta32, sym, delta, true)) {
			return false;
		}
	}
	return true;
}

/** Has @p a the fact, or a sharper one? */
static bool leq_fact(const struct state *a, const struct fact *want, const struct link_map *m)
{
	struct fact f = {.a = m->sym[want->a], .b = m->sym[want->b], .mask = want->mask};
	int64_t da = want->da + m->diff[want->a];
	int64_t db = want->db + m->diff[want->b];

	if (f.a == 0 || f.b == 0 || f.a == SYM_NUMBER || f.b == SYM_NUMBER || da != (int32_t)da ||
	    db != (int32_t)db) {
		return false;
	}
	f.da = (int32_t)da;
	f.db = (int32_t)db;
	if (f.a > f.b) {
		f = (struct fact){
			.a = f.b, .b = f.a, .da = f.db, .db = f.da, .mask = mirror_mask(f.mask)};
	}
	for (uint32_t i = 0; i < a->n_facts; i++) {
		if (fact_is(&a->facts[i], &f)) {
			return (a->facts[i].mask & ~f.mask) == 0;
		}
	}
	return false;
}

bool state_leq(struct pool *pool, const struct state *a, const struct state *b)
{
	struct link_map m;
	uint32_t at = 0;

	if (a->depth != b->depth || a->n_cells < b->n_cells) {
		return false;
	}
	memset(m.known, 0, (b->n_syms + 1u) * sizeof(m.known[0]));
	memset(m.sym, 0, (b->n_syms + 1u) * sizeof(m.sym[0]));
	for (uint32_t i = 0; i < INSN_REGS; i++) {
		if (!leq_slot(pool, &a->regs[i], &b->regs[i], &m)) {
			return false;
		}
	}
	for (uint32_t i = 0; i < b->n_cells; i++, at++) {
		while (at < a->n_cells && !same_place(&a->cells[at], &b->cells[i])) {
			at++;
		}
		if (at == a->n_cells ||
		    !leq_slot(pool, &a->cells[at].slot, &b->cells[i].slot, &m)) {
			return false;
		}
	}
	for (uint32_t i = 0; i < b->n_facts; i++) {
		if (!leq_fact(a, &b->facts[i], &m)) {
			return false;
		}
	}
	return true;
}
