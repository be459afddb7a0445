/* SPDX-License-Identifier: Apache-2.0 */
#include "model/arena.h"

#include <assert.h>
#include <errno.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Chunks double from the first to the largest size; a bigger request gets one of its own. */
#define FIRST_CHUNK_BYTES   ((size_t)1 << 10)
#define LARGEST_CHUNK_BYTES ((size_t)64 << 10)

/** Rows of a vector's first allocation. */
#define FIRST_ROWS 8u

struct arena_chunk {
	struct arena_chunk *prev;
	size_t cap_bytes; /**< Of data. */
	size_t used;
	alignas(max_align_t) char data[];
};

void arena_init(struct arena *arena, size_t limit_bytes)
{
	assert(limit_bytes > 0);
	*arena = (struct arena){.limit_bytes = limit_bytes};
}

static void drop_last(struct arena *arena)
{
	struct arena_chunk *chunk = arena->last;

	arena->last = chunk->prev;
	arena->used_bytes -= sizeof(*chunk) + chunk->cap_bytes;
	free(chunk);
}

void arena_done(struct arena *arena)
{
	if (!arena) {
		return;
	}
	while (arena->last) {
		drop_last(arena);
	}
}

static bool fits(const struct arena *arena, size_t bytes)
{
	return bytes <= arena->limit_bytes - arena->used_bytes;
}

/** Size of the next chunk for a request of @p bytes; 0 when the limit forbids it. */
static size_t next_chunk_bytes(const struct arena *arena, size_t bytes)
{
	size_t want = arena->last ? arena->last->cap_bytes * 2 : FIRST_CHUNK_BYTES;
	size_t least = 0;

	if (__builtin_add_overflow(bytes, sizeof(struct arena_chunk), &least) ||
	    !fits(arena, least)) {
		return 0;
	}
	if (want > LARGEST_CHUNK_BYTES) {
		want = LARGEST_CHUNK_BYTES;
	}
	if (want < bytes || !fits(arena, sizeof(struct arena_chunk) + want)) {
		want = bytes; /* near the limit every byte still counts */
	}
	return want;
}

static struct arena_chunk *add_chunk(struct arena *arena, size_t bytes)
{
	size_t cap = next_chunk_bytes(arena, bytes);
	struct arena_chunk *chunk = cap ? malloc(sizeof(*chunk) + cap) : NULL;

	if (!chunk) {
		return NULL;
	}
	chunk->prev = arena->last;
	chunk->cap_bytes = cap;
	chunk->used = 0;
	arena->last = chunk;
	arena->used_bytes += sizeof(*chunk) + cap;
	return chunk;
}

/** Place for @p bytes at a multiple of @p align. Not zeroed. */
static char *take(struct arena *arena, size_t bytes, size_t align)
{
	struct arena_chunk *chunk = arena->last;
	size_t at = chunk ? (chunk->used + align - 1) & ~(align - 1) : 0;

	if (!chunk || at > chunk->cap_bytes || bytes > chunk->cap_bytes - at) {
		chunk = add_chunk(arena, bytes ? bytes : 1);
		at = 0;
	}
	if (!chunk) {
		return NULL;
	}
	chunk->used = at + bytes;
	return chunk->data + at;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
	char *got = take(arena, bytes, alignof(max_align_t));

	/* chunks are reused after a rewind, so calloc() would not be enough */
	return got ? memset(got, 0, bytes) : NULL;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = len < SIZE_MAX ? take(arena, len + 1, 1) : NULL;

	if (copy) {
		if (len > 0) {
			memcpy(copy, text, len);
		}
		copy[len] = '\0';
	}
	return copy;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args;
	va_list again;
	char *text = NULL;

	va_start(args, fmt);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, fmt, args);

	if (len >= 0) {
		text = take(arena, (size_t)len + 1, 1);
	}
	if (text && vsnprintf(text, (size_t)len + 1, fmt, again) != len) {
		text = NULL;
	}
	va_end(again);
	va_end(args);
	return text;
}

struct arena_mark arena_mark(const struct arena *arena)
{
	return (struct arena_mark){
		.chunk = arena->last,
		.chunk_used = arena->last ? arena->last->used : 0,
		.used_bytes = arena->used_bytes,
	};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
	while (arena->last != mark.chunk) {
		assert(arena->last);
		drop_last(arena);
	}
	if (arena->last) {
		assert(mark.chunk_used <= arena->last->used);
		arena->last->used = mark.chunk_used;
	}
}

int arena_reserve(struct arena *arena, void **rows, uint32_t n, uint32_t *cap, size_t row_bytes)
{
	uint32_t want = *cap ? *cap + *cap / 2 + 1 : FIRST_ROWS;
	size_t bytes = 0;

	if (n < *cap) {
		return 0;
	}
	if (want <= *cap || __builtin_mul_overflow((size_t)want, row_bytes, &bytes)) {
		return -ENOMEM;
	}

	size_t held = (size_t)*cap * row_bytes;

	if (!fits(arena, bytes - held)) {
		want = *cap + 1; /* near the limit: one more row, if that fits */
		bytes = held + row_bytes;
		if (!fits(arena, row_bytes)) {
			return -ENOMEM;
		}
	}

	void *grown = realloc(*rows, bytes);

	if (!grown) {
		return -ENOMEM;
	}
	*rows = grown;
	*cap = want;
	arena->used_bytes += bytes - held;
	return 0;
}

void arena_release(struct arena *arena, void **rows, uint32_t *cap, size_t row_bytes)
{
	arena->used_bytes -= (size_t)*cap * row_bytes;
	free(*rows);
	*rows = NULL;
	*cap = 0;
}
