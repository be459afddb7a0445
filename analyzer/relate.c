/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds between the slots of a state: links and facts, and what they say when a slot is
 * narrowed or two are compared.
 */
#include "analyzer/slots.h"

#include <string.h>

/** Slots that tell others in one narrowing; what is left then is only less precise. */
#define MOST_ROUNDS 64u

#define DIRTY_WORDS ((MOST_SLOTS + 63) / 64)

/* --- narrowing ---------------------------------------------------------------------------------
 */

/** Whole numbers: @p to is @p from plus a known difference. @return the new value of @p to. */
static vref implied_whole(struct pool *pool, const struct slot *from, const struct slot *to)
{
	int64_t diff = (int64_t)to->delta - from->delta;
	vref sum = diff == 0 ? from->v
	                     : pool_binary(pool, OP_ADD, 64, from->v,
	                                   pool_const(pool, (uint64_t)diff));

	return pool_meet(pool, to->v, sum);
}

/** The same for low halves. */
static vref implied_low(struct pool *pool, const struct slot *from, const struct slot *to)
{
	struct comparison equal = {.op = OP_JEQ, .bits = 32};
	uint32_t diff = (uint32_t)to->delta32 - (uint32_t)from->delta32;
	vref v = to->v;

	if (from->v->v.kind == VAL_NUM && v->v.kind == VAL_NUM) {
		vref sum = pool_binary(pool, OP_ADD, 32, from->v, pool_const(pool, diff));

		(void)pool_refine(pool, equal, &v, &sum);
	}
	return v;
}

/** Narrow the slots linked to slot @p at; those that change become dirty. */
static bool tell_others(struct state *st, struct pool *pool, uint32_t at, uint64_t *dirty)
{
	const struct slot *from = slot_at(st, at);
	uint32_t n = n_slots(st);

	for (uint32_t i = 0; i < n; i++) {
		struct slot *to = slot_at(st, i);
		bool whole = from->sym != 0 && to->sym == from->sym;

		if (i == at || (!whole && (from->sym32 == 0 || to->sym32 != from->sym32))) {
			continue;
		}
		vref now = whole ? implied_whole(pool, from, to) : implied_low(pool, from, to);

		if (now == to->v) {
			continue;
		}
		to->v = now;
		if (val_is_bottom(&now->v)) {
			return false;
		}
		dirty[i / 64] |= UINT64_C(1) << (i % 64);
	}
	return true;
}

/** The first dirty slot, which becomes clean; MOST_SLOTS when there is none. */
static uint32_t next_dirty(uint64_t *dirty)
{
	for (uint32_t word = 0; word < DIRTY_WORDS; word++) {
		if (dirty[word] != 0) {
			uint32_t bit = (uint32_t)__builtin_ctzll(dirty[word]);

			dirty[word] &= dirty[word] - 1;
			return word * 64 + bit;
		}
	}
	return MOST_SLOTS;
}

/** Place of a slot of this state. */
static uint32_t place_of(const struct state *st, const struct slot *slot)
{
	uint32_t at = 0;

	if (slot >= st->regs && slot < st->regs + INSN_REGS) {
		return (uint32_t)(slot - st->regs);
	}
	while (&st->cells[at].slot != slot) {
		at++;
	}
	return INSN_REGS + at;
}

bool state_narrow(struct state *st, struct pool *pool, struct slot *slot, vref v)
{
	uint64_t dirty[DIRTY_WORDS] = {0};
	vref cut = pool_meet(pool, slot->v, v);
	uint32_t at = 0;

	if (cut == slot->v || !is_linked(slot)) {
		slot->v = cut;
		return !val_is_bottom(&cut->v);
	}
	slot->v = cut;
	if (val_is_bottom(&cut->v)) {
		return false;
	}
	at = place_of(st, slot);
	for (uint32_t rounds = MOST_ROUNDS; at != MOST_SLOTS && rounds > 0; rounds--) {
		if (!tell_others(st, pool, at, dirty)) {
			return false;
		}
		at = next_dirty(dirty);
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
