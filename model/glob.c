/* SPDX-License-Identifier: Apache-2.0 */
/* Globs of text.h: matching by characters, with one place to come back to. */
#include "model/text.h"

#include <string.h>

/** A character, or a byte that is none; 0 at the end. Steps over it. */
static uint32_t take_char(const char **at)
{
	size_t left = strnlen(*at, 4);
	uint32_t cp = 0;

	if (left == 0) {
		return 0;
	}

	size_t len = text_utf8_next(*at, left, &cp);

	if (len == 0) {
		/* beyond every code point, so that it equals nothing but itself */
		cp = UINT32_C(0x80000000) | (uint8_t) * *at;
		len = 1;
	}
	*at += len;
	return cp;
}

/** One end of a range in brackets: a character, or what a backslash stands in front of. */
static uint32_t take_end(const char **at)
{
	if (**at == '\\') {
		(*at)++;
	}
	return take_char(at);
}

/** What brackets say. */
struct bracket {
	bool closed;
	bool sound; /**< Closed, something inside, and no range runs backwards. */
	bool hit;   /**< The character belongs to it. */
};

/** Read brackets, from behind the opening one to behind the closing one. */
static struct bracket take_bracket(const char **at, uint32_t cp)
{
	struct bracket found = {.sound = true};
	bool negated = **at == '!' || **at == '^';
	const char *first = negated ? *at + 1 : *at;

	*at = first;
	/* a closing bracket that comes first is a member */
	while (**at != '\0' && (**at != ']' || *at == first)) {
		uint32_t low = take_end(at);
		uint32_t high = low;

		if (**at == '-' && (*at)[1] != ']' && (*at)[1] != '\0') {
			(*at)++;
			high = take_end(at);
		}
		found.sound = found.sound && low != 0 && low <= high;
		found.hit = found.hit || (cp >= low && cp <= high);
	}
	found.closed = **at == ']';
	*at += found.closed ? 1 : 0;
	found.sound = found.sound && found.closed;
	found.hit = found.closed && cp != 0 && found.hit != negated;
	return found;
}

bool text_glob_ok(const char *pattern)
{
	const char *at = pattern;

	while (*at != '\0') {
		char c = *at++;

		if (c == '[' && !take_bracket(&at, 0).sound) {
			return false;
		}
		if (c == '\\' && take_char(&at) == 0) {
			return false;
		}
	}
	return at != pattern;
}

/** Match one element that is no star. Steps over it in both; false also at the end of the text. */
static bool match_one(const char **pattern, const char **text)
{
	uint32_t cp = take_char(text);
	char c = **pattern;

	if (cp == 0 || c == '\0') {
		return false;
	}
	if (c == '?') {
		(*pattern)++;
		return true;
	}
	if (c == '[') {
		(*pattern)++;
		return take_bracket(pattern, cp).hit;
	}
	if (c == '\\') {
		(*pattern)++;
	}
	return take_char(pattern) == cp;
}

bool text_glob(const char *pattern, const char *text)
{
	/* Behind the last star, and the text it has not swallowed yet. Only the last star is ever
	 * made longer: what an earlier one could take more of, the last one can take as well. */
	const char *star = NULL;
	const char *rest = NULL;

	while (*text != '\0' || *pattern != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			rest = text;
			continue;
		}
		if (match_one(&pattern, &text)) {
			continue;
		}
		if (star == NULL || *rest == '\0') {
			return false;
		}
		(void)take_char(&rest);
		pattern = star;
		text = rest;
	}
	return true;
}
