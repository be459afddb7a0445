/* SPDX-License-Identifier: Apache-2.0 */
/**
 * canned.h - small programs whose return codes are known, for mkfilter.
 *
 * Each row says what the program does; `canned_load()` makes the maps that it needs. Map
 * descriptors are put into the first slot of the two-slot loads.
 */
#ifndef TCAUDIT_TESTS_TOOLS_CANNED_H
#define TCAUDIT_TESTS_TOOLS_CANNED_H

#include "model/attrs.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>

#define CANNED_MAX_INSNS 16
#define CANNED_SLOTS     2u

/** The map that a program refers to. */
enum canned_map {
	CANNED_NO_MAP,
	CANNED_PROGS,  /**< Slot 0: a program that returns 2; slot 1 is empty. */
	CANNED_VALUES, /**< One number, which anybody may change. */
	CANNED_FROZEN, /**< One number, 7, which nobody can change. */
};

struct canned {
	const char *name;
	enum canned_map map;
	struct bpf_insn
		insns[CANNED_MAX_INSNS]; /**< Ends at the first zeroed row behind an exit. */
	uint32_t n;
};

/* clang-format off */
#define C_MOV(d, i)      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (d), .imm = (i)}
#define C_COPY(d, s)     {.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (d), .src_reg = (s)}
#define C_ADD(d, i)      {.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = (d), .imm = (i)}
#define C_LOAD(d, s, o)  {.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = (d), .src_reg = (s), .off = (o)}
#define C_STORE(d, o, i) {.code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = (d), .off = (o), .imm = (i)}
#define C_JGT(d, i, o)   {.code = BPF_JMP | BPF_JGT | BPF_K, .dst_reg = (d), .imm = (i), .off = (o)}
#define C_JEQ(d, i, o)   {.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = (d), .imm = (i), .off = (o)}
#define C_CALL(f)        {.code = BPF_JMP | BPF_CALL, .imm = (f)}
#define C_MAP(d, kind)   {.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = (d), .src_reg = (kind)}, {0}
#define C_EXIT           {.code = BPF_JMP | BPF_EXIT}

static const struct canned canned_rows[] = {
	/* skb->len > 1000 ? 0 : -1 */
	{"length", CANNED_NO_MAP,
	 {C_LOAD(0, 1, 0), C_JGT(0, 1000, 2), C_MOV(0, -1), C_EXIT, C_MOV(0, 0), C_EXIT}, 6},
	/* return bpf_redirect(1, 0) */
	{"redirect", CANNED_NO_MAP,
	 {C_MOV(1, 1), C_MOV(2, 0), C_CALL(BPF_FUNC_redirect), C_EXIT}, 4},
	/* bpf_tail_call(skb, progs, 0); return -1 */
	{"tail", CANNED_PROGS,
	 {C_MAP(2, BPF_PSEUDO_MAP_FD), C_MOV(3, 0), C_CALL(BPF_FUNC_tail_call), C_MOV(0, -1), C_EXIT}, 6},
	/* the same with the empty slot */
	{"tail-empty", CANNED_PROGS,
	 {C_MAP(2, BPF_PSEUDO_MAP_FD), C_MOV(3, 1), C_CALL(BPF_FUNC_tail_call), C_MOV(0, -1), C_EXIT}, 6},
	/* lookup(values, 0): absent or 0 gives 2, else -1 */
	{"map", CANNED_VALUES,
	 {C_STORE(10, -4, 0), C_COPY(2, 10), C_ADD(2, -4), C_MAP(1, BPF_PSEUDO_MAP_FD),
	  C_CALL(BPF_FUNC_map_lookup_elem), C_JEQ(0, 0, 4), C_LOAD(0, 0, 0), C_JEQ(0, 0, 2),
	  C_MOV(0, -1), C_EXIT, C_MOV(0, 2), C_EXIT}, 13},
	/* return values[0]: whatever somebody writes there */
	{"value", CANNED_VALUES,
	 {C_MAP(1, BPF_PSEUDO_MAP_VALUE), C_LOAD(0, 1, 0), C_EXIT}, 4},
	/* the same of a constant map */
	{"constant", CANNED_FROZEN,
	 {C_MAP(1, BPF_PSEUDO_MAP_VALUE), C_LOAD(0, 1, 0), C_EXIT}, 4},
};
/* clang-format on */

/** @return a program that returns @p code. */
static inline int canned_number(enum bpf_prog_type type, const char *name, int32_t code)
{
	const struct bpf_insn insns[] = {C_MOV(0, code), C_EXIT};

	return bpf_prog_load(type, name, "Apache-2.0", insns, COUNT_OF(insns), NULL);
}

/** @return a map as a canned program wants it, or -1 with errno. */
static inline int canned_map(enum canned_map kind, enum bpf_prog_type type)
{
	const struct bpf_map_create_opts constant = {.sz = sizeof(constant),
	                                             .map_flags = BPF_F_RDONLY_PROG};
	const uint32_t zero = 0;
	const uint32_t number = kind == CANNED_FROZEN ? 7 : 0;
	int map = kind == CANNED_PROGS ? bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "canned_progs", 4,
	                                                4, CANNED_SLOTS, NULL)
	                               : bpf_map_create(BPF_MAP_TYPE_ARRAY, "canned_value", 4, 4, 1,
	                                                kind == CANNED_FROZEN ? &constant : NULL);
	int value = map < 0                ? -1
	            : kind == CANNED_PROGS ? canned_number(type, "canned_target", 2)
	                                   : (int)number;

	if (map < 0 || value < 0 || bpf_map_update_elem(map, &zero, &value, BPF_ANY) < 0 ||
	    (kind == CANNED_FROZEN && bpf_map_freeze(map) < 0)) {
		return -1;
	}
	return map;
}

/**
 * Load a canned program.
 *
 * @param pin_map keep its map there, or NULL: then a program array is emptied when the caller ends.
 * @return its descriptor, or -1 with errno; EINVAL for a name that is not in the table.
 */
static inline int canned_load(enum bpf_prog_type type, const char *kind, const char *name,
                              const char *pin_map)
{
	for (size_t i = 0; i < COUNT_OF(canned_rows); i++) {
		const struct canned *row = &canned_rows[i];
		struct bpf_insn insns[CANNED_MAX_INSNS];
		int map = -1;

		if (strcmp(row->name, kind) != 0) {
			continue;
		}
		memcpy(insns, row->insns, sizeof(insns));
		if (row->map != CANNED_NO_MAP) {
			map = canned_map(row->map, type);
			if (map < 0 || (pin_map && bpf_obj_pin(map, pin_map) < 0)) {
				return -1;
			}
		}
		for (uint32_t k = 0; k < row->n; k++) {
			if (insns[k].code == (BPF_LD | BPF_IMM | BPF_DW)) {
				insns[k].imm = map;
			}
		}
		return bpf_prog_load(type, name, "GPL", insns, row->n, NULL);
	}
	errno = EINVAL;
	return -1;
}

#endif
