/* SPDX-License-Identifier: Apache-2.0 */
/**
 * code.h - what the collector saw of programs' instructions and of what they refer to, and the
 * paths that the analysis found through them, as plain data.
 *
 * bpf/ fills the facts, analyzer/verdict.h turns them into verdicts, cli/ keeps the paths in the
 * snapshot. Only the paths outlive the analysis.
 */
#ifndef TCAUDIT_MODEL_CODE_H
#define TCAUDIT_MODEL_CODE_H

#include "model/codes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How the result of a program is read. */
enum verdict_lang {
	VERDICT_TC,  /**< Low 32 bits of r0, signed: code_of_result(). */
	VERDICT_XDP, /**< The same bits by code_of_xdp_result(). */
};

/** A kernel function that calls can name. */
struct verdict_symbol {
	int32_t imm;      /**< Of the call: its address minus that of __bpf_call_base. */
	const char *name; /**< As in /proc/kallsyms. */
};

/** A filled slot of a program array. */
struct verdict_slot {
	uint32_t index;
	uint32_t prog_id;
};

/** What is known of a map. */
struct verdict_map {
	uint32_t id;
	uint32_t type; /**< enum bpf_map_type of the kernel: 3 is a program array. */
	uint32_t value_size;
	uint32_t max_entries;
	/**
	 * value_size bytes of key 0, when the map is frozen AND BPF_F_RDONLY_PROG; else NULL. Both
	 * conditions are needed: without the second the program may write itself.
	 */
	const void *frozen;
	bool slots_read;                  /**< Program array: slots is all there is. */
	const struct verdict_slot *slots; /**< By index ascending; absent ones are empty. */
	uint32_t n_slots;
};

/** A function that a program of type EXT has replaced. */
struct verdict_replaced {
	uint32_t insn;    /**< Where the replaced function starts (its func_info offset). */
	uint32_t prog_id; /**< The EXT program; if it is not in the environment: unknown result. */
};

/** What is known of a program. */
struct verdict_prog {
	uint32_t id;
	enum verdict_lang lang;
	/**
	 * struct bpf_insn as BPF_OBJ_GET_INFO_BY_FD hands them out, host byte order; NULL when they
	 * were not readable, then unreadable says why.
	 */
	const void *insns;
	uint32_t n_insns;        /**< Eight-byte slots. */
	const char *unreadable;  /**< Why insns is NULL, or NULL. */
	const uint32_t *map_ids; /**< Every map of the program, any order. */
	uint32_t n_map_ids;
	const uint32_t
		*func_insns; /**< Starts of its functions from func_info, ascending, or NULL. */
	uint32_t n_func_insns;
	/**
	 * It has functions of global linkage, or its func_info was not readable: replaced functions
	 * matter. False for programs without BTF: the kernel cannot replace in these.
	 */
	bool has_globals;
	bool links_read; /**< All links were listed, so replaced is complete. */
	const struct verdict_replaced *replaced; /**< By insn ascending. */
	uint32_t n_replaced;
};

/** All facts. Rows are sorted ascending by id, or by imm. Nothing is copied or changed. */
struct verdict_env {
	const struct verdict_prog *progs;
	uint32_t n_progs;
	const struct verdict_map *maps;
	uint32_t n_maps;
	const struct verdict_symbol *symbols; /**< Equal imm may repeat (one address, two names). */
	uint32_t n_symbols;
};

/** One step of a path, for listings. */
enum verdict_step_kind {
	VERDICT_STEP_TAKEN,     /**< Conditional jump at pc, taken. */
	VERDICT_STEP_NOT_TAKEN, /**< Conditional jump at pc, not taken. */
	VERDICT_STEP_CALL,      /**< Own function called at pc; what follows is inside it. */
	VERDICT_STEP_RETURN,    /**< Back behind the call at pc. */
	VERDICT_STEP_TAIL,      /**< Tail call at pc; the next steps are in another program. */
	VERDICT_STEP_TAIL_FAIL, /**< Tail call at pc that fails. */
	VERDICT_STEP_THROW,     /**< bpf_throw at pc. */
	VERDICT_STEP_EXIT,      /**< Exit at pc; the last step (or a return's inner end). */
};
#define N_VERDICT_STEPS (VERDICT_STEP_EXIT + 1)

struct verdict_step {
	enum verdict_step_kind kind;
	uint32_t prog_id;
	uint32_t pc; /**< Index of the eight-byte slot in that program. */
};

/** A shortest known path that ends with a code. */
struct verdict_path {
	enum code code;
	const struct verdict_step *steps; /**< First to last. */
	uint32_t n_steps;
	bool cut; /**< Longer than VERDICT_PATH_STEPS: only the last ones are kept. */
	/**
	 * The exit it reaches gives several codes, because paths were joined on the way: the path
	 * is one of those joined, not surely the one with this code.
	 */
	bool shared;
};

/** @return "taken", "not-taken", "call", "return", "tail", "tail-fail", "throw", "exit". Static. */
const char *verdict_step_word(enum verdict_step_kind kind);
bool verdict_step_from_word(const char *word, enum verdict_step_kind *ret_kind);

#endif
