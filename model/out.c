/* SPDX-License-Identifier: Apache-2.0 */
#include "model/out.h"

#include "model/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void out_init(struct out *o, out_fn *write, void *ctx)
{
	o->write = write;
	o->ctx = ctx;
	o->error = 0;
	o->color = false;
	o->used = 0; /* buf stays as it is: nobody reads beyond used */
}

static void fail(struct out *o, int error)
{
	if (o->error == 0) {
		o->error = error;
	}
	o->used = 0;
}

static void give(struct out *o, const char *bytes, size_t len)
{
	int r = o->error == 0 && len > 0 ? o->write(o->ctx, bytes, len) : 0;

	if (r < 0) {
		fail(o, r);
	}
}

static void drain(struct out *o)
{
	give(o, o->buf, o->used);
	o->used = 0;
}

int out_flush(struct out *o)
{
	drain(o);
	return o->error;
}

void out_bytes(struct out *o, const char *bytes, size_t len)
{
	if (o->error != 0 || len == 0) {
		return;
	}
	if (len > sizeof(o->buf) - o->used) {
		drain(o);
	}
	if (o->error != 0) {
		return;
	}
	if (len > sizeof(o->buf)) {
		give(o, bytes, len);
		return;
	}
	memcpy(o->buf + o->used, bytes, len);
	o->used += len;
}

void out_str(struct out *o, const char *text)
{
	out_bytes(o, text, strlen(text));
}

/** Text that does not fit into the rest of the buffer. */
static void ATTR_PRINTF(3, 0) fmt_long(struct out *o, size_t len, const char *fmt, va_list args)
{
	char *text = malloc(len + 1);

	if (!text) {
		fail(o, -ENOMEM);
		return;
	}
	(void)vsnprintf(text, len + 1, fmt, args);
	out_bytes(o, text, len);
	free(text);
}

void out_fmt(struct out *o, const char *fmt, ...)
{
	size_t room = sizeof(o->buf) - o->used;
	va_list args;
	va_list again;

	if (o->error != 0) {
		return;
	}
	va_start(args, fmt);
	va_copy(again, args);
	int len = vsnprintf(o->buf + o->used, room, fmt, args);

	if (len < 0) {
		fail(o, -EINVAL);
	} else if ((size_t)len < room) {
		o->used += (size_t)len;
	} else {
		fmt_long(o, (size_t)len, fmt, again);
	}
	va_end(again);
	va_end(args);
}

void out_style(struct out *o, enum out_style style)
{
	static const char *const sgr[] = {
		[OUT_PLAIN] = "\033[0m", [OUT_BOLD] = "\033[1m",    [OUT_DIM] = "\033[2m",
		[OUT_RED] = "\033[31m",  [OUT_YELLOW] = "\033[33m", [OUT_GREEN] = "\033[32m",
		[OUT_CYAN] = "\033[36m",
	};

	if (o->color) {
		out_str(o, sgr[style]);
	}
}

void out_term(struct out *o, const char *text)
{
	if (!text) {
		out_str(o, "-");
		return;
	}

	size_t left = strlen(text);

	while (left > 0) {
		char shown[TEXT_SHOWN_BYTES];
		size_t len = text_show_next(text, left, shown);

		out_str(o, shown);
		text += len;
		left -= len;
	}
}

int out_mem_write(void *ctx, const char *bytes, size_t len)
{
	struct out_mem *mem = ctx;
	size_t need = 0;

	if (__builtin_add_overflow(mem->len, len, &need) || need == SIZE_MAX) {
		return -ENOMEM;
	}
	if (mem->limit != 0 && need > mem->limit) {
		return -EFBIG;
	}
	if (need >= mem->cap) {
		size_t cap = need < SIZE_MAX / 2 ? need * 2 : need + 1;
		char *grown = realloc(mem->bytes, cap);

		if (!grown) {
			return -ENOMEM;
		}
		mem->bytes = grown;
		mem->cap = cap;
	}
	if (len > 0) {
		memcpy(mem->bytes + mem->len, bytes, len);
	}
	mem->len = need;
	mem->bytes[need] = '\0';
	return 0;
}

void out_mem_done(struct out_mem *mem)
{
	if (mem) {
		free(mem->bytes);
		*mem = (struct out_mem){.limit = mem->limit};
	}
}
