/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/value.h"

/*
 * A tnum stands for all numbers whose bits outside the mask are those of value. For sums: the bits
 * in which the smallest and the largest sum of the unknown parts differ may be changed by carries.
 */

struct tnum tnum_add(struct tnum a, struct tnum b)
{
	uint64_t low = a.value + b.value;
	uint64_t high = low + (a.mask + b.mask);
	uint64_t unknown = (low ^ high) | a.mask | b.mask;

	return (struct tnum){.value = low & ~unknown, .mask = unknown};
}

struct tnum tnum_sub(struct tnum a, struct tnum b)
{
	uint64_t middle = a.value - b.value;
	uint64_t unknown = ((middle + a.mask) ^ (middle - b.mask)) | a.mask | b.mask;

	return (struct tnum){.value = middle & ~unknown, .mask = unknown};
}

struct tnum tnum_mul(struct tnum a, struct tnum b)
{
	struct tnum known = {.value = a.value * b.value, .mask = 0};
	struct tnum unknown = {.value = 0, .mask = 0};

	for (; a.value || a.mask; a.value >>= 1, a.mask >>= 1, b.value <<= 1, b.mask <<= 1) {
		struct tnum part = {.value = 0, .mask = 0};

		if (a.value & 1) {
			part.mask = b.mask;
		} else if (a.mask & 1) {
			part.mask = b.value | b.mask;
		}
		unknown = tnum_add(unknown, part);
	}
	return tnum_add(known, unknown);
}

struct tnum tnum_and(struct tnum a, struct tnum b)
{
	uint64_t value = a.value & b.value;

	return (struct tnum){.value = value,
	                     .mask = (a.value | a.mask) & (b.value | b.mask) & ~value};
}

struct tnum tnum_or(struct tnum a, struct tnum b)
{
	uint64_t value = a.value | b.value;

	return (struct tnum){.value = value, .mask = (a.mask | b.mask) & ~value};
}

struct tnum tnum_xor(struct tnum a, struct tnum b)
{
	uint64_t mask = a.mask | b.mask;

	return (struct tnum){.value = (a.value ^ b.value) & ~mask, .mask = mask};
}
