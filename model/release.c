/* SPDX-License-Identifier: Apache-2.0 */
#include "model/release.h"

#include <stddef.h>

/** Largest number taken for a part of a version; anything above is not one. */
#define PART_MAX 99999u

/** Read digits at *text and step over them. */
static bool read_number(const char **text, uint32_t *ret)
{
	const char *at = *text;
	uint32_t value = 0;

	while (*at >= '0' && *at <= '9') {
		value = value * 10 + (uint32_t)(*at - '0');
		if (value > PART_MAX) {
			return false;
		}
		at++;
	}
	if (at == *text) {
		return false;
	}
	*text = at;
	*ret = value;
	return true;
}

/** What may follow the numbers: nothing, a further number, a pre-release or package suffix. */
static bool ends_number(char c)
{
	return c == '\0' || c == '.' || c == '-' || c == '+' || c == '~';
}

bool release_parse(const char *text, struct release *ret)
{
	struct release found = {0};

	if (text == NULL) {
		return false;
	}
	if (*text == 'v') {
		text++;
	}
	if (!read_number(&text, &found.major)) {
		return false;
	}
	if (*text == ':') { /* that was the package's epoch */
		text++;
		if (!read_number(&text, &found.major)) {
			return false;
		}
	}
	if (*text != '.') {
		return false;
	}
	text++;
	if (!read_number(&text, &found.minor) || !ends_number(*text)) {
		return false;
	}
	if (*text == '.' && text[1] >= '0' && text[1] <= '9') {
		text++;
		if (!read_number(&text, &found.patch) || !ends_number(*text)) {
			return false;
		}
	}
	*ret = found;
	return true;
}

static int cmp_part(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

int release_cmp(struct release a, struct release b)
{
	int r = cmp_part(a.major, b.major);

	if (r == 0) {
		r = cmp_part(a.minor, b.minor);
	}
	return r != 0 ? r : cmp_part(a.patch, b.patch);
}

struct release_range release_exactly(struct release version)
{
	struct release next = version;

	next.patch++;
	return (struct release_range){
		.has_since = true, .has_before = true, .since = version, .before = next};
}

/** Is every version of @p inner behind the beginning of @p outer? */
static bool starts_inside(const struct release_range *inner, const struct release_range *outer)
{
	return !outer->has_since ||
	       (inner->has_since && release_cmp(inner->since, outer->since) >= 0);
}

static bool ends_inside(const struct release_range *inner, const struct release_range *outer)
{
	return !outer->has_before ||
	       (inner->has_before && release_cmp(inner->before, outer->before) <= 0);
}

/** Does @p a end before @p b begins? */
static bool lies_before(const struct release_range *a, const struct release_range *b)
{
	return a->has_before && b->has_since && release_cmp(a->before, b->since) <= 0;
}

enum release_fit release_fits(const struct release_range *possible,
                              const struct release_range *range)
{
	if (lies_before(possible, range) || lies_before(range, possible)) {
		return RELEASE_OUTSIDE;
	}
	return starts_inside(possible, range) && ends_inside(possible, range) ? RELEASE_INSIDE
	                                                                      : RELEASE_PARTLY;
}
