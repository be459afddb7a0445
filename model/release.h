/* SPDX-License-Identifier: Apache-2.0 */
/**
 * release.h - version numbers of software, and ranges of them.
 */
#ifndef TCAUDIT_MODEL_RELEASE_H
#define TCAUDIT_MODEL_RELEASE_H

#include <stdbool.h>
#include <stdint.h>

/** A released version: "7.39.2", "v1.16", "1:7.44.1-1", "7.45.0-rc.3". Absent parts are 0. */
struct release {
	uint32_t major, minor, patch;
};

/** From the first one up to but not including the second. */
struct release_range {
	bool has_since, has_before;
	struct release since;  /**< First version inside, when has_since. */
	struct release before; /**< First version behind, when has_before. */
};

/** What comparing a range of possible versions with another range says. */
enum release_fit {
	RELEASE_OUTSIDE, /**< No version of the one lies in the other. */
	RELEASE_PARTLY,  /**< Some do, or nothing is known. */
	RELEASE_INSIDE,  /**< All of them do. */
};

/**
 * Read a version as vendors and package managers write it: an optional "v" or epoch, then
 * MAJOR.MINOR[.PATCH], then nothing, or a suffix behind one of ". - + ~".
 *
 * @return false when it is no version; @p ret is untouched then.
 */
bool release_parse(const char *text, struct release *ret);

/** @return below, at or above 0, by number. */
int release_cmp(struct release a, struct release b);

/** The range that holds one version. */
struct release_range release_exactly(struct release version);

/** How the possible versions lie to a range. A range without ends is "anything". */
enum release_fit release_fits(const struct release_range *possible,
                              const struct release_range *range);

#endif
