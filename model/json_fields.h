/* SPDX-License-Identifier: Apache-2.0 */
/**
 * json_fields.h - members of JSON objects into rows, by table.
 *
 * For loaders of documents with many rows of one kind: snapshot_json_read.c and its neighbours.
 */
#ifndef TCAUDIT_MODEL_JSON_FIELDS_H
#define TCAUDIT_MODEL_JSON_FIELDS_H

#include "model/json.h"

/** An object, where it stands in the document, and where its texts go. */
struct json_at {
	const cJSON *obj;
	const struct json_path *path; /**< NULL for the document itself. */
	struct arena *arena;
	struct err *err;
};

enum field_type {
	FIELD_TEXT, /**< const char *. */
	FIELD_BOOL, /**< bool. */
	FIELD_U32,  /**< uint32_t, from min to max. */
	FIELD_U64,  /**< uint64_t, from 0: a number, or a decimal text. */
};

/** One member and its place in a row. */
struct json_field {
	const char *key;
	enum field_type type;
	bool need;     /**< Absent or null is an error; else the row keeps what it has. */
	size_t offset; /**< In the row. */
	uint32_t min;  /**< FIELD_U32. */
	uint32_t max;  /**< FIELD_U32; 0: all 32 bits. */
};

/** Read members into @p row. @return 0, -EBADMSG, -ENOMEM. */
ATTR_MUSTUSE int json_read_fields(const struct json_at *at, const struct json_field fields[],
                                  size_t n, void *row);

/** Called for each object of an array; @p ctx is the caller's. @return 0 or a negative errno. */
typedef int json_each_fn(const struct json_at *at, void *ctx);

/** Every element of member @p key, which must be an array of objects. @return as the callback. */
ATTR_MUSTUSE int json_each(const struct json_at *at, const char *key, bool need, json_each_fn *fn,
                           void *ctx);

/** For documents that people write, where a misspelt key would change what is meant: each member is
 *  one of @p keys, and there once. @return 0, -EBADMSG, -ENOMEM. */
ATTR_MUSTUSE int json_check_keys(const struct json_at *at, const char *const keys[], size_t n);

/** An array of 32-bit numbers, into the arena. @return 0, -EBADMSG, -ENOMEM. */
ATTR_MUSTUSE int json_read_numbers(const struct json_at *at, const char *key, bool need,
                                   const uint32_t **ret, uint32_t *ret_n);

/** An array of texts, into the arena. @return 0, -EBADMSG, -ENOMEM. */
ATTR_MUSTUSE int json_read_texts(const struct json_at *at, const char *key, const char ***ret,
                                 uint32_t *ret_n);

/** json_bad() for a member (NULL: the object). @return -EBADMSG. */
int json_bad_at(const struct json_at *at, const char *key, const char *what);

/** Describe that the arena is full. @return -ENOMEM. */
int json_no_memory(const struct json_at *at);

#endif
