/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparing cleaned states: are they the same, and does one allow all that the other does?
 */
#include "analyzer/slots.h"

#include <string.h>

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

/** Are the links of slot @p b those of @p a? */
static bool leq_links(const struct slot *a, const struct slot *b, struct link_map *m)
{
	int64_t delta = 0;

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

static inline bool leq_value(struct pool *pool, vref a, vref b)
{
	return a == b || pool_leq(pool, a, b);
}

/** Values of registers alone: where states differ, they mostly do here. */
static bool leq_regs(struct pool *pool, const struct state *a, const struct state *b)
{
	for (uint32_t i = 0; i < INSN_REGS; i++) {
		if (!leq_value(pool, a->regs[i].v, b->regs[i].v)) {
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

/** Has @p a all cells of @p b, with no other values? */
static bool leq_cells(struct pool *pool, const struct state *a, const struct state *b)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < b->n_cells; i++, at++) {
		while (at < a->n_cells && !same_place(&a->cells[at], &b->cells[i])) {
			at++;
		}
		if (at == a->n_cells || !leq_value(pool, a->cells[at].slot.v, b->cells[i].slot.v)) {
			return false;
		}
	}
	return true;
}

/** Has @p a all links and facts of @p b? Given that it has its cells. */
static bool leq_names(const struct state *a, const struct state *b)
{
	struct link_map m; /* its tables are filled as far as there are names */
	uint32_t at = 0;

	memset(m.known, 0, (b->n_syms + 1u) * sizeof(m.known[0]));
	memset(m.sym, 0, (b->n_syms + 1u) * sizeof(m.sym[0]));
	for (uint32_t i = 0; i < INSN_REGS; i++) {
		if (!leq_links(&a->regs[i], &b->regs[i], &m)) {
			return false;
		}
	}
	for (uint32_t i = 0; i < b->n_cells; i++, at++) {
		while (!same_place(&a->cells[at], &b->cells[i])) {
			at++;
		}
		if (!leq_links(&a->cells[at].slot, &b->cells[i].slot, &m)) {
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

bool state_leq(struct pool *pool, const struct state *a, const struct state *b)
{
	return a->depth == b->depth && a->n_cells >= b->n_cells && leq_regs(pool, a, b) &&
	       leq_cells(pool, a, b) && (b->n_syms == 0 || leq_names(a, b));
}
