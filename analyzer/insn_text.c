/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/insn_text.h"

#include <inttypes.h>
#include <stdio.h>

/** Longest operand: a 64-bit number. */
#define OPERAND_BYTES 24u

/** Signs of operations with two operands; a signed one carries an s. */
static const char *sign_of(uint8_t op)
{
	static const char *const signs[N_INSN_OPS] = {
		[OP_MOV] = "=",        [OP_ADD] = "+=",        [OP_SUB] = "-=",
		[OP_MUL] = "*=",       [OP_DIV] = "/=",        [OP_MOD] = "%=",
		[OP_SDIV] = "s/=",     [OP_SMOD] = "s%=",      [OP_OR] = "|=",
		[OP_AND] = "&=",       [OP_XOR] = "^=",        [OP_LSH] = "<<=",
		[OP_RSH] = ">>=",      [OP_ARSH] = "s>>=",     [OP_ATOMIC_ADD] = "+=",
		[OP_ATOMIC_OR] = "|=", [OP_ATOMIC_AND] = "&=", [OP_ATOMIC_XOR] = "^=",
		[OP_JEQ] = "==",       [OP_JNE] = "!=",        [OP_JGT] = ">",
		[OP_JGE] = ">=",       [OP_JLT] = "<",         [OP_JLE] = "<=",
		[OP_JSGT] = "s>",      [OP_JSGE] = "s>=",      [OP_JSLT] = "s<",
		[OP_JSLE] = "s<=",     [OP_JSET] = "&",
	};

	return signs[op];
}

/** r0, or w0 for the low half. */
static char width_of(const struct insn *in)
{
	return in->bits == 32 ? 'w' : 'r';
}

/** The second operand. */
static const char *operand(const struct insn *in, char buf[OPERAND_BYTES])
{
	if (in->has_imm) {
		(void)snprintf(buf, OPERAND_BYTES, "%" PRId64, in->imm);
	} else {
		(void)snprintf(buf, OPERAND_BYTES, "%c%u", width_of(in), in->src);
	}
	return buf;
}

static void target(const char *lead, const struct insn *in, char buf[INSN_TEXT_BYTES])
{
	if (in->target == INSN_NOWHERE) {
		(void)snprintf(buf, INSN_TEXT_BYTES, "%s nowhere", lead);
	} else {
		(void)snprintf(buf, INSN_TEXT_BYTES, "%s %" PRIu32, lead, in->target);
	}
}

static void branch(const struct insn *in, char buf[INSN_TEXT_BYTES])
{
	char second[OPERAND_BYTES];
	char lead[OPERAND_BYTES + 32];

	(void)snprintf(lead, sizeof(lead), "if %c%u %s %s goto", width_of(in), in->dst,
	               sign_of(in->op), operand(in, second));
	target(lead, in, buf);
}

/** Loads, stores and what happens in memory at once. */
static void memory(const struct insn *in, char buf[INSN_TEXT_BYTES])
{
	char second[OPERAND_BYTES];
	bool load = in->op == OP_LOAD || in->op == OP_LOAD_SEXT;
	unsigned base = load ? in->src : in->dst;
	char place[48];

	(void)snprintf(place, sizeof(place), "*(%c%u *)(r%u %+d)",
	               in->op == OP_LOAD_SEXT ? 's' : 'u', in->bits, base, in->off);
	if (load) {
		(void)snprintf(buf, INSN_TEXT_BYTES, "r%u = %s", in->dst, place);
	} else if (in->op == OP_STORE) {
		(void)snprintf(buf, INSN_TEXT_BYTES, "%s = %s", place, operand(in, second));
	} else if (in->op == OP_ATOMIC_XCHG) {
		(void)snprintf(buf, INSN_TEXT_BYTES, "exchange %s, r%u", place, in->src);
	} else if (in->op == OP_ATOMIC_CMPXCHG) {
		(void)snprintf(buf, INSN_TEXT_BYTES, "if r0 == %s then = r%u; r0 = old", place,
		               in->src);
	} else {
		(void)snprintf(buf, INSN_TEXT_BYTES, "atomic %s %s r%u%s", place, sign_of(in->op),
		               in->src, in->fetch ? ", fetched" : "");
	}
}

