/* SPDX-License-Identifier: Apache-2.0 */
/**
 * progs.h - the programs behind the entries, and those their program arrays lead to.
 */
#ifndef TCAUDIT_BPF_PROGS_H
#define TCAUDIT_BPF_PROGS_H

#include "model/snapshot.h"

#include <stdint.h>

/** Bounds; reaching one is a gap. */
#define PROGS_MAX        65536u
#define PROGS_MAX_SLOTS  4194304u          /**< Program array slots read in one run. */
#define PROGS_MAX_XLATED ((size_t)8 << 20) /**< Bytes of instructions of one program. */

/**
 * Called once for each program whose instructions the kernel handed out.
 *
 * @param insns  struct bpf_insn as in the dump; valid during the call only.
 * @param row    the program's row; the callee sets row->returns (strings in snap->arena).
 */
typedef int progs_code_fn(const void *insns, uint32_t bytes, struct snap_prog *row,
                          struct snapshot *snap, void *arg);

/**
 * Append a row for each program that an entry or action names, then follow program arrays to a
 * fixed point. Entries of TCX, netkit and XDP without a name get their program's.
 * Rows of programs that could not be read keep their id and have returns unknown, with a gap.
 *
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int progs_collect(struct snapshot *snap, progs_code_fn *code, void *arg);

#endif
