/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/insn.h"

#include "analyzer/fuse.h"
#include <errno.h>
#include <string.h>

/* Fields of the opcode, linux/bpf_common.h and linux/bpf.h up to 6.18. */
#define CLASS(op)   ((op)&0x07u)
#define CLASS_LD    0x00u
#define CLASS_LDX   0x01u
#define CLASS_ST    0x02u
#define CLASS_STX   0x03u
#define CLASS_ALU   0x04u
#define CLASS_JMP   0x05u
#define CLASS_JMP32 0x06u
#define CLASS_ALU64 0x07u

#define MODE(op)       ((op)&0xe0u)
#define MODE_PROBE     0x20u /* guarded; mostly made plain in dumps */
#define MODE_PROBE_SX  0x40u /* guarded and sign-extending: stays in dumps */
#define MODE_MEM       0x60u
#define MODE_MEM_SX    0x80u
#define MODE_PROBE_32  0xa0u /* arena; mostly made plain in dumps */
#define MODE_ATOMIC    0xc0u /* class STX; in class ST a speculation barrier */
#define MODE_ATOMIC_32 0xe0u /* arena: stays in dumps */

#define OPER(op) ((op)&0xf0u)
#define FROM_REG 0x08u

#define OP_LOAD_IMM64 0x18u
#define OP_NOSPEC     0xc2u
#define ALU_NEG       0x80u
#define ALU_MOV       0xb0u
#define ALU_END       0xd0u
#define JMP_JA        0x00u
#define JMP_CALL      0x80u
#define JMP_EXIT      0x90u

/* Kinds of two-slot loads and calls, in the source register field. */
#define WIDE_NUMBER    0
#define WIDE_MAP       1
#define WIDE_MAP_VALUE 2
#define WIDE_BTF       3
#define WIDE_FUNC      4
#define CALL_HELPER    0
#define CALL_OWN       1
#define CALL_KFUNC     2
#define TAIL_CALL_IMM  12

#define MOV_PERCPU (-1) /* bpf: mov dst, &(void __percpu *)(src) */
#define MOV_CAST   1    /* address space cast of arenas */

#define ATOMIC_FETCH   0x01
#define ATOMIC_XCHG    0xe1
#define ATOMIC_CMPXCHG 0xf1
#define ATOMIC_LOAD    0x100
#define ATOMIC_STORE   0x110

/** Distances of own calls are cut to 16 bits in dumps. */
#define CALL_CUT 65536

/** One slot as the kernel hands it out. */
struct raw {
	uint8_t op;
	uint8_t dst;
	uint8_t src;
	int16_t off;
	int32_t imm;
};

/** What decoding one slot may look at. */
struct decoder {
	const unsigned char *base;
	uint32_t n;
	const uint32_t *func_insns;
	uint32_t n_func_insns;
	struct decoded *code;
};

static struct raw raw_at(const unsigned char *base, uint32_t i)
{
	const unsigned char *at = base + (size_t)i * INSN_BYTES;
	struct raw raw = {.op = at[0]};

