/* SPDX-License-Identifier: Apache-2.0 */
/**
 * value.h - the value domain: what one register or memory cell can hold.
 *
 * A value is a set of at most VAL_SET numbers, or else ranges (signed and unsigned, of all 64 bits
 * and of the low half), known bits and a mask of the eleven words; each part tightens the others.
 * Pointers are a kind, an object and a number: the offset. All functions are pure.
 */
#ifndef TCAUDIT_ANALYZER_VALUE_H
#define TCAUDIT_ANALYZER_VALUE_H

#include "model/codes.h"

#include <stdbool.h>
#include <stdint.h>

/** Most numbers kept one by one. */
#define VAL_SET 16u

/** What the number of a value means. */
enum val_kind {
	VAL_BOTTOM,    /**< Nothing: a path that cannot be. */
	VAL_NUM,       /**< The bits themselves. No pointer to what cells hold unless any. */
	VAL_STACK,     /**< Pointer into the frame ref; the number is the distance from its top. */
	VAL_CTX,       /**< Pointer into the context (the packet's buffer). */
	VAL_MAP,       /**< Pointer to the map with id ref. */
	VAL_MAP_VALUE, /**< Pointer into the value of key 0 of the map with id ref. */
	VAL_FUNC,      /**< Address of the function at instruction ref. */
	/** Pointer into this CPU's elements of the per-CPU array ref, which lie one after another.
	 */
	VAL_ELEM,
	VAL_ELEM_OR_NULL, /**< The same, or the number 0: a lookup that may find nothing. */
};

/** Known bits: bits outside mask are those of value. */
struct tnum {
	uint64_t value;
	uint64_t mask;
};

/** Set of 64-bit values. Kept tightened; use the functions below to make one. */
struct value {
	uint8_t kind; /**< enum val_kind. */
	uint8_t n;    /**< Numbers in set; 0: the ranges hold. */
	bool any;   /**< VAL_NUM only: may also point to any stack byte, the context, an element. */
	bool loose; /**< May hold numbers that no run gives: from parts that may belong together. */
	uint16_t codes; /**< Words that the low half, signed, can be: CODE_BIT set. */
	uint32_t ref;   /**< Object of a pointer, 0 of numbers. */
	struct tnum bits;
	uint64_t umin, umax;
	int64_t smin, smax;
	uint32_t u32min, u32max;
	int32_t s32min, s32max;
	uint64_t set[VAL_SET]; /**< Ascending, unsigned. */
};

/** @name Values to begin with. @{ */
struct value val_bottom(void);
struct value val_top(void); /**< Any number, no stack or context pointer. */
struct value val_any(void); /**< Anything at all. */
struct value val_const(uint64_t number);
struct value val_set(const uint64_t *numbers, uint32_t n); /**< Any order, repeats allowed. */
struct value val_width(unsigned int bits);        /**< Any number of so many bits, zero-extended. */
struct value val_range(int64_t min, int64_t max); /**< Signed. */
struct value val_ptr(enum val_kind kind, uint32_t ref, int64_t offset);
/** @} */

/** Make the parts agree; needed after writing members. Empty becomes bottom. */
struct value val_tighten(struct value v);

/** Is this number in it? For pointers: this offset. */
bool val_has(const struct value *v, uint64_t number);

/** @name Lattice. @{ */
struct value val_join(const struct value *a, const struct value *b);
struct value val_meet(const struct value *a, const struct value *b);
bool val_leq(const struct value *a, const struct value *b);
bool val_eq(const struct value *a, const struct value *b);
/** Join that ends: a bound that moves jumps to a power of two. @param was what it was before. */
struct value val_widen(const struct value *was, const struct value *now);
/** The same in fewer steps: to the bounds of the integers of 8, 16, 32 and 64 bits. */
struct value val_widen_far(const struct value *was, const struct value *now);
/** @} */

/** Low half, zero-extended. Of a pointer: any 32 bits. */
struct value val_low(const struct value *v);

/** Forget that it is a pointer: the number an address has. */
struct value val_as_number(const struct value *v);

/** Words that the low half can be, read as a result of @p xdp programs or of tc ones. */
uint32_t val_codes(const struct value *v, bool xdp);

static inline bool val_is_bottom(const struct value *v)
{
	return v->kind == VAL_BOTTOM;
}

/** A number and nothing else? */
static inline bool val_is_const(const struct value *v)
{
	return v->kind == VAL_NUM && v->n == 1;
}

static inline bool val_is_pointer(const struct value *v)
{
	return v->kind > VAL_NUM;
}

/** Known bits. @{ */
struct tnum tnum_add(struct tnum a, struct tnum b);
struct tnum tnum_sub(struct tnum a, struct tnum b);
struct tnum tnum_mul(struct tnum a, struct tnum b);
struct tnum tnum_and(struct tnum a, struct tnum b);
struct tnum tnum_or(struct tnum a, struct tnum b);
struct tnum tnum_xor(struct tnum a, struct tnum b);
/** @} */

#endif