/** What works on one register alone, or fills it. */
static void single(const struct insn *in, char buf[INSN_TEXT_BYTES])
{
	unsigned dst = in->dst;

	switch ((enum insn_op)in->op) {
	case OP_NEG:
		(void)snprintf(buf, INSN_TEXT_BYTES, "%c%u = -%c%u", width_of(in), dst,
		               width_of(in), dst);
		break;
	case OP_SEXT:
		(void)snprintf(buf, INSN_TEXT_BYTES, "%c%u = (s%u)%c%u", width_of(in), dst,
		               in->from, width_of(in), in->src);
		break;
	case OP_TRUNC:
		(void)snprintf(buf, INSN_TEXT_BYTES, "r%u = (u%u)r%u", dst, in->from, dst);
		break;
	case OP_SWAP:
		(void)snprintf(buf, INSN_TEXT_BYTES, "r%u = bswap%u r%u", dst, in->from, dst);
		break;
	case OP_CONST:
		(void)snprintf(buf, INSN_TEXT_BYTES, "r%u = %" PRId64, dst, in->imm);
		break;
	case OP_MAP:
		(void)snprintf(buf, INSN_TEXT_BYTES, "r%u = map %" PRId64, dst, in->imm);
		break;
	case OP_MAP_VALUE:
		(void)snprintf(buf, INSN_TEXT_BYTES, "r%u = value of map %" PRId64 " + %" PRId64,
		               dst, in->imm, in->extra);
		break;
	default:
		(void)snprintf(buf, INSN_TEXT_BYTES, "r%u = something", dst);
		break;
	}
}

/** What changes where the program goes on, but for branches. */
static void control(const struct insn *in, char buf[INSN_TEXT_BYTES])
{
	switch ((enum insn_op)in->op) {
	case OP_JA:
		target("goto", in, buf);
		break;
	case OP_CALL_OWN:
		target("call function at", in, buf);
		break;
	case OP_CALL_HELPER:
		(void)snprintf(buf, INSN_TEXT_BYTES, "call helper %" PRId64, in->imm);
		break;
	case OP_CALL_KFUNC:
		(void)snprintf(buf, INSN_TEXT_BYTES, "call kernel function %" PRId64, in->imm);
		break;
	case OP_TAIL_CALL:
		(void)snprintf(buf, INSN_TEXT_BYTES, "tail call to slot r3 of the array in r2");
		break;
	case OP_BAD:
		(void)snprintf(buf, INSN_TEXT_BYTES, "not understood: %s",
		               in->why ? in->why : "unknown");
		break;
	case OP_EXIT:
		(void)snprintf(buf, INSN_TEXT_BYTES, "exit");
		break;
	default:
		(void)snprintf(buf, INSN_TEXT_BYTES, "nothing");
		break;
	}
}

const char *insn_text(const struct insn *in, char buf[INSN_TEXT_BYTES])
{
	char second[OPERAND_BYTES];

	if (insn_is_branch(in)) {
		branch(in, buf);
	} else if (in->op >= OP_LOAD && in->op <= OP_ATOMIC_CMPXCHG) {
		memory(in, buf);
	} else if (in->op >= OP_MOV && in->op <= OP_ARSH) {
		(void)snprintf(buf, INSN_TEXT_BYTES, "%c%u %s %s", width_of(in), in->dst,
		               sign_of(in->op), operand(in, second));
	} else if (in->op == OP_FUNC) {
		char lead[24];

		(void)snprintf(lead, sizeof(lead), "r%u = function at", in->dst);
		target(lead, in, buf);
	} else if (in->op >= OP_NEG && in->op <= OP_MAP_VALUE) {
		single(in, buf);
	} else {
		control(in, buf);
	}
	return buf;
}
