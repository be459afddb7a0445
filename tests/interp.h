/* SPDX-License-Identifier: Apache-2.0 */
/**
 * interp.h - a small interpreter of decoded programs, for comparing with the analysis.
 *
 * Written from the kernel's description of the instruction set (Documentation/bpf), not from
 * analyzer/transfer.c. Memory is reached only through pointers that the program was given: the
 * verifier would accept nothing else, so such a run is given up.
 */
#ifndef TCAUDIT_TESTS_INTERP_H
#define TCAUDIT_TESTS_INTERP_H

#include "analyzer/insn.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define INTERP_FRAMES 8
#define INTERP_STACK  512
#define INTERP_CTX    256
#ifndef INTERP_STEPS
#define INTERP_STEPS 30000
#endif
#define INTERP_ELEMS 2  /* elements of the per-CPU array */
#define INTERP_ELEM  64 /* bytes of each */

/** What a number may be used to reach. */
enum interp_tag {
	TAG_NONE,  /**< A number, or other memory: loads give anything. */
	TAG_STACK, /**< + frame */
	TAG_CTX = TAG_STACK + INTERP_FRAMES,
	TAG_FROZEN,
	TAG_MAP,   /**< The program array. */
	TAG_ELEMS, /**< The per-CPU array itself. */
	TAG_ENTRY, /**< From its table: to become an element's address. */
	TAG_ELEM,
};

struct interp_word {
	uint64_t v;
	uint8_t tag;
};

struct interp {
	uint64_t rng;
	const struct decoded *progs[4];
	uint32_t n_progs; /**< The first one runs; slot i of the array holds program i. */
	int64_t array;    /**< Id of the program array. */
	int64_t elems;    /**< Id of the per-CPU array. */
	uint64_t table;   /**< Where its table lies: what was last added to its address. */
	uint8_t elem[INTERP_ELEMS * INTERP_ELEM];
	uint8_t frozen[64];
	uint8_t stack[INTERP_FRAMES][INTERP_STACK];
	uint8_t tags[INTERP_FRAMES][INTERP_STACK]; /**< Of the 8 bytes that begin here. */
	uint8_t ctx[INTERP_CTX];
	struct interp_word regs[INSN_REGS];
};

#define INTERP_STACK_AT(frame) (UINT64_C(0xffffc90000010000) + (uint64_t)(frame)*4096)
#define INTERP_CTX_AT          UINT64_C(0xffff888100230000)
#define INTERP_FROZEN_AT       UINT64_C(0xffff888100450000)
#define INTERP_ELEMS_AT        UINT64_C(0xffff888100670000)
#define INTERP_ELEM_AT         UINT64_C(0xffffe8ffffc00000)

static uint64_t interp_random(struct interp *m)
{
	m->rng = m->rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	uint64_t x = m->rng ^ m->rng >> 31;

	return x >> 62 ? x * UINT64_C(0x9E3779B97F4A7C15) : x & 0xf;
}

/** The bytes behind a pointer; NULL when there are none the program may use. */
static uint8_t *interp_at(struct interp *m, struct interp_word base, int64_t off, uint32_t size)
{
	uint64_t at = base.v + (uint64_t)off;

	if (base.tag >= TAG_STACK && base.tag < TAG_CTX) {
		uint64_t low = INTERP_STACK_AT(base.tag - TAG_STACK) - INTERP_STACK;

		return at >= low && at - low <= INTERP_STACK - size
		               ? m->stack[base.tag - TAG_STACK] + (at - low)
		               : NULL;
	}
	if (base.tag == TAG_CTX) {
		return at >= INTERP_CTX_AT && at - INTERP_CTX_AT <= INTERP_CTX - size
		               ? m->ctx + (at - INTERP_CTX_AT)
		               : NULL;
	}
	if (base.tag == TAG_FROZEN) {
		return at >= INTERP_FROZEN_AT && at - INTERP_FROZEN_AT <= sizeof(m->frozen) - size
		               ? m->frozen + (at - INTERP_FROZEN_AT)
		               : NULL;
	}
	if (base.tag == TAG_ELEM) {
		return at >= INTERP_ELEM_AT && at - INTERP_ELEM_AT <= sizeof(m->elem) - size
		               ? m->elem + (at - INTERP_ELEM_AT)
		               : NULL;
	}
	return NULL;
}