	/* Bit fields: which half comes first follows the byte order of the host. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	raw.dst = at[1] & 0xf;
	raw.src = at[1] >> 4;
#else
	raw.dst = at[1] >> 4;
	raw.src = at[1] & 0xf;
#endif
	memcpy(&raw.off, at + 2, sizeof(raw.off));
	memcpy(&raw.imm, at + 4, sizeof(raw.imm));
	return raw;
}

static void bad(struct insn *in, const char *why)
{
	in->op = OP_BAD;
	in->why = why;
}

static uint8_t mem_bits(uint8_t op)
{
	static const uint8_t bits[] = {32, 16, 8, 64};

	return bits[(op >> 3) & 3];
}

/** A move, which has meanings of its own in its offset. */
static void decode_mov(const struct raw *raw, struct insn *in)
{
	in->op = OP_MOV;
	if (raw->off == 0) {
		return;
	}
	if (raw->off == 8 || raw->off == 16 || (raw->off == 32 && in->bits == 64)) {
		in->op = OP_SEXT;
		in->from = (uint8_t)raw->off;
	} else if (raw->off == MOV_PERCPU && in->bits == 64 && !in->has_imm) {
		in->op = OP_PERCPU;
	} else if (raw->off == MOV_CAST && in->bits == 64 && !in->has_imm) {
		in->op = OP_OPAQUE;
	} else {
		bad(in, "unknown kind of move");
	}
}

/** Byte swaps: to one order for class ALU, always for class ALU64. */
static void decode_swap(const struct raw *raw, struct insn *in)
{
	bool to_big = (raw->op & FROM_REG) != 0;
	bool big_host = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	bool always = CLASS(raw->op) == CLASS_ALU64;

	if (raw->off != 0 || (raw->imm != 16 && raw->imm != 32 && raw->imm != 64) ||
	    (always && to_big)) {
		bad(in, "unknown byte swap");
		return;
	}
	in->op = always || to_big != big_host ? OP_SWAP : OP_TRUNC;
	in->from = (uint8_t)raw->imm;
	in->bits = 64;
	in->has_imm = false;
	in->src = in->dst;
}

static void decode_alu(const struct raw *raw, struct insn *in)
{
	static const uint8_t ops[] = {OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_OR,  OP_AND, OP_LSH,
	                              OP_RSH, OP_NEG, OP_MOD, OP_XOR, OP_MOV, OP_ARSH};
	uint8_t oper = OPER(raw->op);

	in->bits = CLASS(raw->op) == CLASS_ALU64 ? 64 : 32;
	in->has_imm = (raw->op & FROM_REG) == 0;
	in->imm = raw->imm;
	if (oper == ALU_END) {
		decode_swap(raw, in);
		return;
	}
	if (oper > ALU_END) {
		bad(in, "unknown arithmetic operation");
		return;
	}
	in->op = ops[oper >> 4];
	if (oper == ALU_MOV) {
		decode_mov(raw, in);
	} else if (raw->off == 1 && in->op == OP_DIV) {
		in->op = OP_SDIV;
	} else if (raw->off == 1 && in->op == OP_MOD) {
		in->op = OP_SMOD;
	} else if (raw->off != 0) {
		bad(in, "unknown variant of an arithmetic operation");
	}
	if (oper == ALU_NEG) {
		in->has_imm = false;
		in->src = in->dst;
	}
}

static void decode_load(const struct raw *raw, struct insn *in)
{
	uint8_t mode = MODE(raw->op);

	in->bits = mem_bits(raw->op);
	if (mode == MODE_MEM || mode == MODE_PROBE || mode == MODE_PROBE_32) {
		in->op = OP_LOAD;
	} else if ((mode == MODE_MEM_SX || mode == MODE_PROBE_SX) && in->bits != 64) {
		in->op = OP_LOAD_SEXT;
	} else {
		bad(in, "unknown kind of load");
	}
}

/** Atomic operations; the operation is in the immediate. */
static void decode_atomic(const struct raw *raw, struct insn *in)
{
	static const struct {
		int32_t imm;
		enum insn_op op;
	} plain[] = {{0x00, OP_ATOMIC_ADD},
	             {0x40, OP_ATOMIC_OR},
	             {0x50, OP_ATOMIC_AND},
	             {0xa0, OP_ATOMIC_XOR}};

	if (raw->imm == ATOMIC_LOAD || raw->imm == ATOMIC_STORE) {
		in->op = raw->imm == ATOMIC_LOAD ? OP_LOAD : OP_STORE;
		return;
	}
	if (in->bits < 32) {
		bad(in, "unknown width of an atomic operation");
		return;
	}
	if (raw->imm == ATOMIC_XCHG || raw->imm == ATOMIC_CMPXCHG) {
		in->op = raw->imm == ATOMIC_XCHG ? OP_ATOMIC_XCHG : OP_ATOMIC_CMPXCHG;
		in->fetch = true;
		return;
	}
	for (size_t i = 0; i < COUNT_OF(plain); i++) {
		if ((raw->imm & ~ATOMIC_FETCH) == plain[i].imm) {
			in->op = (uint8_t)plain[i].op;
			in->fetch = (raw->imm & ATOMIC_FETCH) != 0;
			return;
		}
	}
	bad(in, "unknown atomic operation");
}

static void decode_store(const struct raw *raw, struct insn *in)
{
	uint8_t mode = MODE(raw->op);

	in->bits = mem_bits(raw->op);
	in->has_imm = CLASS(raw->op) == CLASS_ST;
	in->imm = raw->imm;
	if (raw->op == OP_NOSPEC) {
		in->op = OP_NOP;
	} else if (mode == MODE_MEM || mode == MODE_PROBE_32) {
		in->op = OP_STORE;
	} else if (!in->has_imm && (mode == MODE_ATOMIC || mode == MODE_ATOMIC_32)) {
		decode_atomic(raw, in);
	} else {
		bad(in, "unknown kind of store");
	}
}

static void decode_wide(const struct decoder *d, uint32_t i, const struct raw *raw, struct insn *in)
{
	struct raw second = {.op = 0xff};

	if (i + 1 < d->n) {
		second = raw_at(d->base, i + 1);
	}
	if (second.op != 0 || raw->off != 0) {
		bad(in, "load of two slots without its second");
		return;
	}
	in->slots = 2;
	in->bits = 64;
	switch (raw->src) {
	case WIDE_NUMBER:
		in->op = OP_CONST;
		in->imm = (int64_t)((uint64_t)(uint32_t)raw->imm | (uint64_t)(uint32_t)second.imm
		                                                           << 32);
		break;
	case WIDE_MAP:
		in->op = OP_MAP;
		in->imm = (uint32_t)raw->imm;
		break;
	case WIDE_MAP_VALUE:
		in->op = OP_MAP_VALUE;
		in->imm = (uint32_t)raw->imm;
		in->extra = (uint32_t)second.imm;
		break;
	case WIDE_BTF:
		in->op = OP_OPAQUE;
		break;
	case WIDE_FUNC:
		in->op = OP_FUNC;
		in->target = (uint32_t)((int64_t)i + 1 + raw->imm);
		break;
	default:
		bad(in, "unknown kind of two-slot load");
	}
}

static bool is_func_start(const struct decoder *d, int64_t at)
{
	uint32_t lo = 0;
	uint32_t hi = d->n_func_insns;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (d->func_insns[mid] < at) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return lo < d->n_func_insns && d->func_insns[lo] == at;
}

/**
 * Call to an own function. The dump keeps only 16 bits of the distance, so in programs of more
 * than 32,768 slots several places fit; the starts of functions decide.
 */
static void decode_own_call(const struct decoder *d, uint32_t i, const struct raw *raw,
                            struct insn *in)
{
	int64_t near = (int64_t)i + 1 + raw->off;
	int64_t found = -1;
	int n_fit = 0;

