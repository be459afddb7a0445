/* SPDX-License-Identifier: Apache-2.0 */
/**
 * code.h - the facts that the analysis of return codes needs, gathered while programs are read.
 *
 * Filled by progs_collect(), completed by code_seal() and symbols_read(), read by cli/, dropped
 * after the analysis: instructions are the largest thing that a run holds.
 */
#ifndef TCAUDIT_BPF_CODE_H
#define TCAUDIT_BPF_CODE_H

#include "bpf/idmap.h"
#include "model/arena.h"
#include "model/attrs.h"
#include "model/code.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Most memory for the facts of one run. What no longer fits is "not readable", with a gap. */
#define CODE_ARENA_BYTES ((size_t)256 << 20)

/** Largest content of a read-only map that is kept. */
#define CODE_MAX_FROZEN ((uint32_t)1 << 20)

/** Instructions that one or more programs have. */
struct code_stream {
	const void *insns;
	uint32_t n_insns;
	uint64_t hash;
	uint32_t next; /**< Another stream of the same bucket, index + 1; 0: none. */
};

/** Functions of one program: a parallel to verdict_prog.func_insns. */
struct code_funcs {
	const uint32_t *type_ids; /**< In its BTF. */
	uint32_t btf_id;          /**< 0: it has none. */
};

/** A function that was replaced: one tracing link. */
struct code_ext {
	uint32_t target; /**< Id of the program whose function it is; 0: the kernel does not say. */
	uint32_t type_id;
	uint32_t prog_id; /**< Of type EXT. */
};

/** Rows of env are those of the vectors below once code_seal() has run. */
struct code_facts {
	struct arena arena;
	struct verdict_env env;

	struct verdict_prog *progs;
	struct code_funcs *funcs; /**< One for each of progs. */
	uint32_t n_progs, cap_progs, cap_funcs;
	struct idmap prog_of; /**< Program id -> index into progs. */

	struct verdict_map *maps;
	uint32_t n_maps, cap_maps;

	struct code_stream *streams;
	uint32_t n_streams, cap_streams;
	struct idmap buckets; /**< Folded hash -> index + 1 of a stream. */

	struct code_ext *exts;
	uint32_t n_exts, cap_exts;
	bool links_read; /**< exts are all there are. */

	struct verdict_symbol *symbols;
	uint32_t n_symbols, cap_symbols;
};

/** @param limit_bytes CODE_ARENA_BYTES unless a test wants less. */
void code_init(struct code_facts *code, size_t limit_bytes);

/** Free everything; zeroed and half-built ones are fine. */
void code_done(struct code_facts *code);

/**
 * Keep instructions, equal ones once.
 *
 * @return the kept copy; NULL at the limit.
 */
ATTR_MUSTUSE const void *code_keep(struct code_facts *code, const void *insns, uint32_t n_insns);

/** Append a program that is not there yet. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int code_add_prog(struct code_facts *code, const struct verdict_prog *row,
                               struct code_funcs funcs);

/** Append a map that is not there yet. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int code_add_map(struct code_facts *code, const struct verdict_map *row);

/** Append a replaced function. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int code_add_ext(struct code_facts *code, const struct code_ext *row);

/**
 * Connect replaced functions with the programs they are in, sort everything and point env to it.
 * Symbols may follow (symbols_read()).
 *
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int code_seal(struct code_facts *code);

#endif
