/* SPDX-License-Identifier: Apache-2.0 */
/**
 * source.h - instructions and source lines of one loaded program, for listings.
 *
 * Read again when a listing asks: a program never changes while its id lives.
 */
#ifndef TCAUDIT_BPF_SOURCE_H
#define TCAUDIT_BPF_SOURCE_H

#include "model/attrs.h"

#include <stdint.h>

struct btf;

/** Where a line of the source begins in the instructions. */
struct source_mark {
	uint32_t insn; /**< First instruction of it. */
	uint32_t line; /**< Number in its file, 0 when not known. */
	const char *text;
	const char *file; /**< Texts point into the BTF; any bytes. */
};

/** Zero-initialised: nothing is known. */
struct source {
	void *insns;
	uint32_t n_insns;
	uint32_t *func_insns; /**< Starts of functions, ascending; NULL without BTF. */
	uint32_t n_func_insns;
	struct source_mark *marks; /**< By insn ascending. */
	uint32_t n_marks;
	struct btf *btf;
};

/**
 * Read what can be read of a program; without instructions there is nothing else either.
 *
 * @return 0, -ENOMEM, or the kernel's errno; @p ret can be given to source_done() either way.
 */
ATTR_MUSTUSE int source_read(uint32_t prog_id, struct source *ret);
void source_done(struct source *source);

/** @return the line that instruction @p insn belongs to; NULL when that is not known. */
const struct source_mark *source_at(const struct source *source, uint32_t insn);

#endif
