/* SPDX-License-Identifier: Apache-2.0 */
/**
 * value_parts.h - parts of values; private to value.c and lattice.c.
 */
#ifndef TCAUDIT_ANALYZER_VALUE_PARTS_H
#define TCAUDIT_ANALYZER_VALUE_PARTS_H

#include "analyzer/value.h"

#include <string.h>

static inline uint64_t umax64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static inline uint64_t umin64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline int64_t smax64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static inline int64_t smin64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline bool is_element(const struct value *v)
{
	return v->kind == VAL_ELEM || v->kind == VAL_ELEM_OR_NULL;
}

/** Insert into an ascending set. @return false when it is full. */
static inline bool set_add(struct value *v, uint64_t x)
{
	uint32_t at = v->n;

	while (at > 0 && v->set[at - 1] > x) {
		at--;
	}
	if (at > 0 && v->set[at - 1] == x) {
		return true;
	}
	if (v->n == VAL_SET) {
		return false;
	}
	memmove(&v->set[at + 1], &v->set[at], (v->n - at) * sizeof(v->set[0]));
	v->set[at] = x;
	v->n++;
	return true;
}

/** @return known bits that both allow; *ok becomes false when none do. */
static inline struct tnum tnum_meet(struct tnum a, struct tnum b, bool *ok)
{
	uint64_t both = a.mask & b.mask;

	if ((a.value ^ b.value) & ~a.mask & ~b.mask) {
		*ok = false;
	}
	return (struct tnum){.value = (a.value | b.value) & ~both, .mask = both};
}

#endif
