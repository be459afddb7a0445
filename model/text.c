/* SPDX-License-Identifier: Apache-2.0 */
#include "model/text.h"

#include <stdio.h>
#include <string.h>

static uint8_t byte_at(const char *bytes, size_t at)
{
	return (uint8_t)bytes[at];
}

/** Length that a first byte announces; 0 for one that cannot begin a character. */
static size_t announced(uint8_t first)
{
	if (first < 0x80) {
		return 1;
	}
	if (first >= 0xC2 && first <= 0xDF) {
		return 2;
	}
	if (first >= 0xE0 && first <= 0xEF) {
		return 3;
	}
	return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

size_t text_utf8_next(const char *bytes, size_t left, uint32_t *ret_cp)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t first = byte_at(bytes, 0);
	size_t len = announced(first);

	if (len == 0 || len > left) {
		return 0;
	}

	uint32_t cp = len == 1 ? first : first & (0x7Fu >> len);

	for (size_t i = 1; i < len; i++) {
		uint8_t next = byte_at(bytes, i);

		if ((next & 0xC0) != 0x80) {
			return 0;
		}
		cp = cp << 6 | (next & 0x3F);
	}
	if (cp < smallest[len] || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
		return 0;
	}
	*ret_cp = cp;
	return len;
}

bool text_is_utf8(const char *bytes, size_t len)
{
	while (len > 0) {
		uint32_t cp = 0;
		size_t step = text_utf8_next(bytes, len, &cp);

		if (step == 0) {
			return false;
		}
		bytes += step;
		len -= step;
	}
	return true;
}

static const char hex_digits[] = "0123456789abcdef";

/** The escape of one byte: four characters, no NUL. */
static char *put_byte(char *to, uint8_t byte)
{
	*to++ = '\\';
	*to++ = 'x';
	*to++ = hex_digits[byte >> 4];
	*to++ = hex_digits[byte & 0xF];
	return to;
}

/** Bytes that are not part of a character. */
static size_t count_bad(const char *bytes, size_t len)
{
	size_t bad = 0;

	for (size_t i = 0; i < len;) {
		uint32_t cp = 0;
		size_t step = text_utf8_next(bytes + i, len - i, &cp);

		bad += step == 0;
		i += step == 0 ? 1 : step;
	}
	return bad;
}

static void copy_escaped(char *to, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t cp = 0;
		size_t step = text_utf8_next(bytes + i, len - i, &cp);

		if (step == 0) {
			to = put_byte(to, byte_at(bytes, i++));
			continue;
		}
		memcpy(to, bytes + i, step);
		to += step;
		i += step;
	}
	*to = '\0';
}

const char *text_import(struct arena *arena, const char *bytes, size_t max_len)
{
	size_t len = strnlen(bytes, max_len);
	size_t bad = count_bad(bytes, len);
	size_t room = 0;

	if (bad == 0) {
		return arena_strndup(arena, bytes, len);
	}
	if (__builtin_mul_overflow(bad, (size_t)3, &room) ||
	    __builtin_add_overflow(room, len + 1, &room)) {
		return NULL;
	}

	char *copy = arena_alloc(arena, room);

	if (copy) {
		copy_escaped(copy, bytes, len);
	}
	return copy;
}

/** Characters that steer a terminal or reorder what is read, and their neighbours. */
static bool is_steering(uint32_t cp)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x0000, 0x001F}, /* C0 */
		{0x007F, 0x009F}, /* DEL, C1 */
		{0x061C, 0x061C}, /* Arabic letter mark */
		{0x200E, 0x200F}, /* left-to-right and right-to-left mark */
		{0x2028, 0x202E}, /* line and paragraph separator, embeddings and overrides */
		{0x2066, 0x2069}, /* isolates */
		{0xFEFF, 0xFEFF}, /* byte order mark */
	};

	for (size_t i = 0; i < COUNT_OF(ranges); i++) {
		if (cp >= ranges[i].first && cp <= ranges[i].last) {
			return true;
		}
	}
	return false;
}

size_t text_show_next(const char *bytes, size_t left, char shown[TEXT_SHOWN_BYTES])
{
	uint32_t cp = 0;
	size_t len = text_utf8_next(bytes, left, &cp);

	if (len == 0 || (len == 1 && is_steering(cp))) {
		*put_byte(shown, byte_at(bytes, 0)) = '\0';
		return 1;
	}
	if (is_steering(cp)) {
		(void)snprintf(shown, TEXT_SHOWN_BYTES, "\\u{%04x}", cp);
		return len;
	}
	memcpy(shown, bytes, len);
	shown[len] = '\0';
	return len;
}

size_t text_columns(const char *text)
{
	size_t columns = 0;

	if (!text) {
		return 1; /* out_term() prints "-" */
	}
	for (size_t left = strlen(text); left > 0;) {
		char shown[TEXT_SHOWN_BYTES];
		size_t len = text_show_next(text, left, shown);

		/* an escape is ASCII and longer than one; a character as itself is one column */
		columns += shown[0] == '\\' ? strlen(shown) : 1;
		text += len;
		left -= len;
	}
	return columns;
}

int text_cmp(const char *a, const char *b)
{
	if (!a || !b) {
		return (a != NULL) - (b != NULL);
	}
	return strcmp(a, b);
}

bool text_eq(const char *a, const char *b)
{
	return text_cmp(a, b) == 0;
}

bool text_starts(const char *text, const char *prefix)
{
	return text && strncmp(text, prefix, strlen(prefix)) == 0;
}

uint64_t text_hash(uint64_t seed, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++) {
		seed = (seed ^ at[i]) * UINT64_C(0x100000001b3);
	}
	return seed;
}

uint64_t text_hash_part(uint64_t seed, const char *text, size_t len)
{
	return text_hash(text != NULL ? text_hash(seed, text, len) : seed, "", 1);
}

uint64_t text_hash_str(uint64_t seed, const char *text)
{
	return text_hash_part(seed, text, text != NULL ? strlen(text) : 0);
}
