/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Order, join and meet of values; widening is in widen.c.
 */
#include "analyzer/value_parts.h"

#include <string.h>

static bool leq_fields(const struct value *a, const struct value *b)
{
	return a->umin >= b->umin && a->umax <= b->umax && a->smin >= b->smin &&
	       a->smax <= b->smax && a->u32min >= b->u32min && a->u32max <= b->u32max &&
	       a->s32min >= b->s32min && a->s32max <= b->s32max && (a->codes & ~b->codes) == 0 &&
	       (a->bits.mask & ~b->bits.mask) == 0 &&
	       ((a->bits.value ^ b->bits.value) & ~b->bits.mask) == 0;
}

/** Order of two of one kind and object. */
static bool leq_same(const struct value *a, const struct value *b)
{
	if (a->any && !b->any) {
		return false;
	}
	if (a->n == 0) {
		return b->n == 0 && leq_fields(a, b);
	}
	for (uint32_t i = 0; i < a->n; i++) {
		if (!val_has(b, a->set[i])) {
			return false;
		}
	}
	return true;
}

/** Is everything in @p a also in @p b because that may be null? */
static bool leq_or_null(const struct value *a, const struct value *b)
{
	return b->kind == VAL_ELEM_OR_NULL &&
	       ((a->kind == VAL_ELEM && a->ref == b->ref && leq_same(a, b)) ||
	        (val_is_const(a) && a->set[0] == 0 && !a->any));
}

/** Fieldwise, both of one kind. */
static struct value join_fields(const struct value *a, const struct value *b)
{
	struct value v = *a;
	uint64_t differ = (a->bits.value ^ b->bits.value) | a->bits.mask | b->bits.mask;

	v.bits = (struct tnum){.value = a->bits.value & ~differ, .mask = differ};
	v.umin = umin64(a->umin, b->umin);
	v.umax = umax64(a->umax, b->umax);
	v.smin = smin64(a->smin, b->smin);
	v.smax = smax64(a->smax, b->smax);
	v.u32min = (uint32_t)umin64(a->u32min, b->u32min);
	v.u32max = (uint32_t)umax64(a->u32max, b->u32max);
	v.s32min = (int32_t)smin64(a->s32min, b->s32min);
	v.s32max = (int32_t)smax64(a->s32max, b->s32max);
	v.codes |= b->codes;
	return v;
}

/** Join of two of one kind and object. */
static struct value join_same(const struct value *a, const struct value *b)
{
	struct value v = join_fields(a, b);

	v.any |= b->any;
	v.loose |= b->loose;
	if (a->n > 0 && b->n > 0) {
		memcpy(v.set, a->set, sizeof(v.set));
		v.n = a->n;
		for (uint32_t i = 0; i < b->n; i++) {
			if (!set_add(&v, b->set[i])) {
				return val_tighten(v);
			}
		}
		return v;
	}
	return val_tighten(v);
}

/** A pointer to an element and null stay together: the program will test which it is. */
static bool join_or_null(const struct value *a, const struct value *b, struct value *ret)
{
	struct value elem = *a;

	if (!is_element(a)) {
		return false;
	}
	elem.kind = VAL_ELEM_OR_NULL;
	if (leq_or_null(b, &elem)) {
		*ret = elem;
		return true;
	}
	if (!is_element(b) || a->ref != b->ref) {
		return false;
	}
	*ret = join_same(&elem, b);
	return true;
}

struct value val_join(const struct value *a, const struct value *b)
{
	struct value v;

	if (a->kind == VAL_BOTTOM || b->kind == VAL_BOTTOM) {
		return a->kind == VAL_BOTTOM ? *b : *a;
	}
	if (a->kind == b->kind && a->ref == b->ref) {
		return join_same(a, b);
	}
	if (join_or_null(a, b, &v) || join_or_null(b, a, &v)) {
		return v;
	}
	struct value x = val_as_number(a);
	struct value y = val_as_number(b);

	x.any |= y.any;
	y.any = x.any;
	return join_same(&x, &y);
}

/** Keep of @p a what @p b allows. */
static struct value filter(const struct value *a, const struct value *b)
{
	uint64_t kept[VAL_SET] = {0};
	uint32_t n = 0;

	for (uint32_t i = 0; i < a->n; i++) {
		if (val_has(b, a->set[i])) {
			kept[n++] = a->set[i];
		}
	}

	struct value v = val_set(kept, n);

	if (n > 0) {
		v.kind = a->kind;
		v.ref = a->ref;
	}
	return v;
}

struct value val_meet(const struct value *a, const struct value *b)
{
	struct value v = *a;
	bool ok = true;

	if (a->kind == VAL_BOTTOM || b->kind == VAL_BOTTOM) {
		return val_bottom();
	}
	if (a->kind != b->kind || a->ref != b->ref) {
		if (leq_or_null(b, a)) {
			return *b;
		}
		return a->kind == VAL_NUM && !leq_or_null(a, b)
		               ? *b /* either holds; a pointer says more */
		               : *a;
	}
	if (a->n > 0 || b->n > 0) {
		v = a->n > 0 ? filter(a, b) : filter(b, a);
	} else {
		v.bits = tnum_meet(a->bits, b->bits, &ok);
		v.umin = umax64(a->umin, b->umin);
		v.umax = umin64(a->umax, b->umax);
		v.smin = smax64(a->smin, b->smin);
		v.smax = smin64(a->smax, b->smax);
		v.u32min = (uint32_t)umax64(a->u32min, b->u32min);
		v.u32max = (uint32_t)umin64(a->u32max, b->u32max);
		v.s32min = (int32_t)smax64(a->s32min, b->s32min);
		v.s32max = (int32_t)smin64(a->s32max, b->s32max);
		v.codes &= b->codes;
		v = ok ? val_tighten(v) : val_bottom();
	}
	if (v.kind != VAL_BOTTOM) {
		v.any = a->any && b->any;
		v.loose = a->loose || b->loose;
	}
	return v;
}

bool val_leq(const struct value *a, const struct value *b)
{
	if (a->kind == VAL_BOTTOM) {
		return true;
	}
	if (a->kind == b->kind && a->ref == b->ref) {
		return leq_same(a, b);
	}
	struct value x = val_as_number(a);

	return leq_or_null(a, b) || (b->kind == VAL_NUM && a->kind > VAL_NUM && leq_same(&x, b));
}

bool val_eq(const struct value *a, const struct value *b)
{
	return a->kind == b->kind && a->n == b->n && a->any == b->any && a->loose == b->loose &&
	       a->codes == b->codes && a->ref == b->ref && a->bits.value == b->bits.value &&
	       a->bits.mask == b->bits.mask && a->umin == b->umin && a->umax == b->umax &&
	       a->smin == b->smin && a->smax == b->smax && a->u32min == b->u32min &&
	       a->u32max == b->u32max && a->s32min == b->s32min && a->s32max == b->s32max &&
	       memcmp(a->set, b->set, a->n * sizeof(a->set[0])) == 0;
}
