/* SPDX-License-Identifier: Apache-2.0 */
/**
 * prog.h - one run over programs, its parts; private to bpf/.
 *
 * progs.c drives the closure, prog_info.c reads one program, prog_maps.c reads program arrays,
 * prog_names.c replaces names that the kernel cut off by those in BTF.
 *
 * Commands of bpf(2) used: PROG_GET_FD_BY_ID, MAP_GET_FD_BY_ID, BTF_GET_FD_BY_ID,
 * OBJ_GET_INFO_BY_FD, MAP_LOOKUP_ELEM. Libbpf is called only where it adds none (no
 * bpf_object, no feature probes).
 */
#ifndef TCAUDIT_BPF_PROG_H
#define TCAUDIT_BPF_PROG_H

#include "bpf/idmap.h"
#include "bpf/progs.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A name that may be longer in BTF. */
struct prog_want {
	uint32_t btf_id;
	uint32_t type_id; /**< Of the main function. */
	uint32_t row;     /**< Index into snap->progs. */
};

/** Programs of one program array: a range of progs_run.targets; empty for other maps. */
struct prog_array {
	uint32_t first, n;
};

/** Vectors are charged to the snapshot's arena and released by progs.c. */
struct progs_run {
	struct snapshot *snap;
	progs_code_fn *code;
	void *arg;
	int64_t boot_ns; /**< CLOCK_REALTIME minus CLOCK_BOOTTIME at the start of the run. */

	struct idmap known; /**< Program ids queued or done -> index into queue. */
	uint32_t *queue;    /**< Row i of it becomes row first_row + i of snap->progs. */
	uint32_t n_queue, cap_queue;
	uint32_t first_row; /**< Rows of snap->progs before this run. */

	struct idmap maps; /**< Map id -> index into arrays. */
	struct prog_array *arrays;
	uint32_t n_arrays, cap_arrays;
	uint32_t *targets;
	uint32_t n_targets, cap_targets;
	uint32_t n_slots; /**< Slots looked at. */

	struct prog_want *wants;
	uint32_t n_wants, cap_wants;

	void *insns; /**< Buffer for instructions, reused. */
	size_t cap_insns;
};

/** Queue a program id unless it is known. @return 0 (also at PROGS_MAX, with a gap), -ENOMEM. */
ATTR_MUSTUSE int progs_queue(struct progs_run *run, uint32_t id);

/**
 * Read one program into a row: everything but its tail calls. Calls run->code.
 *
 * @param row_idx index the row will have in snap->progs.
 * @return 0 (what could not be read is a gap), -ENOMEM.
 */
ATTR_MUSTUSE int prog_read(struct progs_run *run, uint32_t id, uint32_t row_idx,
                           struct snap_prog *row);

/** Fill row->tail_calls from the program arrays among its maps. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int prog_follow(struct progs_run *run, struct snap_prog *row);

/** Put the full names into the rows. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int prog_names(struct progs_run *run);

/** Sort ids ascending. */
void prog_sort_ids(uint32_t *ids, uint32_t n);

/** One gap for everything the kernel refuses for lack of rights, else one for @p where. */
ATTR_MUSTUSE int prog_gap(struct snapshot *snap, const char *what, uint32_t id, int code);

#endif
