/* SPDX-License-Identifier: Apache-2.0 */
/**
 * transfer.h - what the operations on registers do to values. Pure.
 */
#ifndef TCAUDIT_ANALYZER_TRANSFER_H
#define TCAUDIT_ANALYZER_TRANSFER_H

#include "analyzer/insn.h"
#include "analyzer/value.h"

/**
 * @param op   OP_ADD to OP_ARSH.
 * @param bits 32 or 64; 32 reads the low halves and clears the upper half of the result.
 * @return every number that the operation can give for numbers of @p a and @p b.
 */
struct value transfer_binary(enum insn_op op, unsigned int bits, const struct value *a,
                             const struct value *b);

/**
 * @param op   OP_MOV, OP_NEG, OP_SEXT, OP_TRUNC, OP_SWAP.
 * @param from bits that the last three read.
 */
struct value transfer_unary(enum insn_op op, unsigned int bits, unsigned int from,
                            const struct value *a);

/** The operation on two numbers, as the kernel's interpreter does it. */
uint64_t transfer_number(enum insn_op op, unsigned int bits, uint64_t a, uint64_t b);

#endif
