/* SPDX-License-Identifier: Apache-2.0 */
/**
 * attrs.h - attributes of a message, checked against a table of accepted sizes.
 *
 * The only place that walks attributes of the kernel; decoders see none that does not fit.
 */
#ifndef TCAUDIT_NETLINK_ATTRS_H
#define TCAUDIT_NETLINK_ATTRS_H

#include "model/arena.h"
#include "model/err.h"

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a decoder accepts of one attribute number; zeroed: it does not care about it. */
struct attr_want {
	bool used;    /**< The attribute is looked at. */
	bool text;    /**< There must be a NUL inside the payload. */
	uint16_t min; /**< Smallest payload in bytes. */
	uint16_t max; /**< Largest one. */
};

#define ATTR_U8                                                                                    \
	{                                                                                          \
		.used = true, .min = 1, .max = 1                                                   \
	}
#define ATTR_U16                                                                                   \
	{                                                                                          \
		.used = true, .min = 2, .max = 2                                                   \
	}
#define ATTR_U32                                                                                   \
	{                                                                                          \
		.used = true, .min = 4, .max = 4                                                   \
	}
#define ATTR_TEXT                                                                                  \
	{                                                                                          \
		.used = true, .text = true, .min = 1, .max = UINT16_MAX                            \
	}
/** Nests and blobs. */
#define ATTR_ANY                                                                                   \
	{                                                                                          \
		.used = true, .max = UINT16_MAX                                                    \
	}
/** A struct that newer kernels may extend at its end. */
#define ATTR_STRUCT(bytes)                                                                         \
	{                                                                                          \
		.used = true, .min = (uint16_t)(bytes), .max = UINT16_MAX                          \
	}

/**
 * Index the attributes of a message behind its fixed header.
 *
 * @param hdr   bytes of the header behind struct nlmsghdr, before alignment.
 * @param want  table with @p n rows; numbers beyond it are skipped, newer kernels add them.
 * @param tb    @p n pointers; NULL where the attribute is missing. The last of equal ones counts.
 * @return 0, or -EBADMSG: the header or an attribute does not fit.
 */
ATTR_MUSTUSE int attrs_index(const struct nlmsghdr *nlh, size_t hdr, const struct attr_want want[],
                             size_t n, const struct nlattr *tb[], struct err *err);

/** The same for the payload of a nest; NULL is an empty one. */
ATTR_MUSTUSE int attrs_nested(const struct nlattr *nest, const struct attr_want want[], size_t n,
                              const struct nlattr *tb[], struct err *err);

/** Walk a nest that attrs_nested() took: the attribute behind @p prev, the first for NULL. */
const struct nlattr *attrs_next(const struct nlattr *nest, const struct nlattr *prev);

/** Does the payload of @p nest, which attrs_nested() took, hold numbers that @p want does not use?
 */
bool attrs_has_other(const struct nlattr *nest, const struct attr_want want[], size_t n);

/** Number in an attribute that is there or not; @return @p otherwise without it. */
uint32_t attrs_u32(const struct nlattr *attr, uint32_t otherwise);
uint8_t attrs_u8(const struct nlattr *attr, uint8_t otherwise);

/** Copy of the text of an ATTR_TEXT attribute, as text_import() does; NULL at the arena's limit. */
ATTR_MUSTUSE const char *attrs_import(struct arena *arena, const struct nlattr *attr);

/** Is the text of an ATTR_TEXT attribute @p word? false without the attribute. */
bool attrs_text_is(const struct nlattr *attr, const char *word);

#endif
