/* SPDX-License-Identifier: Apache-2.0 */
/* layers: netlink model */
#include "model/attrs.h"
#include "netlink/classic_text.h"

#include <criterion/criterion.h>
#include <string.h>

#define END "no instruction from here on"

static const struct {
	const char *classic;
	uint32_t indent;
	const char *want[5]; /**< Parts, in their order. */
	uint32_t n_lines;
} cases[] = {
	{"1,6 0 0 4294967295", 0, {"(000) ret      #-1\n"}, 1},
	{"4,40 0 0 12,21 0 1 2048,6 0 0 65535,6 0 0 0",
         4,
         {"    (000) ldh      [12]\n", "    (001) jeq      #0x800", "jt 2 jf 3\n",
          "    (002) ret      #65535\n", "    (003) ret      #0\n"},
         4},
	{"2,6 0 0 1", 2, {"(000) ret      #1\n", "  " END "\n"}, 2},
	{"0", 0, {END}, 1},
	{"", 0, {END}, 1},
	{"1", 0, {END}, 1},
	{"x,6 0 0 1", 0, {END}, 1},
	{"1,-6 0 0 1", 0, {END}, 1},
	{"1,6 0 0", 0, {END}, 1},
	{"1,6 256 0 1", 0, {END}, 1},
	{"1,65536 0 0 1", 0, {END}, 1},
	{"1,6 0 0 4294967296", 0, {END}, 1},
	{"4097,6 0 0 1", 0, {END}, 1},
	{"2,6 0 0 1,6 0 0 1x", 0, {"(000) ret      #1\n", END}, 2},
	{"1,65535 255 255 4294967295", 0, {"(000) "}, 1},
};

Test(classic_text, listings)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct out_mem mem = {0};
		struct out o;
		const char *at;
		uint32_t n = 0;

		out_init(&o, out_mem_write, &mem);
		classic_write(cases[i].classic, cases[i].indent, &o);
		cr_assert_eq(out_flush(&o), 0);
		at = mem.bytes;
		for (size_t k = 0; k < COUNT_OF(cases[i].want) && cases[i].want[k]; k++) {
			const char *found = strstr(at, cases[i].want[k]);

			cr_assert_not_null(found, "%s: no %s in %s", cases[i].classic,
			                   cases[i].want[k], mem.bytes);
			at = found + strlen(cases[i].want[k]);
		}
		for (const char *c = mem.bytes; *c; c++) {
			n += *c == '\n';
			cr_expect(*c == '\n' || (*c >= ' ' && *c <= '~'), "%s: byte %d",
			          cases[i].classic, *c);
		}
		cr_expect_eq(n, cases[i].n_lines, "%s: %s", cases[i].classic, mem.bytes);
		out_mem_done(&mem);
	}
}