/** Pointers to memory that the interpreter does not have. */
static bool interp_is_elsewhere(uint8_t tag)
{
	return tag == TAG_NONE || tag == TAG_MAP || tag == TAG_ELEMS || tag == TAG_ENTRY;
}

/** An element's address, by its place in the table that is being read. */
static bool interp_entry(const struct interp *m, struct interp_word base, int64_t off,
                         uint32_t size, struct interp_word *ret)
{
	uint64_t at = base.v + (uint64_t)off - INTERP_ELEMS_AT - m->table;

	if (base.tag != TAG_ELEMS || size != 8 || at % 8 != 0 || at / 8 >= INTERP_ELEMS) {
		return false;
	}
	*ret = (struct interp_word){.v = INTERP_ELEM_AT + at / 8 * INTERP_ELEM, .tag = TAG_ENTRY};
	return true;
}

static uint8_t *interp_tag_at(struct interp *m, const uint8_t *p)
{
	uint8_t *first = &m->stack[0][0];

	if (p < first || p >= first + sizeof(m->stack)) {
		return NULL;
	}
	return &m->tags[0][0] + (p - first);
}

static bool interp_load(struct interp *m, struct interp_word base, int64_t off, uint32_t size,
                        struct interp_word *ret)
{
	uint8_t *p = interp_at(m, base, off, size);
	uint64_t v = 0;

	if (interp_entry(m, base, off, size, ret)) {
		return true;
	}
	ret->tag = TAG_NONE;
	if (interp_is_elsewhere(base.tag)) {
		v = interp_random(m);
		ret->v = size == 8 ? v : v & ((UINT64_C(1) << (8 * size)) - 1);
		return true;
	}
	if (!p) {
		return false;
	}
	for (uint32_t i = 0; i < size; i++) { /* little endian, as the tests of cells are */
		v |= (uint64_t)p[i] << (8 * i);
	}
	ret->v = v;
	if (size == 8 && interp_tag_at(m, p)) {
		ret->tag = *interp_tag_at(m, p);
	}
	return true;
}

static bool interp_store(struct interp *m, struct interp_word base, int64_t off, uint32_t size,
                         struct interp_word w)
{
	uint8_t *p = interp_at(m, base, off, size);
	uint8_t *tag = p ? interp_tag_at(m, p) : NULL;

	if (interp_is_elsewhere(base.tag)) {
		return true;
	}
	if (!p || base.tag == TAG_FROZEN) {
		return false;
	}
	for (uint32_t i = 0; i < size; i++) {
		p[i] = (uint8_t)(w.v >> (8 * i));
	}
	if (tag) {
		uint8_t *low = &m->tags[0][0];

		for (int i = -7; i < (int)size; i++) { /* what overlaps is no pointer any more */
			if (tag + i >= low) {
				tag[i] = TAG_NONE;
			}
		}
		*tag = size == 8 ? w.tag : TAG_NONE;
	}
	return true;
}

static uint64_t interp_sign(uint64_t v, unsigned int from)
{
	if (from >= 64) {
		return v;
	}
	v &= (UINT64_C(1) << from) - 1;
	return (v ^ UINT64_C(1) << (from - 1)) - (UINT64_C(1) << (from - 1));
}

static uint64_t interp_alu(enum insn_op op, unsigned int bits, uint64_t a, uint64_t b)
{
	unsigned int shift = (unsigned int)(b % bits);
	bool narrow = bits == 32;
	uint64_t x = narrow ? a % (UINT64_C(1) << 32) : a;
	uint64_t y = narrow ? b % (UINT64_C(1) << 32) : b;
	int64_t s = (int64_t)interp_sign(a, bits);
	int64_t t = (int64_t)interp_sign(b, bits);
	uint64_t v = 0;

	switch (op) {
	case OP_MOV:
		v = y;
		break;
	case OP_ADD:
		v = x + y;
		break;
	case OP_SUB:
		v = x - y;
		break;
	case OP_MUL:
		v = x * y;
		break;
	case OP_DIV:
		v = y == 0 ? 0 : x / y;
		break;
	case OP_MOD:
		v = y == 0 ? x : x % y;
		break;
	case OP_SDIV:
		v = t == 0 ? 0 : t == -1 ? 0 - (uint64_t)s : (uint64_t)(s / t);
		break;
	case OP_SMOD:
		v = t == 0 ? x : t == -1 ? 0 : (uint64_t)(s % t);
		break;
	case OP_OR:
		v = x | y;
		break;
	case OP_AND:
		v = x & y;
		break;
	case OP_XOR:
		v = x ^ y;
		break;
	case OP_LSH:
		v = x << shift;
		break;
	case OP_RSH:
		v = x >> shift;
		break;
	default: {
		v = x;
		for (unsigned int i = 0; i < shift; i++) { /* bit by bit, keeping the sign */
			v = v >> 1 | (v & UINT64_C(1) << (bits - 1));
		}
		break;
	}
	}
	return narrow ? v % (UINT64_C(1) << 32) : v;
}

