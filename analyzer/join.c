/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joining two states, and how much that would lose.
 */
#include "analyzer/slots.h"

/** Of a slot that may become the result; others count 1. */
#define RESULT_WEIGHT 50u

#define MOST_KEYS 512u

/** Larger numbers are not linked: deltas must not wrap. */
#define MOST_NUMBER (1 << 28)

/** Slots linked in both states get a common name. */
struct key {
	uint16_t a, b;
	bool low;
	int64_t diff;
	uint16_t sym;
};

struct joining {
	struct pool *pool;
	struct state *to;
	enum join_kind kind;
	struct join_loss loss;
	struct key keys[MOST_KEYS];
	uint32_t n_keys;
};

static bool group_is_result(const struct live *result, int32_t off)
{
	if (off < LIVE_LOWEST || off >= 0) {
		return false;
	}
	int32_t group = (off - LIVE_LOWEST) / 8;

	return (result->stack[group / 64] >> (group % 64) & 1) != 0;
}

static int compare_places(const struct cell *a, const struct cell *b)
{
	if (a->space != b->space) {
		return a->space < b->space ? -1 : 1;
	}
	if (a->off != b->off) {
		return a->off < b->off ? -1 : 1;
	}
	return (int)a->size - b->size;
}

static uint32_t cell_weight(const struct state *st, const struct cell *c, const struct live *result)
{
	if (c->space == SPACE_CTX) {
		return c->stored ? RESULT_WEIGHT / 5 : 1;
	}
	return c->space == SPACE_FRAME(st->depth) && group_is_result(result, c->off) ? RESULT_WEIGHT
	                                                                             : 1;
}

uint32_t state_distance(const struct state *a, const struct state *b, const struct live *result)
{
	uint32_t sum = 0;
	uint32_t i = 0;
	uint32_t j = 0;

	for (uint32_t r = 0; r < INSN_REGS; r++) {
		if (a->regs[r].v != b->regs[r].v) {
			sum += result->regs >> r & 1 ? RESULT_WEIGHT : 1;
		}
	}
	while (i < a->n_cells || j < b->n_cells) {
		int order = i == a->n_cells   ? 1
		            : j == b->n_cells ? -1
		                              : compare_places(&a->cells[i], &b->cells[j]);

		if (order < 0) {
			sum += cell_weight(a, &a->cells[i++], result);
		} else if (order > 0) {
			sum += cell_weight(b, &b->cells[j++], result);
		} else {
			if (a->cells[i].slot.v != b->cells[j].slot.v) {
				sum += cell_weight(a, &a->cells[i], result);
			}
			i++;
			j++;
		}
	}
	return sum;
}

/** The common name of links @p a and @p b, whose deltas differ by @p diff. */
static uint16_t common_name(struct joining *j, uint16_t a, uint16_t b, int64_t diff, bool low)
{
	if (a == 0 || b == 0 || (a == SYM_NUMBER && b == SYM_NUMBER && diff == 0)) {
		return 0;
	}
	for (uint32_t i = 0; i < j->n_keys; i++) {
		const struct key *k = &j->keys[i];

		if (k->a == a && k->b == b && k->diff == diff && k->low == low) {
			return k->sym;
		}
	}
	if (j->n_keys == MOST_KEYS) {
		return 0;
	}
	j->keys[j->n_keys++] =
		(struct key){.a = a, .b = b, .low = low, .diff = diff, .sym = ++j->to->n_syms};
	return j->to->n_syms;
}

static uint16_t link_of(const struct slot *s, int64_t *delta)
{
	bool number = s->sym == 0 && val_is_const(&s->v->v);

	*delta = number ? (int64_t)s->v->v.set[0] : s->delta;
	if (number && *delta >= -MOST_NUMBER && *delta <= MOST_NUMBER) {
		return SYM_NUMBER;
	}
	*delta = number ? 0 : *delta;
	return number ? 0 : s->sym;
}

/** Slots of which one alone is a number are linked to others by its distance from them. */
static bool has_links(const struct slot *a, const struct slot *b)
{
	return (a->sym | a->sym32 | b->sym | b->sym32) != 0 || a->v != b->v;
}

static struct slot join_slots(struct joining *j, const struct slot *a, const struct slot *b)
{
	struct slot s = {.origin = a->v->v.n == 0 ? a->origin : b->origin};
	int64_t da = 0;
	int64_t db = 0;

