/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/returns.h"

#include <stdint.h>
#include <string.h>

/** One instruction as the kernel hands it out: struct bpf_insn of linux/bpf.h, host byte order. */
struct insn {
	uint8_t op;
	uint8_t dst;
	uint8_t src;
	int16_t off;
	int32_t imm;
};

#define INSN_BYTES   8
#define OP_MOV32_IMM 0xb4 /* BPF_ALU | BPF_MOV | BPF_K */
#define OP_MOV64_IMM 0xb7 /* BPF_ALU64 | BPF_MOV | BPF_K */
#define OP_LOAD_IMM  0x18 /* BPF_LD | BPF_IMM | BPF_DW, two slots */
#define OP_EXIT      0x95 /* BPF_JMP | BPF_EXIT */
#define REG_RESULT   0
#define REG_FRAME    10 /* read-only in programs as they are loaded */
#define REG_MAX      11 /* r11 is the kernel's own; rewriting leaves it in dumps */

/* Reasons have static storage, so a place in the text needs one text for each place. */
#define MORE_AT(n) "not analysed: more than a constant (first at instruction " #n ")"
static const char *const more_at[] = {
	MORE_AT(0),  MORE_AT(1),  MORE_AT(2),  MORE_AT(3),  MORE_AT(4),  MORE_AT(5),
	MORE_AT(6),  MORE_AT(7),  MORE_AT(8),  MORE_AT(9),  MORE_AT(10), MORE_AT(11),
	MORE_AT(12), MORE_AT(13), MORE_AT(14), MORE_AT(15),
};
static const char more_later[] = "not analysed: more than a constant (after instruction 15)";

struct snap_returns returns_unknown(const char *reason)
{
	return (struct snap_returns){.codes = CODES_ALL, .exact = false, .reason = reason};
}

static struct insn decode(const unsigned char *at)
{
	struct insn in = {.op = at[0]};
	uint8_t regs = at[1];

	/* Bit fields: which half comes first follows the byte order of the host. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	in.dst = regs & 0xf;
	in.src = regs >> 4;
#else
	in.dst = regs >> 4;
	in.src = regs & 0xf;
#endif
	memcpy(&in.off, at + 2, sizeof(in.off));
	memcpy(&in.imm, at + 4, sizeof(in.imm));
	return in;
}

static bool is_plain_register(uint8_t reg)
{
	return reg <= REG_MAX && reg != REG_FRAME;
}

static bool is_constant_move(const struct insn *in)
{
	return (in->op == OP_MOV32_IMM || in->op == OP_MOV64_IMM) && in->src == 0 && in->off == 0 &&
	       is_plain_register(in->dst);
}

/** Two slots with a plain number: source 0, and nothing in the second slot but its upper half. */
static bool is_constant_load(const struct insn *in, const struct insn *second)
{
	return in->op == OP_LOAD_IMM && in->src == 0 && in->off == 0 &&
	       is_plain_register(in->dst) && second->op == 0 && second->dst == 0 &&
	       second->src == 0 && second->off == 0;
}

static struct snap_returns more_than_constant(size_t insn)
{
	return returns_unknown(insn < COUNT_OF(more_at) ? more_at[insn] : more_later);
}

struct snap_returns returns_of_insns(const void *insns, size_t bytes, enum returns_lang lang)
{
	const unsigned char *base = insns;
	size_t n = bytes / INSN_BYTES;
	bool set = false;
	int32_t result = 0;

	if (insns == NULL || bytes == 0) {
		return returns_unknown("no instructions to read");
	}
	if (bytes % INSN_BYTES != 0) {
		return returns_unknown("instructions are cut short");
	}
	for (size_t i = 0; i < n; i++) {
		struct insn in = decode(base + i * INSN_BYTES);
		struct insn second = {.op = OP_EXIT};

		if (in.op == OP_EXIT && set && in.dst == 0 && in.src == 0 && in.off == 0 &&
		    in.imm == 0) {
			/* No branch was seen, so whatever follows (the kernel's hidden
			 * functions, say) is never reached. */
			enum code code = lang == RETURNS_XDP ? code_of_xdp_result(result)
			                                     : code_of_result(result);

			return (struct snap_returns){.codes = CODE_BIT(code), .exact = true};
		}
		if (i + 1 < n) {
			second = decode(base + (i + 1) * INSN_BYTES);
		}
		bool wide = is_constant_load(&in, &second);

		if (!wide && !is_constant_move(&in)) {
			return more_than_constant(i);
		}
		if (in.dst == REG_RESULT) {
			/* Only the low 32 bits, signed, are the code: the first slot's. */
			result = in.imm;
			set = true;
		}
		i += wide ? 1 : 0;
	}
	return returns_unknown("instructions end without an exit");
}
