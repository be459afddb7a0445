/* SPDX-License-Identifier: Apache-2.0 */
/**
 * state.h - what is known at one point of a program: registers, memory, and how they belong
 * together.
 *
 * Memory is cells of 1 to 8 bytes in numbered spaces (a frame of the stack each, the context,
 * elements of scratch arrays); a byte without a cell is unknown. Slots with equal symbols hold
 * the same unknown number, each plus its delta; the same for low halves. Facts say which of less,
 * equal and greater two such numbers can still be.
 */
#ifndef TCAUDIT_ANALYZER_STATE_H
#define TCAUDIT_ANALYZER_STATE_H

#include "analyzer/cfg.h"
#include "analyzer/pool.h"

#define STATE_CELLS  256u /**< Most cells; more are forgotten. */
#define STATE_FACTS  16u
#define STATE_FRAMES 16u /**< Deepest call is one less; the kernel allows 8. */

#define SPACE_FRAME(depth) (depth)
#define SPACE_CTX          64u
/** This CPU's elements of the per-CPU array with an id below this bit. */
#define SPACE_ELEMS (UINT32_C(1) << 31)

/** Registers r6 to r9 of a caller wait above the top of its frame. */
#define SAVED_OFF(reg) (INT64_C(8) * (reg))

/** Set in slot.origin of a number that was computed from the unknown one, not copied. */
#define ORIGIN_COMPUTED (1u << 31)

/** A value and what it is linked to. */
struct slot {
	vref v;
	uint16_t sym;   /**< Same number, but for delta; 0: none. */
	uint16_t sym32; /**< Same low half, but for delta32. */
	int32_t delta;
	int32_t delta32;
	uint32_t origin; /**< Where an unknown value came from; no part of comparisons. */
};

struct cell {
	uint32_t space;
	int32_t off;
	uint8_t size;
	bool stored; /**< Put there by the program, not only seen by a load. */
	struct slot slot;
};

/** Relations that two numbers may be in. */
enum fact_bit {
	FACT_BELOW = 1u << 0, /**< Unsigned. */
	FACT_SAME = 1u << 1,
	FACT_ABOVE = 1u << 2,
	FACT_LESS = 1u << 3, /**< Signed. */
	FACT_EQUAL = 1u << 4,
	FACT_GREATER = 1u << 5,
	FACT_ALL = 63u,
};

/** (sym a plus da) compared with (sym b plus db). */
struct fact {
	uint16_t a, b;
	int32_t da, db;
	uint8_t mask; /**< enum fact_bit. */
};

/** Cells are ordered by space and offset and do not overlap. */
struct state {
	struct slot regs[INSN_REGS];
	uint32_t hash;
	uint32_t trace; /**< How one got here; no part of comparisons. */
	uint16_t depth; /**< Of calls: the frame of r10. */
	uint16_t n_cells;
	uint16_t n_facts;
	uint16_t n_syms; /**< Symbols are 1 to this. */
	struct fact facts[STATE_FACTS];
	struct cell cells[];
};

/** @return a state with room for STATE_CELLS cells; NULL at the arena's limit. */
struct state *state_new(struct arena *arena);

/** @return a copy without room for more cells; NULL at the arena's limit. */
struct state *state_save(const struct state *st, struct arena *arena);

/** Bytes of a state with so many cells. */
static inline size_t state_bytes(uint32_t n_cells)
{
	return sizeof(struct state) + n_cells * sizeof(struct cell);
}

/** Copy into one that has room. */
void state_copy(struct state *to, const struct state *from);

/** Nothing known but where the frame is. */
void state_clear(struct state *st, struct pool *pool, uint32_t depth);

/** @name Registers. @{ */
void state_set(struct state *st, uint32_t reg, vref v, uint32_t origin);
/** dst = src, all 64 bits. */
void state_move(struct state *st, uint32_t dst, uint32_t src);
/** The low half of dst is that of @p src, whose slot is elsewhere; the value is @p v. */
void state_move_low(struct state *st, uint32_t dst, uint32_t src, vref v, uint32_t origin);
/** dst += number; @p v is the result. */
void state_add(struct state *st, uint32_t dst, int64_t number, unsigned int bits, vref v);
/** @} */

/** @name Memory. Sizes in bytes, 1 to 8. @{ */
/** What a load gives; a cell is made where none was, so that the next load gives the same. */
struct slot state_load(struct state *st, struct pool *pool, uint32_t space, int64_t off,
                       uint32_t size, uint32_t origin);
void state_store(struct state *st, struct pool *pool, uint32_t space, int64_t off, uint32_t size,
                 struct slot slot);
/** Forget the bytes from @p from up to but not including @p to. */
void state_forget(struct state *st, struct pool *pool, uint32_t space, int64_t from, int64_t to);
/** Forget all of every frame's memory (not saved registers), and with @p ctx the context. */
void state_forget_stack(struct state *st);
void state_forget_ctx(struct state *st, bool also_stored);
/** Forget elements: those of one space, or with SPACE_ELEMS of all. */
void state_forget_elems(struct state *st, uint32_t space);
/** Is there a cell with one of these bytes? */
bool state_has(const struct state *st, uint32_t space, int64_t off, uint32_t size);
/** Remove the cells of frames from @p depth on. */
void state_drop_frames(struct state *st, uint32_t depth);
/** @} */

/**
 * A slot is now known to be @p v; so are those linked to it.
 *
 * @return false when that cannot be.
 */
bool state_narrow(struct state *st, struct pool *pool, struct slot *slot, vref v);

/** Give a slot a symbol unless it has one. */
void state_name(struct state *st, struct slot *slot);

/** Compare two registers: remember, or find that it cannot hold. */
bool state_fact(struct state *st, struct comparison c, uint32_t a, uint32_t b);

/** Forget what is dead (NULL: nothing is), number symbols by first use, compute the hash. */
void state_clean(struct state *st, struct pool *pool, const struct live *live);

/** @name Comparing cleaned states. @{ */
bool state_same(const struct state *a, const struct state *b);
bool state_leq(struct pool *pool, const struct state *a, const struct state *b);
/** How much a join would lose. @param result weighs more. */
uint32_t state_distance(const struct state *a, const struct state *b, const struct live *result);

/** What joining did. */
struct join_loss {
	uint32_t n_changed; /**< Slots that differed. */
	bool lost;          /**< Some possibility was added that neither had. */
};

/** How bounds go that a join moves. */
enum join_kind {
	JOIN_PLAIN,     /**< As far as they must. */
	JOIN_WIDEN,     /**< To the next power of two. */
	JOIN_WIDEN_FAR, /**< To the end of the next wider integer. */
};

/** Into @p to, which has room. When widening @p a is the older one. */
struct join_loss state_join(struct pool *pool, const struct state *a, const struct state *b,
                            enum join_kind kind, struct state *to);
/** @} */

#endif