static bool interp_taken(enum insn_op op, unsigned int bits, uint64_t a, uint64_t b)
{
	uint64_t x = bits == 32 ? a % (UINT64_C(1) << 32) : a;
	uint64_t y = bits == 32 ? b % (UINT64_C(1) << 32) : b;
	int64_t s = (int64_t)interp_sign(a, bits);
	int64_t t = (int64_t)interp_sign(b, bits);

	switch (op) {
	case OP_JEQ:
		return x == y;
	case OP_JNE:
		return x != y;
	case OP_JGT:
		return x > y;
	case OP_JGE:
		return x >= y;
	case OP_JLT:
		return x < y;
	case OP_JLE:
		return x <= y;
	case OP_JSGT:
		return s > t;
	case OP_JSGE:
		return s >= t;
	case OP_JSLT:
		return s < t;
	case OP_JSLE:
		return s <= t;
	default:
		return (x & y) != 0;
	}
}

static bool interp_atomic(struct interp *m, const struct insn *in)
{
	struct interp_word was;
	struct interp_word src = m->regs[in->src];
	struct interp_word now = {.v = src.v};
	uint32_t size = in->bits / 8u;

	if (!interp_load(m, m->regs[in->dst], in->off, size, &was)) {
		return false;
	}
	switch ((enum insn_op)in->op) {
	case OP_ATOMIC_ADD:
		now.v = was.v + src.v;
		break;
	case OP_ATOMIC_OR:
		now.v = was.v | src.v;
		break;
	case OP_ATOMIC_AND:
		now.v = was.v & src.v;
		break;
	case OP_ATOMIC_XOR:
		now.v = was.v ^ src.v;
		break;
	case OP_ATOMIC_CMPXCHG:
		now.v = interp_taken(OP_JEQ, in->bits, was.v, m->regs[0].v) ? src.v : was.v;
		break;
	default:
		break;
	}
	if (!interp_store(m, m->regs[in->dst], in->off, size, now)) {
		return false;
	}
	was.tag = TAG_NONE;
	if (in->fetch) {
		m->regs[in->op == OP_ATOMIC_CMPXCHG ? 0 : in->src] = was;
	}
	return true;
}

/** The element that the key in r2 names. @return false: no key there, or another map. */
static bool interp_lookup(struct interp *m, struct interp_word *ret)
{
	struct interp_word key;

	if (m->regs[1].tag != TAG_ELEMS || m->regs[1].v != INTERP_ELEMS_AT ||
	    interp_is_elsewhere(m->regs[2].tag) || !interp_load(m, m->regs[2], 0, 4, &key)) {
		return false;
	}
	*ret = (struct interp_word){0};
	if (key.v < INTERP_ELEMS) {
		*ret = (struct interp_word){.v = INTERP_ELEM_AT + key.v * INTERP_ELEM,
		                            .tag = TAG_ELEM};
	}
	return true;
}

/** Copy what r3 leads to into an element. */
static bool interp_update(struct interp *m)
{
	struct interp_word elem;

	if (!interp_lookup(m, &elem) || interp_is_elsewhere(m->regs[3].tag)) {
		return false;
	}
	for (int i = 0; i < INTERP_ELEM && elem.tag == TAG_ELEM; i++) {
		struct interp_word byte;

		if (!interp_load(m, m->regs[3], i, 1, &byte) ||
		    !interp_store(m, elem, i, 1, byte)) {
			return false;
		}
	}
	return true;
}