	if (s.origin == 0) {
		s.origin = a->origin ? a->origin : b->origin;
	}
	if (!has_links(a, b)) {
		s.v = a->v;
		return s;
	}
	s.v = j->kind == JOIN_PLAIN ? pool_join(j->pool, a->v, b->v)
	                            : pool_widen(j->pool, a->v, b->v, j->kind == JOIN_WIDEN_FAR);
	if (a->v != b->v) {
		j->loss.n_changed++;
		j->loss.lost |= s.v->v.n == 0 && s.v != a->v && s.v != b->v;
	}
	j->loss.lost |= a->sym != b->sym || a->sym32 != b->sym32 || a->delta != b->delta ||
	                a->delta32 != b->delta32;
	uint16_t x = link_of(a, &da);
	uint16_t y = link_of(b, &db);

	s.sym = common_name(j, x, y, da - db, false);
	s.delta = s.sym ? (int32_t)da : 0;
	x = link32_of(a, &da);
	y = link32_of(b, &db);
	s.sym32 = common_name(j, x, y, (int64_t)(uint32_t)(da - db), true);
	s.delta32 = s.sym32 ? (int32_t)da : 0;
	return s;
}

static void join_cells(struct joining *j, const struct state *a, const struct state *b)
{
	uint32_t x = 0;
	uint32_t y = 0;

	while (x < a->n_cells && y < b->n_cells) {
		int order = compare_places(&a->cells[x], &b->cells[y]);

		if (order == 0) {
			struct cell c = a->cells[x];

			c.stored |= b->cells[y].stored;
			c.slot = join_slots(j, &a->cells[x++].slot, &b->cells[y++].slot);
			j->to->cells[j->to->n_cells++] = c;
			continue;
		}
		j->loss.lost = true;
		if (order < 0) {
			x++;
		} else {
			y++;
		}
	}
	j->loss.lost |= x < a->n_cells || y < b->n_cells;
}

/** Facts that both have under common names; for names that split, the first common one. */
static void join_facts(struct joining *j, const struct state *a, const struct state *b)
{
	for (uint32_t i = 0; i < a->n_facts; i++) {
		const struct fact *f = &a->facts[i];

		for (uint32_t k = 0; k < b->n_facts && j->to->n_facts < STATE_FACTS; k++) {
			const struct fact *g = &b->facts[k];
			uint32_t n = j->n_keys;
			uint16_t syms = j->to->n_syms;
			uint16_t x = common_name(j, f->a, g->a, (int64_t)f->da - g->da, false);
			uint16_t y = common_name(j, f->b, g->b, (int64_t)f->db - g->db, false);

			if (j->n_keys != n) { /* a name that no slot has */
				j->n_keys = n;
				j->to->n_syms = syms;
			} else if (x != 0 && y != 0 && (f->mask | g->mask) != FACT_ALL) {
				j->to->facts[j->to->n_facts++] =
					(struct fact){.a = x,
				                      .b = y,
				                      .da = f->da,
				                      .db = f->db,
				                      .mask = f->mask | g->mask};
			}
		}
	}
	j->loss.lost |= j->to->n_facts != a->n_facts || j->to->n_facts != b->n_facts;
	for (uint32_t i = 0; i < j->to->n_facts && !j->loss.lost; i++) {
		j->loss.lost = a->facts[i].mask != b->facts[i].mask;
	}
}

struct join_loss state_join(struct pool *pool, const struct state *a, const struct state *b,
                            enum join_kind kind, struct state *to)
{
	struct joining j; /* its keys need no zeroes */

	j.pool = pool;
	j.to = to;
	j.kind = kind;
	j.loss = (struct join_loss){0};
	j.n_keys = 0;
	to->n_cells = 0;
	to->n_facts = 0;
	to->n_syms = 0;
	to->depth = a->depth;
	to->trace = a->trace;
	for (uint32_t i = 0; i < INSN_REGS; i++) {
		to->regs[i] = join_slots(&j, &a->regs[i], &b->regs[i]);
	}
	join_cells(&j, a, b);
	join_facts(&j, a, b);
	state_clean(to, pool, NULL);
	j.loss.lost |= j.loss.n_changed > 1;
	return j.loss;
}
