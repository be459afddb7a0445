/* SPDX-License-Identifier: Apache-2.0 */
/**
 * out.h - the one way for bytes to leave: a sink that remembers its first error.
 *
 * Lies in model/ and not in reports/ because the snapshot codec streams through it as well. It
 * does no I/O: cli/ supplies the function that does.
 */
#ifndef TCAUDIT_MODEL_OUT_H
#define TCAUDIT_MODEL_OUT_H

#include "model/attrs.h"

#include <stdbool.h>
#include <stddef.h>

/** Take @p len bytes. @return 0, or a negative errno; not called again after a failure. */
typedef int out_fn(void *ctx, const char *bytes, size_t len);

/** Bytes collected before the sink is called. */
#define OUT_BUFFER_BYTES 8192

struct out {
	out_fn *write; /**< Sink. */
	void *ctx;     /**< Its first argument. */
	int error;     /**< First failure, negative errno; later output is dropped. */
	bool color;    /**< Writers may use out_style(); false makes that a no-op. */
	size_t used;   /**< Bytes waiting in buf. */
	char buf[OUT_BUFFER_BYTES];
};

/** Colours and weights for terminals. */
enum out_style {
	OUT_PLAIN, /**< Back to normal. */
	OUT_BOLD,
	OUT_DIM,
	OUT_RED,
	OUT_YELLOW,
	OUT_GREEN,
	OUT_CYAN,
};

void out_init(struct out *o, out_fn *write, void *ctx);

/** Hand what is buffered to the sink. @return the first error of all, or 0. */
ATTR_MUSTUSE int out_flush(struct out *o);

void out_bytes(struct out *o, const char *bytes, size_t len);
void out_str(struct out *o, const char *text);
void out_fmt(struct out *o, const char *fmt, ...) ATTR_PRINTF(2, 3);

/** Switch style; nothing at all is written when o->color is false. */
void out_style(struct out *o, enum out_style style);

/**
 * Text from outside, made safe for a terminal: C0 and C1 control characters, DEL, line and
 * bidirectional-format characters and bytes that are not UTF-8 become \xNN or \u{NNNN}.
 * Backslashes stay as they are. NULL prints "-".
 */
void out_term(struct out *o, const char *text);

/** A sink into memory for tests and for text that has to be measured. */
struct out_mem {
	char *bytes; /**< NUL-terminated, malloc'ed, owned by the struct; NULL when nothing came. */
	size_t len;
	size_t cap;
	size_t limit; /**< -EFBIG beyond this; 0 means no limit. */
};

/** An out_fn over struct out_mem. */
int out_mem_write(void *ctx, const char *bytes, size_t len);
void out_mem_done(struct out_mem *mem);

#endif
