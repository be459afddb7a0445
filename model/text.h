/* SPDX-License-Identifier: Apache-2.0 */
/**
 * text.h - bytes from outside, and what may pass as text.
 */
#ifndef TCAUDIT_MODEL_TEXT_H
#define TCAUDIT_MODEL_TEXT_H

#include "model/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Decode one UTF-8 character (shortest form, no surrogates, at most U+10FFFF).
 *
 * @param left bytes there are, > 0.
 * @return its length, 1 to 4, and the code point in @p ret_cp; 0 when the bytes are not UTF-8.
 */
size_t text_utf8_next(const char *bytes, size_t left, uint32_t *ret_cp);

/** Whole buffer is valid UTF-8? */
bool text_is_utf8(const char *bytes, size_t len);

/**
 * Copy bytes from outside into an arena as UTF-8: each byte that is not part of a valid character
 * becomes the four characters \xNN. Stops at the first NUL. Everything in a snapshot went through
 * this, so a snapshot read back from its file has the same names as the live one.
 *
 * @return the copy; NULL at the arena's limit.
 */
ATTR_MUSTUSE const char *text_import(struct arena *arena, const char *bytes, size_t max_len);

/** Room for one character as text_show_next() writes it: "\\u{10FFFF}" and its NUL. */
#define TEXT_SHOWN_BYTES 12

/**
 * The next character of text from outside as out_term() prints it: itself, or its escape.
 *
 * @param left  bytes there are, > 0.
 * @param shown gets it, NUL-terminated.
 * @return bytes of @p bytes it stands for.
 */
size_t text_show_next(const char *bytes, size_t left, char shown[TEXT_SHOWN_BYTES]);

/**
 * Terminal columns of UTF-8 text as out_term() would print it. Every character that is printed as
 * itself counts as one column, also those that a terminal draws wide or on top of another: which
 * ones these are depends on the terminal, and this layer asks no locale.
 */
size_t text_columns(const char *text);

/** strcmp() that takes NULL as smaller than everything. */
int text_cmp(const char *a, const char *b);

/** Equal, NULL only to NULL. */
bool text_eq(const char *a, const char *b);

/** Starts with? false for NULL. */
bool text_starts(const char *text, const char *prefix);

/**
 * Can the pattern be used with text_glob()? Not when it is empty, ends in a lone backslash, or has
 * a bracket that is not closed, is empty, or holds a range that runs backwards.
 */
bool text_glob_ok(const char *pattern);

/**
 * Does the whole of @p text match? `*` is any text, `?` one character, `[a-z0]` one of these,
 * `[!a-z]` one of the others, a backslash takes what follows as itself. Case counts. Work is
 * bounded by the product of the two lengths.
 *
 * @param pattern one that text_glob_ok() accepts; others match nothing, or less than meant.
 */
bool text_glob(const char *pattern, const char *text);

/** 64-bit FNV-1a of @p len bytes, starting from @p seed (TEXT_HASH_SEED for a new one). */
uint64_t text_hash(uint64_t seed, const void *bytes, size_t len);

/** text_hash() of a text and a byte behind it: "ab","c" differs from "a","bc". NULL is empty. */
uint64_t text_hash_part(uint64_t seed, const char *text, size_t len);

/** text_hash_part() up to the NUL. */
uint64_t text_hash_str(uint64_t seed, const char *text);

/** FNV-1a 64-bit offset basis. */
#define TEXT_HASH_SEED UINT64_C(0xcbf29ce484222325)

#endif