/* Numbers as in progen.h. */
static bool interp_helper(struct interp *m, int64_t number)
{
	uint64_t result = interp_random(m);
	struct interp_word found = {0};

	switch (number) {
	case 1:
		if (!interp_lookup(m, &found)) {
			return false;
		}
		result = found.v;
		break;
	case 2:
		if (!interp_update(m)) {
			return false;
		}
		result = 0 - (result & 1);
		break;
	case 7:
	case 34:
		result = (uint32_t)result;
		break;
	case 23:
		result = m->regs[2].v <= 1 ? 7 : 2;
		break;
	case 26: {
		uint64_t len = m->regs[4].v;

		if (len == 0 || len > 64) {
			return false;
		}
		for (uint64_t i = 0; i < len; i++) {
			struct interp_word byte = {.v = interp_random(m)};

			if (m->regs[3].tag < TAG_STACK || m->regs[3].tag >= TAG_CTX ||
			    !interp_store(m, m->regs[3], (int64_t)i, 1, byte)) {
				return false;
			}
		}
		result = result & 1 ? 0 : (uint64_t)-14;
		break;
	}
	default:
		return false;
	}
	for (int i = 1; i <= 5; i++) {
		m->regs[i] = (struct interp_word){.v = interp_random(m)};
	}
	m->regs[11].tag = TAG_NONE;
	m->regs[0] = (struct interp_word){.v = result, .tag = found.tag};
	return true;
}

static void interp_begin(struct interp *m, uint32_t depth)
{
	for (int i = 0; i < (int)INSN_REGS; i++) {
		m->regs[i] = (struct interp_word){.v = interp_random(m)};
	}
	m->regs[1] = (struct interp_word){.v = INTERP_CTX_AT, .tag = TAG_CTX};
	m->regs[INSN_FRAME] = (struct interp_word){.v = INTERP_STACK_AT(depth),
	                                           .tag = (uint8_t)(TAG_STACK + depth)};
}

/** One arithmetic instruction on registers. */
static void interp_compute(struct interp *m, const struct insn *in)
{
	struct interp_word *dst = &m->regs[in->dst];
	struct interp_word b = {.v = (uint64_t)in->imm};
	uint8_t tag = TAG_NONE;

	if (!in->has_imm) {
		b = m->regs[in->src];
	}
	if (in->bits == 64 && in->op == OP_ADD && dst->tag == TAG_ELEMS &&
	    dst->v == INTERP_ELEMS_AT) {
		m->table = b.v;
	}
	if (in->bits == 64 && in->op == OP_MOV) {
		*dst = b;
		return;
	}
	if (in->bits == 64 && (in->op == OP_ADD || in->op == OP_SUB)) {
		tag = dst->tag && !b.tag ? dst->tag : TAG_NONE;
		tag = in->op == OP_ADD && b.tag && !dst->tag ? b.tag : tag;
	}
	switch ((enum insn_op)in->op) {
	case OP_NEG:
		dst->v = interp_alu(OP_SUB, in->bits, 0, b.v);
		break;
	case OP_SEXT:
		dst->v = interp_alu(OP_MOV, in->bits, 0, interp_sign(b.v, in->from));
		break;
	case OP_TRUNC:
		dst->v = in->from == 64 ? dst->v : dst->v & ((UINT64_C(1) << in->from) - 1);
		break;
	case OP_SWAP: {
		uint64_t v = 0;

		for (unsigned int i = 0; i < in->from; i += 8) {
			v = v << 8 | (dst->v >> i & 0xff);
		}
		dst->v = v;
		break;
	}
	default:
		dst->v = interp_alu((enum insn_op)in->op, in->bits, dst->v, b.v);
		break;
	}
	dst->tag = tag;
}

/* NOLINTBEGIN(readability-function-size,readability-function-cognitive-complexity): one loop over
 * all instructions is easier to hold against the documentation than its pieces */