	in->op = OP_CALL_OWN;
	if (d->n <= INT16_MAX) {
		in->target = near >= 0 && near < d->n ? (uint32_t)near : INSN_NOWHERE;
		return;
	}
	for (int64_t at = near % CALL_CUT; at < (int64_t)d->n; at += CALL_CUT) {
		if (at >= 0 && is_func_start(d, at)) {
			found = at;
			n_fit++;
		}
	}
	if (n_fit != 1) {
		bad(in, "call to a function of the program that is too far away to be told");
		return;
	}
	in->target = (uint32_t)found;
}

static void decode_call(const struct decoder *d, uint32_t i, const struct raw *raw, struct insn *in)
{
	in->imm = raw->imm;
	if ((raw->op & FROM_REG) != 0 || CLASS(raw->op) != CLASS_JMP) {
		bad(in, "call through a register");
	} else if (raw->src == CALL_HELPER) {
		in->op = raw->imm == TAIL_CALL_IMM ? OP_TAIL_CALL : OP_CALL_HELPER;
	} else if (raw->src == CALL_KFUNC) {
		in->op = OP_CALL_KFUNC;
	} else if (raw->src == CALL_OWN) {
		decode_own_call(d, i, raw, in);
	} else {
		bad(in, "unknown kind of call");
	}
}

static void decode_jump(const struct decoder *d, uint32_t i, const struct raw *raw, struct insn *in)
{
	static const uint8_t ops[] = {
		OP_JA,   OP_JEQ,       OP_JGT,  OP_JGE, OP_JSET, OP_JNE,  OP_JSGT,
		OP_JSGE, OP_TAIL_CALL, OP_EXIT, OP_JLT, OP_JLE,  OP_JSLT, OP_JSLE,
	};
	uint8_t oper = OPER(raw->op);
	bool is32 = CLASS(raw->op) == CLASS_JMP32;
	int64_t distance = raw->off;

	in->bits = is32 ? 32 : 64;
	in->has_imm = (raw->op & FROM_REG) == 0;
	in->imm = raw->imm;
	if (oper == JMP_CALL) {
		decode_call(d, i, raw, in);
		return;
	}
	if (oper >> 4 >= COUNT_OF(ops) || (oper == JMP_EXIT && (is32 || !in->has_imm)) ||
	    (oper == JMP_JA && !in->has_imm)) {
		bad(in, "unknown jump");
		return;
	}
	in->op = ops[oper >> 4];
	if (oper == JMP_EXIT) {
		return;
	}
	if (oper == JMP_JA && is32) {
		distance = raw->imm;
	}
	int64_t target = (int64_t)i + 1 + distance;

	in->target = target >= 0 && target < d->n ? (uint32_t)target : INSN_NOWHERE;
}

static void decode_one(const struct decoder *d, uint32_t i)
{
	struct raw raw = raw_at(d->base, i);
	struct insn *in = &d->code->insns[i];

	*in = (struct insn){
		.dst = raw.dst, .src = raw.src, .slots = 1, .off = raw.off, .target = INSN_NOWHERE};
	switch (CLASS(raw.op)) {
	case CLASS_LD:
		if (raw.op == OP_LOAD_IMM64) {
			decode_wide(d, i, &raw, in);
		} else {
			bad(in, "unknown kind of load");
		}
		break;
	case CLASS_LDX:
		decode_load(&raw, in);
		break;
	case CLASS_ST:
	case CLASS_STX:
		decode_store(&raw, in);
		break;
	case CLASS_ALU:
	case CLASS_ALU64:
		decode_alu(&raw, in);
		break;
	default:
		decode_jump(d, i, &raw, in);
	}
}

/** Registers and targets that do not exist. */
static void check_one(struct decoded *code, uint32_t i)
{
	struct insn *in = &code->insns[i];

	in->src = in->has_imm ? 0 : in->src;
	bool jumps =
		in->op == OP_JA || insn_is_branch(in) || in->op == OP_CALL_OWN || in->op == OP_FUNC;

	if (in->op == OP_BAD || in->op == OP_SECOND || in->op == OP_NOP) {
		return;
	}
	if (in->dst >= INSN_REGS || (!in->has_imm && in->slots == 1 && in->src >= INSN_REGS)) {
		bad(in, "register that does not exist");
	} else if (jumps && (in->target >= code->n || code->insns[in->target].op == OP_SECOND)) {
		bad(in, "jump that leads nowhere");
	} else if (!insn_ends(in) && i + in->slots >= code->n) {
		bad(in, "last instruction goes on behind the end");
	}
}

int insn_decode(const void *raw, uint32_t n, const uint32_t *func_insns, uint32_t n_func_insns,
                struct arena *arena, struct decoded *ret_code)
{
	struct decoded code = {.n = n};
	struct decoder d = {.base = raw,
	                    .n = n,
	                    .func_insns = func_insns,
	                    .n_func_insns = n_func_insns,
	                    .code = &code};

