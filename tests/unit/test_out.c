/* SPDX-License-Identifier: Apache-2.0 */
/* layers: model */
#include "model/out.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** A sink that takes some bytes and then fails. */
struct failing {
	size_t room;
	size_t taken;
	int calls_after;
	bool failed;
};

static int failing_write(void *ctx, const char *bytes, size_t len)
{
	struct failing *f = ctx;

	(void)bytes;
	if (f->failed) {
		f->calls_after++;
	}
	if (len > f->room - f->taken) {
		f->failed = true;
		return -ENOSPC;
	}
	f->taken += len;
	return 0;
}

/** Lengths around the size of the buffer. */
static const size_t lengths[] = {0,
                                 1,
                                 100,
                                 OUT_BUFFER_BYTES - 1,
                                 OUT_BUFFER_BYTES,
                                 OUT_BUFFER_BYTES + 1,
                                 3 * OUT_BUFFER_BYTES + 7};

static char *filled(size_t len, char c)
{
	char *text = malloc(len + 1);

	cr_assert_not_null(text);
	memset(text, c, len);
	text[len] = '\0';
	return text;
}

Test(out, long_and_short)
{
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		for (size_t k = 0; k < COUNT_OF(lengths); k++) {
			char *a = filled(lengths[i], 'a');
			char *b = filled(lengths[k], 'b');
			struct out_mem mem = {0};
			struct out o;

			out_init(&o, out_mem_write, &mem);
			out_str(&o, a);
			out_fmt(&o, "<%s>", b);
			out_bytes(&o, "!", 1);
			cr_expect_eq(out_flush(&o), 0);
			cr_assert_eq(mem.len, lengths[i] + lengths[k] + 3, "%zu, %zu", lengths[i],
			             lengths[k]);
			cr_expect_eq(memcmp(mem.bytes, a, lengths[i]), 0);
			cr_expect_eq(mem.bytes[lengths[i]], '<');
			cr_expect_eq(memcmp(mem.bytes + lengths[i] + 1, b, lengths[k]), 0);
			cr_expect_str_eq(mem.bytes + lengths[i] + lengths[k] + 1, ">!");
			out_mem_done(&mem);
			free(a);
			free(b);
		}
	}
}

Test(out, first_error_stays)
{
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		char *text = filled(lengths[i], 'x');
		struct failing sink = {.room = 10};
		struct out o;

		out_init(&o, failing_write, &sink);
		out_str(&o, text);
		out_fmt(&o, "%s", text);
		out_term(&o, text);
		cr_expect_eq(out_flush(&o), lengths[i] * 3 > 10 ? -ENOSPC : 0, "%zu", lengths[i]);
		out_str(&o, text);
		out_fmt(&o, "%s", text);
		cr_expect_eq(out_flush(&o), lengths[i] * 5 > 10 ? -ENOSPC : 0, "%zu", lengths[i]);
		cr_expect_eq(sink.calls_after, 0, "%zu: not called after a failure", lengths[i]);
		free(text);
	}
}

Test(out, style_needs_color)
{
	for (int color = 0; color < 2; color++) {
		struct out_mem mem = {0};
		struct out o;

		out_init(&o, out_mem_write, &mem);
		o.color = color != 0;
		out_style(&o, OUT_RED);
		out_str(&o, "x");
		out_style(&o, OUT_PLAIN);
		cr_expect_eq(out_flush(&o), 0);
		cr_expect_str_eq(mem.bytes, color ? "\033[31mx\033[0m" : "x");
		out_mem_done(&mem);
	}
}

Test(out, mem_limit)
{
	struct out_mem mem = {.limit = 5};

	cr_expect_eq(out_mem_write(&mem, "abc", 3), 0);
	cr_expect_eq(out_mem_write(&mem, "def", 3), -EFBIG);
	cr_expect_eq(out_mem_write(&mem, "de", 2), 0);
	cr_expect_str_eq(mem.bytes, "abcde");
	out_mem_done(&mem);
	cr_expect_null(mem.bytes);
	out_mem_done(NULL);
}

Test(out, term_of_nothing)
{
	struct out_mem mem = {0};
	struct out o;

	out_init(&o, out_mem_write, &mem);
	out_term(&o, NULL);
	cr_expect_eq(out_flush(&o), 0);
	cr_expect_str_eq(mem.bytes, "-");
	out_mem_done(&mem);
}