/** Run the first program. @return false when the run was given up. */
static bool interp_run(struct interp *m, uint64_t *ret)
{
	struct interp_word saved[INTERP_FRAMES][4];
	uint32_t back[INTERP_FRAMES];
	const struct decoded *of[INTERP_FRAMES];
	const struct decoded *code = m->progs[0];
	uint32_t depth = 0;
	uint32_t pc = 0;
	uint32_t tails = 0;

	interp_begin(m, 0);
	for (uint32_t step = 0; step < INTERP_STEPS; step++) {
		const struct insn *in = pc < code->n ? &code->insns[pc] : NULL;

		if (!in) {
			return false;
		}
		uint32_t next = pc + in->slots;
		struct interp_word b = {.v = (uint64_t)in->imm};

		if (!in->has_imm && in->src < INSN_REGS) { /* of what is not understood: any */
			b = m->regs[in->src];
		}
		switch ((enum insn_op)in->op) {
		case OP_NOP:
			break;
		case OP_BAD:
		case OP_SECOND:
		case OP_CALL_KFUNC:
		case OP_FUNC:
			return false;
		case OP_CONST:
			m->regs[in->dst] = (struct interp_word){.v = (uint64_t)in->imm};
			break;
		case OP_MAP:
			m->regs[in->dst] = (struct interp_word){
				.v = interp_random(m) | 1u << 20,
				.tag = in->imm == m->array ? TAG_MAP : TAG_NONE};
			if (in->imm == m->elems) {
				m->regs[in->dst] = (struct interp_word){.v = INTERP_ELEMS_AT,
				                                        .tag = TAG_ELEMS};
			}
			break;
		case OP_MAP_VALUE:
			m->regs[in->dst] = (struct interp_word){
				.v = INTERP_FROZEN_AT + (uint64_t)in->extra, .tag = TAG_FROZEN};
			break;
		case OP_OPAQUE:
			m->regs[in->dst] = (struct interp_word){.v = interp_random(m)};
			break;
		case OP_PERCPU: /* the kernel makes it of valid pointers only: never null */
			if (b.tag == TAG_ENTRY) {
				m->regs[in->dst] = (struct interp_word){.v = b.v, .tag = TAG_ELEM};
				break;
			}
			m->regs[in->dst] = (struct interp_word){.v = interp_random(m)};
			m->regs[in->dst].v += m->regs[in->dst].v == 0;
			break;
		case OP_LOAD:
		case OP_LOAD_SEXT:
			if (!interp_load(m, m->regs[in->src], in->off, in->bits / 8u,
			                 &m->regs[in->dst])) {
				return false;
			}
			if (in->op == OP_LOAD_SEXT) {
				m->regs[in->dst].v = interp_sign(m->regs[in->dst].v, in->bits);
			}
			break;
		case OP_STORE:
			if (!interp_store(m, m->regs[in->dst], in->off, in->bits / 8u, b)) {
				return false;
			}
			break;
		case OP_JA:
			next = in->target;
			break;
		case OP_CALL_HELPER:
			if (!interp_helper(m, in->imm)) {
				return false;
			}
			break;
		case OP_CALL_OWN:
			if (depth + 1 == INTERP_FRAMES) {
				return false;
			}
			memcpy(saved[depth], &m->regs[6], sizeof(saved[depth]));
			back[depth] = next;
			of[depth++] = code;
			m->regs[INSN_FRAME] = (struct interp_word){
				.v = INTERP_STACK_AT(depth), .tag = (uint8_t)(TAG_STACK + depth)};
			memset(m->tags[depth], TAG_NONE, sizeof(m->tags[depth]));
			next = in->target;
			break;
		case OP_TAIL_CALL: {
			uint32_t slot = (uint32_t)m->regs[3].v;

			if (m->regs[2].tag != TAG_MAP) {
				return false;
			}
			if (slot < m->n_progs && tails < 33 && interp_random(m) % 5) {
				tails++;
				code = m->progs[slot];
				interp_begin(m, depth);
				memset(m->tags[depth], TAG_NONE, sizeof(m->tags[depth]));
				next = 0;
			} else {
				for (int i = 0; i <= 5; i++) {
					m->regs[i] = (struct interp_word){.v = interp_random(m)};
				}
			}
			break;
		}
		case OP_EXIT:
			if (depth == 0) {
				*ret = m->regs[0].v;
				return true;
			}
			depth--;
			next = back[depth];
			code = of[depth];
			memcpy(&m->regs[6], saved[depth], sizeof(saved[depth]));
			m->regs[INSN_FRAME] = (struct interp_word){
				.v = INTERP_STACK_AT(depth), .tag = (uint8_t)(TAG_STACK + depth)};
			for (int i = 1; i <= 5; i++) {
				m->regs[i] = (struct interp_word){.v = interp_random(m)};
			}
			break;
		default:
			if (insn_is_branch(in)) {
				next = interp_taken((enum insn_op)in->op, in->bits,
				                    m->regs[in->dst].v, b.v)
				               ? in->target
				               : next;
			} else if (in->op >= OP_ATOMIC_ADD && in->op <= OP_ATOMIC_CMPXCHG) {
				if (!interp_atomic(m, in)) {
					return false;
				}
			} else {
				interp_compute(m, in);
			}
		}
		pc = next;
	}
	return false;
}
/* NOLINTEND(readability-function-size,readability-function-cognitive-complexity) */

#endif
