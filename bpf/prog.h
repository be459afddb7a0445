/* SPDX-License-Identifier: Apache-2.0 */
/**
 * prog.h - one run over programs, its parts; private to bpf/.
 *
 * progs.c drives the closure, prog_info.c makes a row of a program, prog_ask.c asks the kernel,
 * prog_code.c keeps instructions, prog_maps.c reads program arrays, map_facts.c the other maps,
 * ext_links.c what was replaced from outside, prog_names.c replaces names that the kernel cut off
 * by those in BTF, prog_linkage.c tells from BTF which functions can be replaced.
 *
 * Commands of bpf(2) used: PROG_GET_FD_BY_ID, MAP_GET_FD_BY_ID, BTF_GET_FD_BY_ID,
 * LINK_GET_FD_BY_ID, LINK_GET_NEXT_ID, OBJ_GET_INFO_BY_FD, MAP_LOOKUP_ELEM. Libbpf is called only
 * where it adds none (no bpf_object, no feature probes).
 */
#ifndef TCAUDIT_BPF_PROG_H
#define TCAUDIT_BPF_PROG_H

#include "bpf/code.h"
#include "bpf/idmap.h"
#include "bpf/progs.h"
#include "model/snapshot.h"

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_map_info;
struct btf;

/** A name that may be longer in BTF. */
struct prog_want {
	uint32_t btf_id;
	uint32_t type_id; /**< Of the main function. */
	uint32_t row;     /**< Index into snap->progs. */
};

/** Buffers for the kernel's answers about a program, reused; released by progs.c. */
struct prog_room {
	void *insns;
	uint32_t cap_bytes;
	uint32_t *map_ids;
	uint32_t cap_maps;
	struct bpf_func_info *funcs;
	uint32_t cap_funcs;
	bool without_funcs; /**< This kernel's records of functions are not those known here. */
};

/** What the kernel said of a program; points into the room, until the next one is asked for. */
struct prog_answer {
	struct bpf_prog_info info; /**< Lengths are those of the program. */
	/**
	 * info.xlated_prog_len bytes; NULL when not asked for, withheld or longer than the bound.
	 */
	const void *insns;
	uint32_t *map_ids; /**< info.nr_map_ids. */
	const struct bpf_func_info *funcs;
	uint32_t n_funcs; /**< 0: not known. */
};

/** Content of a program array while it is read. */
struct map_slots {
	const struct verdict_slot *rows; /**< By index ascending. */
	uint32_t n;
	bool all; /**< There are no others. */
};

/** Programs of one program array: a range of progs_run.targets; empty for other maps. */
struct prog_array {
	uint32_t first, n;
};

/** Vectors are charged to the snapshot's arena and released by progs.c. */
struct progs_run {
	struct snapshot *snap;
	struct code_facts *code; /**< NULL: instructions are not wanted. */
	int64_t boot_ns; /**< CLOCK_REALTIME minus CLOCK_BOOTTIME at the start of the run. */

	struct idmap known; /**< Program ids queued or done -> index into queue. */
	uint32_t *queue;    /**< Row i of it becomes row first_row + i of snap->progs. */
	uint32_t n_queue, cap_queue;
	uint32_t n_read;    /**< Of the queue. */
	uint32_t first_row; /**< Rows of snap->progs before this run. */

	struct idmap maps; /**< Map id -> index into arrays. */
	struct prog_array *arrays;
	uint32_t n_arrays, cap_arrays;
	uint32_t *targets;
	uint32_t n_targets, cap_targets;
	uint32_t n_slots; /**< Slots looked at. */

	struct verdict_slot *slots; /**< Of the map being read. */
	uint32_t n_slot_rows, cap_slots;

	struct prog_want *wants;
	uint32_t n_wants, cap_wants;

	struct prog_room room;
};

/** Queue a program id unless it is known. @return 0 (also at PROGS_MAX, with a gap), -ENOMEM. */
ATTR_MUSTUSE int progs_queue(struct progs_run *run, uint32_t id);

/**
 * Read one program into a row: everything but its tail calls. Its facts go to run->code.
 *
 * @param row_idx index the row will have in snap->progs.
 * @return 0 (what could not be read is a gap), -ENOMEM.
 */
ATTR_MUSTUSE int prog_read(struct progs_run *run, uint32_t id, uint32_t row_idx,
                           struct snap_prog *row);

/** Fill row->tail_calls from the program arrays among its maps. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int prog_follow(struct progs_run *run, struct snap_prog *row);

/**
 * Ask for everything about a program: one question in the common case.
 *
 * @param with_code whether instructions are wanted.
 * @return 0; -EAGAIN: kept changing; -E2BIG: too many maps; -ENOMEM; the kernel's errno.
 */
ATTR_MUSTUSE int prog_ask(struct prog_room *room, int fd, bool with_code, struct prog_answer *ret);
void prog_room_done(struct prog_room *room);

/** Keep the facts about a program that was read, or say in its row and in a gap why not.
 *  @return 0 or -ENOMEM. */
ATTR_MUSTUSE int prog_code_take(struct progs_run *run, const struct prog_answer *answer,
                                struct snap_prog *row);

/** Note a program without facts: row->returns.reason says why. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int prog_code_none(struct progs_run *run, const struct snap_prog *row);

/** Find replaced functions and queue what replaces them. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int prog_ext_links(struct progs_run *run);

/**
 * Clear has_globals of the programs whose functions are all static, as their BTF says. Needed only
 * where links could not be listed.
 *
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int prog_linkage(struct code_facts *code);

/** Does the text of a map's fdinfo say that it is frozen? */
bool map_is_frozen(const char *fdinfo);

/** Note a map. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int map_facts(struct code_facts *code, int fd, const struct bpf_map_info *info,
                           const struct map_slots *slots);

/** Put the full names into the rows. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int prog_names(struct progs_run *run);

/** @return the BTF of an id, checked by libbpf; NULL: not to be had. */
struct btf *prog_btf_load(uint32_t btf_id);

/** Sort ids ascending. */
void prog_sort_ids(uint32_t *ids, uint32_t n);

/** One gap for everything the kernel refuses for lack of rights, else one for @p where. */
ATTR_MUSTUSE int prog_gap(struct snapshot *snap, const char *what, uint32_t id, int code);

#endif