	if (!raw || n == 0) {
		return -EINVAL;
	}
	code.insns = arena_alloc(arena, (size_t)n * sizeof(*code.insns));
	bool *is_target = arena_alloc(arena, (size_t)n + 1);

	if (!code.insns || !is_target) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++) {
		decode_one(&d, i);
		if (code.insns[i].slots == 2) {
			code.has_func_ptr |= code.insns[i].op == OP_FUNC;
			i++;
			code.insns[i] =
				(struct insn){.op = OP_SECOND, .slots = 1, .target = INSN_NOWHERE};
		}
	}
	for (uint32_t i = 0; i < n; i++) {
		check_one(&code, i);
		code.has_functions |=
			code.insns[i].op == OP_CALL_OWN || code.insns[i].op == OP_FUNC;
		if (code.insns[i].target < n) {
			is_target[code.insns[i].target] = true;
		}
	}
	for (uint32_t i = 0; i < n_func_insns; i++) {
		if (func_insns[i] < n) {
			is_target[func_insns[i]] = true;
		}
	}
	fuse_insns(&code, is_target);
	*ret_code = code;
	return 0;
}

uint32_t insn_calls(const void *raw, uint32_t n, void (*visit)(int32_t imm, void *arg), void *arg)
{
	uint32_t n_calls = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct raw in = raw_at(raw, i);

		if (in.op == (CLASS_JMP | JMP_CALL) &&
		    ((in.src == CALL_HELPER && in.imm != TAIL_CALL_IMM) || in.src == CALL_KFUNC)) {
			n_calls++;
			if (visit) {
				visit(in.imm, arg);
			}
		}
		i += in.op == OP_LOAD_IMM64 ? 1 : 0;
	}
	return n_calls;
}

