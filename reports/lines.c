/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/lines.h"

#include "model/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/** Longest piece of a word that is handed on at once; only a matter of the buffer. */
#define PIECE_BYTES 256

uint32_t lines_width(const struct report *rep)
{
	if (rep->columns == 0) {
		return LINES_DEFAULT_COLUMNS;
	}
	return rep->columns < LINES_MIN_COLUMNS ? LINES_MIN_COLUMNS : rep->columns;
}

void lines_indent(struct out *o, uint32_t columns)
{
	for (uint32_t i = 0; i < columns; i++) {
		out_bytes(o, " ", 1);
	}
}

void lines_pad(struct out *o, const char *text, uint32_t columns)
{
	lines_pad_styled(o, OUT_PLAIN, text, columns);
}

void lines_pad_styled(struct out *o, enum out_style style, const char *text, uint32_t columns)
{
	size_t used = text_columns(text);

	if (style != OUT_PLAIN && *text != '\0') {
		out_style(o, style);
		out_term(o, text);
		out_style(o, OUT_PLAIN);
	} else {
		out_term(o, text);
	}
	if (used < columns) {
		lines_indent(o, columns - (uint32_t)used);
	}
}

/** Bytes of @p text that fit the buffer of a piece without tearing a character. */
static size_t piece_len(const char *text, size_t len)
{
	if (len < PIECE_BYTES) {
		return len;
	}
	len = PIECE_BYTES - 1;
	/* Step back over continuation bytes; four at most, or it is no UTF-8 and may be torn. */
	for (size_t back = 0; back < 4; back++) {
		if (((unsigned char)text[len - back] & 0xC0) != 0x80) {
			return len - back;
		}
	}
	return len;
}

/** Columns of the word at @p text, and print it when @p o is given. */
static size_t word(struct out *o, const char *text, size_t len)
{
	char piece[PIECE_BYTES];
	size_t columns = 0;

	while (len > 0) {
		size_t n = piece_len(text, len);

		memcpy(piece, text, n);
		piece[n] = '\0';
		columns += text_columns(piece);
		if (o != NULL) {
			out_term(o, piece);
		}
		text += n;
		len -= n;
	}
	return columns;
}

void lines_wrap(struct out *o, uint32_t indent, uint32_t width, const char *text)
{
	size_t column = indent;

	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, " ");

		if (len == 0) {
			text++;
			continue;
		}

		size_t columns = word(NULL, text, len);

		if (column > indent && column + 1 + columns > width) {
			out_str(o, "\n");
			lines_indent(o, indent);
			column = indent;
		} else if (column > indent) {
			out_str(o, " ");
			column++;
		}
		column += word(o, text, len);
		text += len;
	}
	out_str(o, "\n");
}

void lines_wrap_made(struct out *o, uint32_t indent, uint32_t width, line_fn *line, const void *ctx)
{
	struct out_mem mem = {0};
	struct out made;

	out_init(&made, out_mem_write, &mem);
	line(ctx, &made);
	if (out_flush(&made) < 0) {
		o->error = o->error == 0 ? -ENOMEM : o->error;
	} else {
		/* What is made is escaped already; a second time changes nothing. */
		lines_wrap(o, indent, width, mem.bytes);
	}
	out_mem_done(&mem);
}

void lines_count(struct out *o, uint64_t n, const char *one, const char *plural)
{
	if (n == 1) {
		out_fmt(o, "1 %s", one);
	} else if (plural != NULL) {
		out_fmt(o, "%" PRIu64 " %s", n, plural);
	} else {
		out_fmt(o, "%" PRIu64 " %ss", n, one);
	}
}

void lines_codes(struct out *o, const char *lead, uint32_t codes)
{
	for (uint32_t code = 0; code < N_CODES; code++) {
		if ((codes & CODE_BIT(code)) != 0) {
			out_fmt(o, "%s%s", lead, code_word((enum code)code));
			lead = ", ";
		}
	}
}

void lines_heading(struct out *o, const char *text)
{
	out_str(o, "\n");
	out_style(o, OUT_BOLD);
	out_str(o, text);
	out_style(o, OUT_PLAIN);
	out_str(o, "\n");
}
