/* SPDX-License-Identifier: Apache-2.0 */
/**
 * progs.h - the programs behind the entries, and those their program arrays lead to.
 */
#ifndef TCAUDIT_BPF_PROGS_H
#define TCAUDIT_BPF_PROGS_H

#include "model/snapshot.h"

#include <stdint.h>

struct code_facts;

/** Bounds; reaching one is a gap. */
#define PROGS_MAX        65536u
#define PROGS_MAX_SLOTS  4194304u          /**< Program array slots read in one run. */
#define PROGS_MAX_XLATED ((size_t)8 << 20) /**< Bytes of instructions of one program. */
#define PROGS_MAX_LINKS  1048576u          /**< BPF links of the node. */
#define PROGS_MAX_FUNCS  65536u            /**< Functions of one program. */

/**
 * Append a row for each program that an entry or action names, then follow program arrays, and
 * programs that replace functions of these, to a fixed point. Entries of TCX, netkit and XDP
 * without a name get their program's.
 * All rows have returns unknown; those that could not be read with the reason, and a gap.
 *
 * @param more one more program to read, wherever it is; 0: none.
 * @param code initialised by the caller, sealed on success; NULL: no instructions are asked for.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int progs_collect(struct snapshot *snap, uint32_t more, struct code_facts *code);

#endif
