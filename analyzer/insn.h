/* SPDX-License-Identifier: Apache-2.0 */
/**
 * insn.h - instructions in our own form, decoded once.
 *
 * The only place that reads raw opcode bits is insn.c. Everything after it works on struct insn:
 * one operation, one width, operands told apart, jump targets resolved.
 */
#ifndef TCAUDIT_ANALYZER_INSN_H
#define TCAUDIT_ANALYZER_INSN_H

#include "model/arena.h"
#include "model/attrs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSN_REGS    12u /**< r0 to r10, and r11, which only the kernel's rewriting uses. */
#define INSN_FRAME   10u /**< r10, the frame pointer. */
#define INSN_BYTES   8u  /**< Of one slot in the dump. */
#define INSN_NOWHERE UINT32_MAX

/** What an instruction does; operands below as dst, src (register or imm), bits. */
enum insn_op {
	OP_NOP,    /**< Nothing: barriers, halves of fused pairs. */
	OP_BAD,    /**< Not understood; insn.why says what. Ends the analysis of a path. */
	OP_SECOND, /**< Second slot of a two-slot load; never executed. */

	/* dst = dst op src; bits is 32 or 64, 32 clears the upper half */
	OP_MOV,
	OP_ADD,
	OP_SUB,
	OP_MUL,
	OP_DIV,  /**< Unsigned; by zero gives 0. */
	OP_MOD,  /**< Unsigned; by zero gives the dividend. */
	OP_SDIV, /**< Signed. */
	OP_SMOD,
	OP_OR,
	OP_AND,
	OP_XOR,
	OP_LSH, /**< Amount modulo bits. */
	OP_RSH,
	OP_ARSH,

	/* dst = op dst */
	OP_NEG,
	OP_SEXT,  /**< dst = src, sign-extended from insn.from bits to bits. */
	OP_TRUNC, /**< dst = low insn.from bits of dst; a swap to the host's own order. */
	OP_SWAP,  /**< dst = low insn.from bits of dst, bytes reversed. */

	OP_OPAQUE, /**< dst = unknown number (per-CPU address, address space cast, kernel object).
	            */
	OP_PERCPU, /**< dst = this CPU's copy of what src points to; unknown, never a copy of src.
	            */

	/* two slots */
	OP_CONST,     /**< dst = imm. */
	OP_MAP,       /**< dst = pointer to the map with id imm. */
	OP_MAP_VALUE, /**< dst = pointer to the value of key 0 of the map with id imm, plus extra.
	               */
	OP_FUNC,      /**< dst = address of the function at target. */

	/* memory; bits is the width, off the distance from the base register */
	OP_LOAD,       /**< dst = zero-extended *(src + off). */
	OP_LOAD_SEXT,  /**< dst = sign-extended *(src + off). */
	OP_STORE,      /**< *(dst + off) = src or imm. */
	OP_ATOMIC_ADD, /**< *(dst + off) op= src; with fetch, src = old value. */
	OP_ATOMIC_OR,
	OP_ATOMIC_AND,
	OP_ATOMIC_XOR,
	OP_ATOMIC_XCHG,    /**< src = old value, memory = src. */
	OP_ATOMIC_CMPXCHG, /**< if memory equals r0 then memory = src; r0 = old value. */

	/* jumps: if (dst op src) goto target; bits 32 or 64 */
	OP_JA,
	OP_JEQ,
	OP_JNE,
	OP_JGT,
	OP_JGE,
	OP_JLT,
	OP_JLE,
	OP_JSGT,
	OP_JSGE,
	OP_JSLT,
	OP_JSLE,
	OP_JSET, /**< if (dst & src). */

	OP_CALL_HELPER, /**< Kernel function for programs; imm is its number in the dump. */
	OP_CALL_KFUNC,  /**< Any kernel function; may be bpf_throw. */
	OP_CALL_OWN,    /**< Function of the program, at target. */
	OP_TAIL_CALL,   /**< Leave for slot r3 of the program array r2, or go on. */
	OP_EXIT,
};
#define N_INSN_OPS (OP_EXIT + 1)

/** One decoded instruction; its index is that of its (first) slot in the dump. */
struct insn {
	uint8_t op;    /**< enum insn_op. */
	uint8_t bits;  /**< 8 to 64: width of the operation. */
	uint8_t dst;   /**< Register. */
	uint8_t src;   /**< Register; when has_imm, none. */
	bool has_imm;  /**< The second operand is imm, sign-extended. */
	bool fetch;    /**< Atomic that hands out the old value. */
	uint8_t from;  /**< OP_SEXT, OP_TRUNC, OP_SWAP: 8, 16, 32 or 64. */
	uint8_t slots; /**< 1, or 2. */
	int16_t off;
	uint32_t target; /**< Of jumps, own calls, OP_FUNC: index; else INSN_NOWHERE. */
	int64_t imm;
	union {
		int64_t extra;   /**< OP_MAP_VALUE: offset into the value. */
		const char *why; /**< OP_BAD: static text. */
	};
};

/** A decoded program. */
struct decoded {
	struct insn *insns;
	uint32_t n;
	bool has_func_ptr;  /**< Some OP_FUNC: callbacks exist. */
	bool has_functions; /**< Own calls or callbacks. */
};

/**
 * Decode a program. What is not understood becomes OP_BAD in its place, so that garbage that
 * cannot be reached does no harm.
 *
 * @param raw    @p n slots of eight bytes, host byte order, any alignment.
 * @param func_insns starts of functions, ascending, settling calls whose distance was cut.
 * @param arena  owns the result.
 * @return 0, -EINVAL when there is nothing to decode, -ENOMEM at the arena's limit.
 */
ATTR_MUSTUSE int insn_decode(const void *raw, uint32_t n, const uint32_t *func_insns,
                             uint32_t n_func_insns, struct arena *arena, struct decoded *ret_code);

/** Visit the numbers of all calls to helpers and kernel functions. @return how many. */
uint32_t insn_calls(const void *raw, uint32_t n, void (*visit)(int32_t imm, void *arg), void *arg);

/** @name Comparing programs that differ in nothing but the ids of their maps. @{ */
/** Maps told apart in one program; the kernel allows as many. Further ones count by their id. */
#define INSN_MAPS 64u

/**
 * @param ret_ids distinct ids of maps in the order of their first use.
 * @return a hash in which each map is named by its place in that order.
 */
uint64_t insn_hash(const void *raw, uint32_t n, uint32_t ret_ids[INSN_MAPS], uint32_t *ret_n_ids);
/** Are programs of @p n slots equal, but for ids of maps, which are those of equal places? */
bool insn_equal(const void *a, const uint32_t *ids_a, const void *b, const uint32_t *ids_b,
                uint32_t n, uint32_t n_ids);
/** @} */

/** @return true for the conditional jumps. */
static inline bool insn_is_branch(const struct insn *in)
{
	return in->op >= OP_JEQ && in->op <= OP_JSET;
}

/** @return true when control never reaches the next instruction. */
static inline bool insn_ends(const struct insn *in)
{
	return in->op == OP_EXIT || in->op == OP_JA || in->op == OP_BAD || in->op == OP_SECOND;
}

/** @return what the operation is called in reasons; static. */
const char *insn_word(const struct insn *in);

#endif
