/* SPDX-License-Identifier: Apache-2.0 */
#include "model/mountinfo.h"

#include "model/attrs.h"
#include "model/text.h"

#include <string.h>

/** Decode \ooo in place, as the kernel escapes blank, tab, newline and backslash. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0';) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
		    from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
			int byte = (from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0');

			if (byte != 0) {
				*to++ = (char)byte;
				from += 4;
				continue;
			}
		}
		*to++ = *from++;
	}
	*to = '\0';
}

/** Decimal number up to @p end. @return false for anything else. */
static bool number(const char *text, const char *end, uint64_t *ret)
{
	uint64_t value = 0;

	if (text == end) {
		return false;
	}
	for (; text < end; text++) {
		if (*text < '0' || *text > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value)) {
			return false;
		}
	}
	*ret = value;
	return true;
}

static bool device(const char *text, struct mountinfo_row *ret)
{
	const char *colon = strchr(text, ':');
	uint64_t major_nr;
	uint64_t minor_nr;

	if (!colon || !number(text, colon, &major_nr) ||
	    !number(colon + 1, colon + 1 + strlen(colon + 1), &minor_nr) || major_nr > UINT32_MAX ||
	    minor_nr > UINT32_MAX) {
		return false;
	}
	ret->major_nr = (uint32_t)major_nr;
	ret->minor_nr = (uint32_t)minor_nr;
	return true;
}

/** Fields in front of the optional ones, and after the dash that ends those. */
enum {
	FIELD_ID,
	FIELD_PARENT,
	FIELD_DEVICE,
	FIELD_ROOT,
	FIELD_POINT,
	FIELD_OPTIONS,
	N_FIELDS,
};

bool mountinfo_parse(char *line, struct mountinfo_row *ret)
{
	char *field[N_FIELDS];
	char *rest = line;
	struct mountinfo_row row;

	for (size_t i = 0; i < N_FIELDS; i++) {
		field[i] = strsep(&rest, " ");
		if (!field[i] || !rest) {
			return false;
		}
	}
	for (const char *optional = strsep(&rest, " "); strcmp(optional, "-") != 0;) {
		optional = strsep(&rest, " ");
		if (!optional) {
			return false;
		}
	}

	char *fstype = strsep(&rest, " ");

	if (!fstype || *fstype == '\0' || !device(field[FIELD_DEVICE], &row)) {
		return false;
	}
	unescape(field[FIELD_ROOT]);
	unescape(field[FIELD_POINT]);
	unescape(fstype);
	row.root = field[FIELD_ROOT];
	row.point = field[FIELD_POINT];
	row.fstype = fstype;
	*ret = row;
	return true;
}

uint64_t mountinfo_netns(const char *root)
{
	static const char prefix[] = "net:[";
	size_t len = strlen(root);
	uint64_t inode;

	if (!text_starts(root, prefix) || root[len - 1] != ']' ||
	    !number(root + sizeof(prefix) - 1, root + len - 1, &inode)) {
		return 0;
	}
	return inode;
}

const char *mountinfo_netns_name(const char *point)
{
	static const char *const dirs[] = {"/run/netns/", "/var/run/netns/"};

	for (size_t i = 0; i < COUNT_OF(dirs); i++) {
		if (text_starts(point, dirs[i])) {
			const char *name = point + strlen(dirs[i]);

			return *name == '\0' || strchr(name, '/') ? point : name;
		}
	}
	return point;
}

bool mountinfo_is_fuse(const char *fstype)
{
	return text_eq(fstype, "fuse") || text_eq(fstype, "fuseblk") ||
	       text_starts(fstype, "fuse.") || text_starts(fstype, "fuseblk.");
}

bool mountinfo_covers(const char *point, const char *path)
{
	size_t n = strlen(point);

	/* "/" is the one mount point that ends with a slash. */
	return n > 0 && strncmp(path, point, n) == 0 &&
	       (path[n] == '/' || path[n] == '\0' || point[n - 1] == '/');
}
