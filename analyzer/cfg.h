/* SPDX-License-Identifier: Apache-2.0 */
/**
 * cfg.h - basic blocks of a decoded program, their order, and what is live in them.
 *
 * Blocks of all functions share one table; a jump between functions, which only garbage has, is an
 * edge like any other.
 */
#ifndef TCAUDIT_ANALYZER_CFG_H
#define TCAUDIT_ANALYZER_CFG_H

#include "analyzer/insn.h"
#include "model/arena.h"

#include <stdbool.h>
#include <stdint.h>

#define CFG_NONE UINT32_MAX

/** Stack bytes are live by groups of eight, from 1024 below the frame's top upwards. */
#define LIVE_GROUPS 128
#define LIVE_LOWEST (-1024)

/** What a program may still read. A set bit may be wrong; a clear one only loses precision. */
struct live {
	uint16_t regs;
	uint64_t stack[LIVE_GROUPS / 64]; /**< Groups of the running function's frame. */
	uint64_t ctx;                     /**< Context cells by a hash of their offset. */
};

/** A run of instructions that is entered only at its first one. */
struct block {
	uint32_t first, last; /**< Instructions, inclusive. */
	uint32_t fall;        /**< Block after it, or CFG_NONE. */
	uint32_t jump;        /**< Block its last instruction jumps to, or CFG_NONE. */
	uint32_t n_preds;     /**< Edges into it; entries count one more. */
	uint32_t order;       /**< Place in reverse post-order. */
	bool loop_head;       /**< An edge that goes back ends here. */
	bool orphan;          /**< Nothing leads here: an exception handler, or garbage. */
	struct live in;       /**< At its beginning. */
	struct live result;   /**< What may be copied to r0 before an exit. */
};

/** The graph of one program. */
struct cfg {
	struct block *blocks;
	uint32_t n;
	uint32_t *block_of; /**< By instruction: the block it begins, or CFG_NONE. */
};

/** What an instruction was seen to read, from a first pass. */
struct reads {
	uint64_t stack[LIVE_GROUPS / 64];
	uint64_t ctx;
};

/** @return 0 or -ENOMEM. */
ATTR_MUSTUSE int cfg_build(const struct decoded *code, struct arena *arena, struct cfg *ret_cfg);

/**
 * Fill block.in and block.result.
 *
 * @param reads by instruction, or NULL: every memory byte counts as read.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int live_compute(const struct decoded *code, const struct reads *reads,
                              struct arena *arena, struct cfg *cfg);

/** Bit of a context cell in live.ctx. */
static inline uint64_t live_ctx_bit(int64_t off)
{
	return UINT64_C(1) << (((uint64_t)off >> 2) & 63);
}

#endif
