/* SPDX-License-Identifier: Apache-2.0 */
/**
 * slots.h - registers and cells of a state as one row of slots, and facts as they are compared;
 * private to relate.c, clean.c, cover.c and join.c.
 */
#ifndef TCAUDIT_ANALYZER_SLOTS_H
#define TCAUDIT_ANALYZER_SLOTS_H

#include "analyzer/state.h"

#define MOST_SLOTS (INSN_REGS + STATE_CELLS)

/** Deltas of whole numbers stay so small that no sum of two wraps. */
#define MOST_DELTA (INT64_C(1) << 29)

static inline uint32_t n_slots(const struct state *st)
{
	return INSN_REGS + st->n_cells;
}

static inline struct slot *slot_at(struct state *st, uint32_t i)
{
	return i < INSN_REGS ? &st->regs[i] : &st->cells[i - INSN_REGS].slot;
}

static inline const struct slot *slot_of(const struct state *st, uint32_t i)
{
	return i < INSN_REGS ? &st->regs[i] : &st->cells[i - INSN_REGS].slot;
}

static inline bool is_linked(const struct slot *s)
{
	return (s->sym | s->sym32) != 0;
}

/** Name of all numbers: a slot that holds one is linked to others by its distance from them. */
#define SYM_NUMBER UINT16_MAX

/** Link of a slot's low half, with numbers as a name of their own. */
static inline uint16_t link32_of(const struct slot *s, int64_t *ret_delta)
{
	bool number = s->sym32 == 0 && val_is_const(&s->v->v);

	*ret_delta = number ? (int32_t)s->v->v.set[0] : s->delta32;
	return number ? SYM_NUMBER : s->sym32;
}

/** Do they speak of the same two numbers? */
static inline bool fact_is(const struct fact *f, const struct fact *g)
{
	return f->a == g->a && f->b == g->b && f->da == g->da && f->db == g->db;
}

/** Exchange the operands of a fact's relations. */
static inline uint8_t mirror_mask(uint8_t mask)
{
	uint8_t kept = mask & (FACT_SAME | FACT_EQUAL);

	kept |= mask & FACT_BELOW ? FACT_ABOVE : 0;
	kept |= mask & FACT_ABOVE ? FACT_BELOW : 0;
	kept |= mask & FACT_LESS ? FACT_GREATER : 0;
	kept |= mask & FACT_GREATER ? FACT_LESS : 0;
	return kept;
}

#endif
