/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/returns.h"
#include "model/attrs.h"

#include <criterion/criterion.h>
#include <string.h>

#define MAX_INSNS 20

/** One instruction in the order of its bytes on a little-endian host. */
struct raw {
	uint8_t op;
	uint8_t regs; /**< Source in the upper half, destination in the lower. */
	int16_t off;
	int32_t imm;
};

#define MOV(n)                                                                                     \
	{                                                                                          \
		0xb7, 0x00, 0, (n)                                                                 \
	}
#define MOV32(n)                                                                                   \
	{                                                                                          \
		0xb4, 0x00, 0, (n)                                                                 \
	}
#define MOV_TO(r, n)                                                                               \
	{                                                                                          \
		0xb7, (r), 0, (n)                                                                  \
	}
#define EXIT                                                                                       \
	{                                                                                          \
		0x95, 0x00, 0, 0                                                                   \
	}
#define WIDE(n)                                                                                    \
	{0x18, 0x00, 0, (n)},                                                                      \
	{                                                                                          \
		0x00, 0x00, 0, 0                                                                   \
	}

static const struct returns_case {
	const char *name;
	enum returns_lang lang;
	uint32_t want; /**< CODES_ALL: unknown. */
	const char *reason;
	uint32_t n;
	struct raw insns[MAX_INSNS];
} cases[] = {
	{"ok", RETURNS_TC, CODE_BIT(CODE_OK), NULL, 2, {MOV(0), EXIT}},
	{"unspec, 64 bit", RETURNS_TC, CODE_BIT(CODE_UNSPEC), NULL, 2, {MOV(-1), EXIT}},
	{"unspec, 32 bit", RETURNS_TC, CODE_BIT(CODE_UNSPEC), NULL, 2, {MOV32(-1), EXIT}},
	{"unspec, two slots", RETURNS_TC, CODE_BIT(CODE_UNSPEC), NULL, 3, {WIDE(-1), EXIT}},
	{"upper half is ignored",
         RETURNS_TC,
         CODE_BIT(CODE_SHOT),
         NULL,
         3,
         {{0x18, 0, 0, 2}, {0, 0, 0, 77}, EXIT}},
	{"redirect", RETURNS_TC, CODE_BIT(CODE_REDIRECT), NULL, 2, {MOV(7), EXIT}},
	{"other", RETURNS_TC, CODE_BIT(CODE_OTHER), NULL, 2, {MOV(1000), EXIT}},
	{"last move counts", RETURNS_TC, CODE_BIT(CODE_OK), NULL, 3, {MOV(2), MOV(0), EXIT}},
	{"other registers too",
         RETURNS_TC,
         CODE_BIT(CODE_OK),
         NULL,
         4,
         {MOV_TO(6, 5), MOV(0), MOV_TO(1, 9), EXIT}},
	{"what follows the exit is dead",
         RETURNS_TC,
         CODE_BIT(CODE_OK),
         NULL,
         4,
         {MOV(0), EXIT, {0xbf, 0x10, 0, 0}, EXIT}},
	{"xdp pass", RETURNS_XDP, CODE_BIT(CODE_OK), NULL, 2, {MOV(2), EXIT}},
	{"xdp aborted", RETURNS_XDP, CODE_BIT(CODE_SHOT), NULL, 2, {MOV(0), EXIT}},
	{"xdp tx", RETURNS_XDP, CODE_BIT(CODE_REDIRECT), NULL, 2, {MOV(3), EXIT}},
	{"exit alone", RETURNS_TC, CODES_ALL, "instruction 0", 1, {EXIT}},
	{"r0 never set", RETURNS_TC, CODES_ALL, "instruction 1", 2, {MOV_TO(1, 0), EXIT}},
	{"copy of a register",
         RETURNS_TC,
         CODES_ALL,
         "instruction 1",
         3,
         {MOV(0), {0xbf, 0x10, 0, 0}, EXIT}},
	{"move with a sign extension",
         RETURNS_TC,
         CODES_ALL,
         "instruction 0",
         2,
         {{0xb7, 0, 8, 0}, EXIT}},
	{"frame pointer", RETURNS_TC, CODES_ALL, "instruction 1", 3, {MOV(0), MOV_TO(10, 1), EXIT}},
	{"no such register",
         RETURNS_TC,
         CODES_ALL,
         "instruction 1",
         3,
         {MOV(0), MOV_TO(13, 1), EXIT}},
	{"map in two slots",
         RETURNS_TC,
         CODES_ALL,
         "instruction 0",
         3,
         {{0x18, 0x10, 0, 5}, {0, 0, 0, 0}, EXIT}},
	{"second slot is not one",
         RETURNS_TC,
         CODES_ALL,
         "instruction 0",
         3,
         {{0x18, 0, 0, 5}, {0xb7, 0, 0, 0}, EXIT}},
	{"second slot is missing", RETURNS_TC, CODES_ALL, "instruction 0", 1, {{0x18, 0, 0, 5}}},
	{"branch",
         RETURNS_TC,
         CODES_ALL,
         "instruction 1",
         4,
         {MOV(0), {0x15, 0x01, 1, 0}, MOV(2), EXIT}},
	{"call", RETURNS_TC, CODES_ALL, "instruction 0", 2, {{0x85, 0, 0, 12}, EXIT}},
	{"exit with junk", RETURNS_TC, CODES_ALL, "instruction 1", 2, {MOV(0), {0x95, 0, 0, 1}}},
	{"no exit", RETURNS_TC, CODES_ALL, "without an exit", 1, {MOV(0)}},
	{"seventeenth instruction",
         RETURNS_TC,
         CODES_ALL,
         "after instruction 15",
         18,
         {MOV(0),
          MOV(0),
          MOV(0),
          MOV(0),
          MOV(0),
          MOV(0),
          MOV(0),
          MOV(0),
          MOV(0),
          MOV(0),
          MOV(0),
          MOV(0),
          MOV(0),
          MOV(0),
          MOV(0),
          MOV(0),
          {0xbf, 0x10, 0, 0},
          EXIT}},
};

Test(returns, constants)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct returns_case *c = &cases[i];
		struct snap_returns got =
			returns_of_insns(c->insns, c->n * sizeof(c->insns[0]), c->lang);

		cr_expect_eq(got.codes, c->want, "%s: codes 0x%x", c->name, got.codes);
		cr_expect_eq(got.exact, c->want != CODES_ALL, "%s: exact", c->name);
		if (c->reason == NULL) {
			cr_expect_null(got.reason, "%s: %s", c->name, got.reason);
		} else {
			cr_expect(got.reason != NULL && strstr(got.reason, c->reason) != NULL,
			          "%s: reason %s", c->name, got.reason);
		}
	}
}

Test(returns, lengths)
{
	static const struct raw ok[] = {MOV(0), EXIT};

	for (size_t bytes = 0; bytes < sizeof(ok); bytes++) {
		struct snap_returns got = returns_of_insns(ok, bytes, RETURNS_TC);

		cr_expect_eq(got.codes, CODES_ALL, "%zu bytes", bytes);
		cr_expect_not(got.exact, "%zu bytes", bytes);
		cr_expect_not_null(got.reason, "%zu bytes", bytes);
	}
	cr_expect_eq(returns_of_insns(NULL, 16, RETURNS_TC).codes, CODES_ALL);
}

Test(returns, unknown_keeps_its_reason)
{
	struct snap_returns got = returns_unknown("no right to read");

	cr_expect_eq(got.codes, CODES_ALL);
	cr_expect_not(got.exact);
	cr_expect_str_eq(got.reason, "no right to read");
}
