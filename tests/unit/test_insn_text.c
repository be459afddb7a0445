/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/insn_text.h"
#include "model/arena.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

/** Same layout as struct bpf_insn of linux/bpf.h. */
struct slot {
	uint8_t op;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint8_t dst : 4;
	uint8_t src : 4;
#else
	uint8_t src : 4;
	uint8_t dst : 4;
#endif
	int16_t off;
	int32_t imm;
};

/** One instruction (two slots at most) in front of ten exits, for jumps to lead to. */
static const struct {
	struct slot slots[2];
	const char *want;
} cases[] = {
	{{{0xb7, 0, 0, 0, -1}}, "r0 = -1"},
	{{{0xbc, 1, 2, 0, 0}}, "w1 = w2"},
	{{{0xbf, 1, 2, 8, 0}}, "r1 = (s8)r2"},
	{{{0x07, 3, 0, 0, 14}}, "r3 += 14"},
	{{{0x1f, 3, 4, 0, 0}}, "r3 -= r4"},
	{{{0xc4, 3, 0, 0, 31}}, "w3 s>>= 31"},
	{{{0x87, 3, 0, 0, 0}}, "r3 = -r3"},
	{{{0x37, 3, 0, 1, 3}}, "r3 s/= 3"},
	{{{0xd7, 2, 0, 0, 16}}, "r2 = bswap16 r2"},
	{{{0x61, 0, 1, 4, 0}}, "r0 = *(u32 *)(r1 +4)"},
	{{{0x91, 0, 1, -4, 0}}, "r0 = *(s8 *)(r1 -4)"},
	{{{0x7b, 10, 6, -8, 0}}, "*(u64 *)(r10 -8) = r6"},
	{{{0x62, 10, 0, -4, 7}}, "*(u32 *)(r10 -4) = 7"},
	{{{0xdb, 1, 2, 0, 0}}, "atomic *(u64 *)(r1 +0) += r2"},
	{{{0xdb, 1, 2, 0, 1}}, "atomic *(u64 *)(r1 +0) += r2, fetched"},
	{{{0xdb, 1, 2, 0, 0xe1}}, "exchange *(u64 *)(r1 +0), r2"},
	{{{0xdb, 1, 2, 0, 0xf1}}, "if r0 == *(u64 *)(r1 +0) then = r2; r0 = old"},
	{{{0x25, 0, 0, 2, 1000}}, "if r0 > 1000 goto 3"},
	{{{0xde, 0, 1, 2, 0}}, "if w0 s<= w1 goto 3"},
	{{{0x45, 0, 0, 1, 8}}, "if r0 & 8 goto 2"},
	{{{0x05, 0, 0, 3, 0}}, "goto 4"},
	{{{0x06, 0, 0, 0, 5}}, "goto 6"},
	{{{0x85, 0, 0, 0, 1234}}, "call helper 1234"},
	{{{0x85, 0, 2, 0, 1234}}, "call kernel function 1234"},
	{{{0x85, 0, 1, 2, 7}}, "call function at 3"},
	{{{0x85, 0, 0, 0, 12}}, "tail call to slot r3 of the array in r2"},
	{{{0x95, 0, 0, 0, 0}}, "exit"},
	{{{0x18, 1, 0, 0, -2}, {0, 0, 0, 0, 0}}, "r1 = 4294967294"},
	{{{0x18, 1, 1, 0, 42}, {0, 0, 0, 0, 0}}, "r1 = map 42"},
	{{{0x18, 1, 2, 0, 42}, {0, 0, 0, 0, 8}}, "r1 = value of map 42 + 8"},
	{{{0x18, 1, 4, 0, 3}, {0, 0, 0, 0, 0}}, "r1 = function at 4"},
};

Test(insn_text, texts)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slot slots[12];
		struct arena arena = {0};
		struct decoded code = {0};
		char text[INSN_TEXT_BYTES];

		for (size_t k = 0; k < 12; k++) {
			slots[k] = (struct slot){.op = 0x95};
		}
		slots[0] = cases[i].slots[0];
		if (slots[0].op == 0x18) {
			slots[1] = cases[i].slots[1];
		}
		arena_init(&arena, 1 << 20);
		cr_assert_eq(insn_decode(slots, 12, NULL, 0, &arena, &code), 0, "%s",
		             cases[i].want);
		cr_expect_str_eq(insn_text(&code.insns[0], text), cases[i].want);
		arena_done(&arena);
	}
}

/** Every opcode has a text that ends, whatever its operands are. */
Test(insn_text, any_bytes)
{
	for (unsigned op = 0; op < 256; op++) {
		for (unsigned regs = 0; regs < 256; regs += 17) {
			struct slot slots[2] = {
				{.op = (uint8_t)op, .off = INT16_MIN, .imm = INT32_MIN},
				{.op = 0x95}};
			struct arena arena = {0};
			struct decoded code = {0};
			char text[INSN_TEXT_BYTES];

			slots[0].dst = regs & 15;
			slots[0].src = regs >> 4 & 15;
			arena_init(&arena, 1 << 20);
			cr_assert_eq(insn_decode(slots, 2, NULL, 0, &arena, &code), 0);
			memset(text, 'x', sizeof(text));
			(void)insn_text(&code.insns[0], text);
			cr_expect_gt(strnlen(text, sizeof(text)), 0, "%02x", op);
			cr_expect_lt(strnlen(text, sizeof(text)), sizeof(text) - 1, "%02x: cut",
			             op);
			arena_done(&arena);
		}
	}
}