static bool names_map(const struct raw *raw)
{
	return raw->op == OP_LOAD_IMM64 && (raw->src == WIDE_MAP || raw->src == WIDE_MAP_VALUE);
}

/** Place of an id among those known; their number when it is none of them. */
static uint32_t place_of(const uint32_t *ids, uint32_t n_ids, int32_t id)
{
	uint32_t place = 0;

	while (place < n_ids && ids[place] != (uint32_t)id) {
		place++;
	}
	return place;
}

uint64_t insn_hash(const void *raw, uint32_t n, uint32_t ret_ids[INSN_MAPS], uint32_t *ret_n_ids)
{
	uint64_t hash = n;
	uint32_t n_ids = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct raw in = raw_at(raw, i);
		uint64_t last = (uint32_t)in.imm;

		if (names_map(&in)) {
			uint32_t place = place_of(ret_ids, n_ids, in.imm);

			if (place == n_ids && n_ids < INSN_MAPS) {
				ret_ids[n_ids++] = (uint32_t)in.imm;
			}
			last = place < INSN_MAPS ? place : last;
		}
		hash = (hash ^ ((uint64_t)in.op | (uint64_t)in.dst << 8 | (uint64_t)in.src << 12 |
		                (uint64_t)(uint16_t)in.off << 16 | last << 32)) *
		       UINT64_C(0x9E3779B97F4A7C15);
		hash ^= hash >> 32;
		if (in.op == OP_LOAD_IMM64 && i + 1 < n) {
			uint64_t second = 0; /* no instruction, whatever it looks like */

			memcpy(&second, (const char *)raw + (size_t)++i * INSN_BYTES,
			       sizeof(second));
			hash = (hash ^ second) * UINT64_C(0x9E3779B97F4A7C15);
		}
	}
	*ret_n_ids = n_ids;
	return hash;
}

bool insn_equal(const void *a, const uint32_t *ids_a, const void *b, const uint32_t *ids_b,
                uint32_t n, uint32_t n_ids)
{
	for (uint32_t i = 0; i < n; i++) {
		const char *at_a = (const char *)a + (size_t)i * INSN_BYTES;
		const char *at_b = (const char *)b + (size_t)i * INSN_BYTES;
		bool same = memcmp(at_a, at_b, INSN_BYTES) == 0;

		if ((unsigned char)*at_a != OP_LOAD_IMM64) {
			if (!same) {
				return false;
			}
			continue;
		}
		struct raw x = raw_at(a, i);
		struct raw y = raw_at(b, i);

		if (names_map(&x)) {
			uint32_t place = place_of(ids_a, n_ids, x.imm);

			/* the ids alone may differ, if they are those of the same place */
			same = x.op == y.op && x.dst == y.dst && x.src == y.src && x.off == y.off &&
			       (place < n_ids ? (uint32_t)y.imm == ids_b[place] : x.imm == y.imm);
		}
		i++;
		if (!same ||
		    (i < n && memcmp(at_a + INSN_BYTES, at_b + INSN_BYTES, INSN_BYTES) != 0)) {
			return false;
		}
	}
	return true;
}

const char *insn_word(const struct insn *in)
{
	switch ((enum insn_op)in->op) {
	case OP_LOAD:
	case OP_LOAD_SEXT:
		return "a load from memory";
	case OP_CALL_HELPER:
	case OP_CALL_KFUNC:
		return "the result of a call";
	case OP_CALL_OWN:
		return "the result of a function";
	case OP_OPAQUE:
	case OP_PERCPU:
	case OP_MAP:
	case OP_MAP_VALUE:
	case OP_FUNC:
		return "an address";
	case OP_TAIL_CALL:
		return "what a tail call leaves behind";
	default:
		return in->op >= OP_ATOMIC_ADD && in->op <= OP_ATOMIC_CMPXCHG
		               ? "an atomic operation"
		               : "arithmetic";
	}
}
