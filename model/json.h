/* SPDX-License-Identifier: Apache-2.0 */
/**
 * json.h - the contract's JSON on top of cJSON: building with one failure flag, and typed reading
 * that says where it found what.
 *
 * Text is valid UTF-8 in every document: bytes that are not become \xNN (text_import()).
 */
#ifndef TCAUDIT_MODEL_JSON_H
#define TCAUDIT_MODEL_JSON_H

#include "model/arena.h"
#include "model/err.h"
#include "model/out.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

/** Largest document that is read, and most values it may hold (cJSON needs ~100 bytes each). */
#define JSON_MAX_BYTES  ((size_t)512 << 20)
#define JSON_MAX_VALUES ((size_t)16 << 20)

/** @name Builders. Each adds to @p obj under a key that must be a string literal. They do nothing
 * when @p obj is NULL, so that one check of the root at the end suffices: allocation failures set
 * *failed. @{ */
struct json_build {
	bool failed; /**< An allocation failed; the document is not whole. */
};
cJSON *json_new_object(struct json_build *b);
cJSON *json_new_array(struct json_build *b);
cJSON *json_add_object(struct json_build *b, cJSON *obj, const char *key);
cJSON *json_add_array(struct json_build *b, cJSON *obj, const char *key);
/** Text, or null for NULL. Sanitised to UTF-8. */
cJSON *json_new_text(struct json_build *b, const char *text);
/** The same, as a member. */
void json_add_text(struct json_build *b, cJSON *obj, const char *key, const char *text);
void json_add_bool(struct json_build *b, cJSON *obj, const char *key, bool value);
void json_add_null(struct json_build *b, cJSON *obj, const char *key);
/** A number; @p value is at most 2^53. */
void json_add_number(struct json_build *b, cJSON *obj, const char *key, double value);
/** Number when @p have, else null. */
void json_add_opt(struct json_build *b, cJSON *obj, const char *key, bool have, double value);
/** 64-bit value as a decimal string. */
void json_add_u64(struct json_build *b, cJSON *obj, const char *key, uint64_t value);
/** Append to an array: a text, a number, or an item (which the array then owns; NULL sets
 *  failed). */
void json_push_text(struct json_build *b, cJSON *array, const char *text);
void json_push_number(struct json_build *b, cJSON *array, double value);
void json_push(struct json_build *b, cJSON *array, cJSON *item);
/** Print @p item on one line (or indented) to @p o and free it. */
void json_emit(struct json_build *b, struct out *o, cJSON *item, bool pretty);
/** @} */

/**
 * Parse a whole document: size and number of values are bounded first, then cJSON parses, and
 * nothing but white space may follow. Texts with \\u0000 are refused, as C cannot hold them.
 *
 * @return the root (free with cJSON_Delete()), or NULL with -EBADMSG, -EFBIG or -ENOMEM in @p err:
 *         "not JSON at byte N: ...".
 */
ATTR_MUSTUSE cJSON *json_parse(const char *bytes, size_t len, struct err *err);

/** Where a reader stands, for messages: "namespaces[3].links[0]". Linked on the stack. */
struct json_path {
	const struct json_path *up;
	const char *key; /**< Member, or NULL for an element. */
	uint32_t index;  /**< Element. */
};

/** Describe what is wrong with member @p key (NULL: with what @p path names). @return -EBADMSG. */
int json_bad(const struct json_path *path, const char *key, const char *what, struct err *err);

/** What json_get_u32() says of other things. */
#define JSON_WANT_U32 "not a number from 0 to 4294967295"

/** @return true and the value for a whole number of 32 bits. */
bool json_is_u32(const cJSON *item, uint32_t *ret);

/** @name Typed readers. A missing or null member gives @p ret untouched and returns 0 unless
 * @p need; a member of another type or out of range is -EBADMSG and described with its path.
 * Text is imported into @p arena. Of members with equal keys the first counts. @{ */
ATTR_MUSTUSE int json_get_text(const cJSON *obj, const char *key, bool need, struct arena *arena,
                               const char **ret, const struct json_path *path, struct err *err);
ATTR_MUSTUSE int json_get_bool(const cJSON *obj, const char *key, bool need, bool *ret,
                               const struct json_path *path, struct err *err);
ATTR_MUSTUSE int json_get_u32(const cJSON *obj, const char *key, bool need, uint32_t *ret,
                              const struct json_path *path, struct err *err);
/** Number up to 2^53 or decimal string up to 2^64-1. */
ATTR_MUSTUSE int json_get_u64(const cJSON *obj, const char *key, bool need, uint64_t *ret,
                              const struct json_path *path, struct err *err);
/** @p ret gets the item, or NULL when it is absent or null and not needed. */
ATTR_MUSTUSE int json_get_array(const cJSON *obj, const char *key, bool need, const cJSON **ret,
                                const struct json_path *path, struct err *err);
ATTR_MUSTUSE int json_get_object(const cJSON *obj, const char *key, bool need, const cJSON **ret,
                                 const struct json_path *path, struct err *err);
/** @} */

#endif
