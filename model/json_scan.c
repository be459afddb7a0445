/* SPDX-License-Identifier: Apache-2.0 */
#include "model/json_scan.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/** cJSON copies a number into a buffer of 64 bytes before it converts it. */
#define MAX_NUMBER_BYTES 63u

/** A position in the document; functions move it and return false at the first error. */
struct scan {
	const char *bytes;
	size_t len;
	size_t at;
	size_t n_values;
	const char *why;                /**< What is wrong at byte @c at. */
	uint32_t n_open;                /**< Containers around the position. */
	char open[CJSON_NESTING_LIMIT]; /**< Their closing brackets, outermost first. */
};

static bool bad(struct scan *s, const char *why)
{
	s->why = why;
	return false;
}

/** The byte at the position, -1 at the end. */
static int peek(const struct scan *s)
{
	return s->at < s->len ? (unsigned char)s->bytes[s->at] : -1;
}

static bool take(struct scan *s, char c)
{
	if (peek(s) != c) {
		return false;
	}
	s->at++;
	return true;
}

static void skip_space(struct scan *s)
{
	int c = peek(s);

	while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		s->at++;
		c = peek(s);
	}
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static int hex_value(int c)
{
	if (is_digit(c)) {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/** Four hexadecimal digits. */
static bool scan_hex4(struct scan *s, uint32_t *ret)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		int digit = hex_value(peek(s));

		if (digit < 0) {
			return bad(s, "\\u needs four hexadecimal digits");
		}
		value = value << 4 | (uint32_t)digit;
		s->at++;
	}
	*ret = value;
	return true;
}

/** What follows "\u". Halves of a surrogate pair alone are no characters. */
static bool scan_unicode(struct scan *s)
{
	uint32_t unit = 0;
	uint32_t low = 0;

	if (!scan_hex4(s, &unit)) {
		return false;
	}
	if (unit == 0) {
		return bad(s, "a text cannot hold the character \\u0000");
	}
	if (unit < 0xD800 || unit > 0xDFFF) {
		return true;
	}
	if (unit > 0xDBFF || !take(s, '\\') || !take(s, 'u')) {
		return bad(s, "half of a surrogate pair");
	}
	if (!scan_hex4(s, &low)) {
		return false;
	}
	return (low >= 0xDC00 && low <= 0xDFFF) || bad(s, "half of a surrogate pair");
}

static bool scan_escape(struct scan *s)
{
	int c = peek(s);

	if (c < 0) {
		return bad(s, "the text does not end");
	}
	if (!memchr("\"\\/bfnrtu", c, sizeof("\"\\/bfnrtu") - 1)) {
		return bad(s, "unknown escape");
	}
	s->at++;
	return c != 'u' || scan_unicode(s);
}

/** A text; the position is behind its first quotation mark. */
static bool scan_text(struct scan *s)
{
	for (;;) {
		int c = peek(s);

		if (c < 0) {
			return bad(s, "the text does not end");
		}
		if (c < 0x20) {
			return bad(s, "a control character in a text");
		}
		s->at++;
		if (c == '"') {
			return true;
		}
		if (c == '\\' && !scan_escape(s)) {
			return false;
		}
	}
}

static bool scan_digits(struct scan *s)
{
	if (!is_digit(peek(s))) {
		return bad(s, "a digit is missing");
	}
	while (is_digit(peek(s))) {
		s->at++;
	}
	return true;
}

static bool scan_number(struct scan *s)
{
	size_t start = s->at;

	(void)take(s, '-');
	if (!take(s, '0') && !scan_digits(s)) {
		return false;
	}
	if (take(s, '.') && !scan_digits(s)) {
		return false;
	}
	if (take(s, 'e') || take(s, 'E')) {
		(void)(take(s, '+') || take(s, '-'));
		if (!scan_digits(s)) {
			return false;
		}
	}
	return s->at - start <= MAX_NUMBER_BYTES || bad(s, "a number of too many digits");
}

static bool scan_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if (s->len - s->at < len || memcmp(s->bytes + s->at, word, len) != 0) {
		return bad(s, "no value begins like this");
	}
	s->at += len;
	return true;
}

static bool scan_scalar(struct scan *s)
{
	int c = peek(s);

	if (c == '"') {
		s->at++;
		return scan_text(s);
	}
	if (c == '-' || is_digit(c)) {
		return scan_number(s);
	}
	if (c < 0) {
		return bad(s, "the document ends too early");
	}
	return scan_word(s, c == 't' ? "true" : c == 'f' ? "false" : "null");
}

/** A key with its colon. */
static bool scan_key(struct scan *s)
{
	skip_space(s);
	if (!take(s, '"')) {
		return bad(s, peek(s) < 0 ? "the document ends too early" : "a key is missing");
	}
	if (!scan_text(s)) {
		return false;
	}
	skip_space(s);
	return take(s, ':') || bad(s, "a colon is missing");
}

static bool in_object(const struct scan *s)
{
	return s->n_open > 0 && s->open[s->n_open - 1] == '}';
}

/**
 * The beginning of a value: a scalar, or the bracket that opens a container.
 *
 * @param ret_whole the value is complete: a scalar or an empty container.
 */
static bool scan_begin(struct scan *s, bool *ret_whole)
{
	skip_space(s);

	bool object = peek(s) == '{';
	char closing = object ? '}' : ']';

	*ret_whole = true;
	s->n_values++;
	if (!object && peek(s) != '[') {
		return scan_scalar(s);
	}
	if (s->n_open == CJSON_NESTING_LIMIT) {
		return bad(s, "nested too deeply");
	}
	s->at++;
	skip_space(s);
	if (take(s, closing)) {
		return true;
	}
	s->open[s->n_open++] = closing;
	*ret_whole = false;
	return !object || scan_key(s);
}

/**
 * What follows a complete value: closing brackets, then a comma (and a key).
 *
 * @param ret_more another value follows; false: the outermost one is complete.
 */
static bool scan_after(struct scan *s, bool *ret_more)
{
	skip_space(s);
	while (s->n_open > 0 && take(s, s->open[s->n_open - 1])) {
		s->n_open--;
		skip_space(s);
	}
	*ret_more = s->n_open > 0;
	if (s->n_open == 0) {
		return true;
	}
	if (!take(s, ',')) {
		return bad(s, peek(s) < 0 ? "the document ends too early"
		                          : "a comma or a closing bracket is missing");
	}
	return !in_object(s) || scan_key(s);
}

static bool scan_document(struct scan *s, size_t max_values)
{
	bool more = true;

	while (more) {
		bool whole = false;

		if (s->n_values == max_values) {
			return false; /* no why: too large, not wrong */
		}
		if (!scan_begin(s, &whole) || (whole && !scan_after(s, &more))) {
			return false;
		}
	}
	return s->at == s->len || bad(s, "something follows the document");
}

int json_scan(const char *bytes, size_t len, size_t max_values, struct err *err)
{
	struct scan s = {.bytes = bytes, .len = len};

	if (scan_document(&s, max_values)) {
		return 0;
	}
	if (!s.why) {
		return err_set(err, -EFBIG, "more than %zu values are not read (byte %zu)",
		               max_values, s.at);
	}
	return err_set(err, -EBADMSG, "not JSON at byte %zu: %s", s.at, s.why);
}
