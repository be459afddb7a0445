/* SPDX-License-Identifier: Apache-2.0 */
/**
 * fuse.h - sequences that compilers write for one operation become that operation.
 */
#ifndef TCAUDIT_ANALYZER_FUSE_H
#define TCAUDIT_ANALYZER_FUSE_H

#include "analyzer/insn.h"

/**
 * Fuse in place. The values of all registers after the last instruction of a sequence stay as they
 * were.
 *
 * @param is_target by instruction: something jumps there.
 */
void fuse_insns(struct decoded *code, const bool *is_target);

#endif
