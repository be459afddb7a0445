/* SPDX-License-Identifier: Apache-2.0 */
/* layers: model */
#include "model/attrs.h"
#include "model/mountinfo.h"

#include <criterion/criterion.h>
#include <string.h>

/** Longest line of the table, with its NUL. */
#define LINE_BYTES 256

static const struct line_case {
	const char *name;
	const char *line;
	bool ok;
	uint64_t inode;
	const char *point;
	const char *fstype;
	unsigned major_nr, minor_nr;
} line_cases[] = {
	{"ip netns", "43 42 0:4 net:[4026532177] /run/netns/a rw shared:2 - nsfs nsfs rw", true,
         4026532177, "/run/netns/a", "nsfs", 0, 4},
	{"no optional fields", "43 42 0:4 net:[1] /x rw - nsfs nsfs rw", true, 1, "/x", "nsfs", 0,
         4},
	{"three optional fields",
         "43 42 0:4 net:[1] /x rw shared:2 master:3 propagate_from:4 - nsfs nsfs rw", true, 1, "/x",
         "nsfs", 0, 4},
	{"no source", "43 42 0:4 net:[1] /x rw - nsfs", true, 1, "/x", "nsfs", 0, 4},
	{"blank, tab, newline, backslash",
         "1 2 0:4 net:[7] /a\\040b\\011c\\012d\\134e rw - nsfs x x", true, 7, "/a b\tc\nd\\e",
         "nsfs", 0, 4},
	{"dash as a mount point", "1 2 0:4 net:[7] - rw - nsfs x x", true, 7, "-", "nsfs", 0, 4},
	{"escapes that are none", "1 2 0:4 / /\\9\\04\\777\\000\\ rw - ext4 x x", true, 0,
         "/\\9\\04\\777\\000\\", "ext4", 0, 4},
	{"bytes above 127", "1 2 0:4 / /\\377\xc3\xa4 rw - ext4 x x", true, 0, "/\377\xc3\xa4",
         "ext4", 0, 4},
	{"disk", "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw", true, 0, "/", "ext4",
         254, 0},
	{"uts namespace", "43 42 0:4 uts:[4026532177] /x rw - nsfs nsfs rw", true, 0, "/x", "nsfs",
         0, 4},
	{"inode with a sign", "43 42 0:4 net:[-1] /x rw - nsfs nsfs rw", true, 0, "/x", "nsfs", 0,
         4},
	{"no inode", "43 42 0:4 net:[] /x rw - nsfs nsfs rw", true, 0, "/x", "nsfs", 0, 4},
	{"inode of 65 bits", "43 42 0:4 net:[18446744073709551616] /x rw - nsfs nsfs rw", true, 0,
         "/x", "nsfs", 0, 4},
	{"inode not closed", "43 42 0:4 net:[1 /x rw - nsfs nsfs rw", true, 0, "/x", "nsfs", 0, 4},
	{"deleted file of that name", "1 2 8:1 /net:[5] /x rw - ext4 x x", true, 0, "/x", "ext4", 8,
         1},
	{.name = "empty", .line = ""},
	{.name = "one field", .line = "43"},
	{.name = "no dash", .line = "43 42 0:4 net:[1] /x rw shared:2 nsfs nsfs rw"},
	{.name = "ends at the dash", .line = "43 42 0:4 net:[1] /x rw -"},
	{.name = "nothing after the dash", .line = "43 42 0:4 net:[1] /x rw - "},
	{.name = "no device", .line = "43 42 4 net:[1] /x rw - nsfs nsfs rw"},
	{.name = "device of letters", .line = "43 42 a:b net:[1] /x rw - nsfs nsfs rw"},
	{.name = "ends at the options", .line = "43 42 0:4 net:[1] /x rw"},
};

Test(mountinfo, lines)
{
	for (size_t i = 0; i < COUNT_OF(line_cases); i++) {
		const struct line_case *c = &line_cases[i];
		struct mountinfo_row row;
		char line[LINE_BYTES];

		cr_assert_lt(strlen(c->line), sizeof(line));
		memcpy(line, c->line, strlen(c->line) + 1);
		bool ok = mountinfo_parse(line, &row);

		cr_expect_eq(ok, c->ok, "%s: parsed %d", c->name, ok);
		if (!ok || !c->ok) {
			continue;
		}
		cr_expect_eq(mountinfo_netns(row.root), c->inode, "%s: inode", c->name);
		cr_expect_str_eq(row.point, c->point, "%s: mount point", c->name);
		cr_expect_str_eq(row.fstype, c->fstype, "%s: type", c->name);
		cr_expect(row.major_nr == c->major_nr && row.minor_nr == c->minor_nr, "%s: device",
		          c->name);
	}
}

static const struct name_case {
	const char *point;
	const char *want;
} name_cases[] = {
	{"/run/netns/blue", "blue"},
	{"/var/run/netns/blue", "blue"},
	{"/run/netns/a b", "a b"},
	{"/run/netns/", "/run/netns/"},
	{"/run/netns", "/run/netns"},
	{"/run/netns/a/b", "/run/netns/a/b"},
	{"/run/docker/netns/0a1b", "/run/docker/netns/0a1b"},
	{"/x/run/netns/blue", "/x/run/netns/blue"},
	{"/", "/"},
};

Test(mountinfo, names)
{
	for (size_t i = 0; i < COUNT_OF(name_cases); i++) {
		cr_expect_str_eq(mountinfo_netns_name(name_cases[i].point), name_cases[i].want,
		                 "%s", name_cases[i].point);
	}
}

Test(mountinfo, covers)
{
	static const struct {
		const char *point, *path;
		bool want;
	} rows[] = {
		{"/", "/", true},         {"/", "/a/b", true},  {"/a", "/a", true},
		{"/a", "/a/b", true},     {"/a", "/ab", false}, {"/a/b", "/a", false},
		{"/a/b", "/a/bc", false}, {"", "/a", false},    {"/a", "", false},
		{"/a b", "/a b/c", true},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		cr_expect_eq(mountinfo_covers(rows[i].point, rows[i].path), rows[i].want, "%s, %s",
		             rows[i].point, rows[i].path);
	}
}

Test(mountinfo, fuse)
{
	static const struct {
		const char *fstype;
		bool want;
	} rows[] = {
		{"fuse", true},     {"fuseblk", true}, {"fuse.sshfs", true}, {"fuseblk.x", true},
		{"fusectl", false}, {"ext4", false},   {"", false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		cr_expect_eq(mountinfo_is_fuse(rows[i].fstype), rows[i].want, "%s", rows[i].fstype);
	}
}
