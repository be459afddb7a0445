/* SPDX-License-Identifier: Apache-2.0 */
/**
 * arena.h - memory that dies together, with a byte limit.
 *
 * Strings live in chunks; tables of rows are heap vectors charged to the same limit. The limit is
 * the defence against a hostile file, and the way tests provoke -ENOMEM.
 */
#ifndef TCAUDIT_MODEL_ARENA_H
#define TCAUDIT_MODEL_ARENA_H

#include "model/attrs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena_chunk;

/** Zero-initialised plus arena_init() is ready to use. */
struct arena {
	struct arena_chunk *last; /**< Newest chunk, NULL when empty. */
	size_t used_bytes;        /**< Charged so far, chunks and vectors together. */
	size_t limit_bytes;       /**< Never charged beyond this. */
};

/** A point to go back to; see arena_rewind(). */
struct arena_mark {
	struct arena_chunk *chunk;
	size_t chunk_used;
	size_t used_bytes;
};

/** @param limit_bytes upper bound of everything charged to the arena, > 0. */
void arena_init(struct arena *arena, size_t limit_bytes);

/** Free everything; NULL, zeroed and half-built arenas are fine. Leaves it empty and usable. */
void arena_done(struct arena *arena);

/** @return zeroed memory aligned for any type, owned by the arena; NULL at the limit. */
ATTR_MUSTUSE void *arena_alloc(struct arena *arena, size_t bytes);

/** @return NUL-terminated copy of the first @p len bytes of @p text; NULL at the limit. */
ATTR_MUSTUSE char *arena_strndup(struct arena *arena, const char *text, size_t len);

/** @return formatted text owned by the arena; NULL at the limit. */
ATTR_MUSTUSE char *arena_printf(struct arena *arena, const char *fmt, ...) ATTR_PRINTF(2, 3);

/** Where the arena stands now. Vectors grown after the mark keep their memory on rewind. */
struct arena_mark arena_mark(const struct arena *arena);

/** Give back every chunk byte allocated after @p mark. Pointers to it are dead. */
void arena_rewind(struct arena *arena, struct arena_mark mark);

/**
 * Make room for one more row in a heap vector that is charged to @p arena.
 *
 * @param rows  address of the vector (NULL when empty); replaced when it has to grow.
 * @param n     rows in use.
 * @param cap   rows there is room for; updated.
 * @param row_bytes size of a row.
 * @return 0, or -ENOMEM at the limit; then nothing changed.
 */
ATTR_MUSTUSE int arena_reserve(struct arena *arena, void **rows, uint32_t n, uint32_t *cap,
                               size_t row_bytes);

/** Free a vector grown by arena_reserve() and give its bytes back. Sets *rows NULL, *cap 0. */
void arena_release(struct arena *arena, void **rows, uint32_t *cap, size_t row_bytes);

#endif
