/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/prog.h"

#include "model/text.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** Append to a vector of ids. @return 0 or -ENOMEM. */
static int append(struct arena *arena, uint32_t **ids, uint32_t *n, uint32_t *cap, uint32_t id)
{
	void *vec = *ids;
	int r = arena_reserve(arena, &vec, *n, cap, sizeof(**ids));

	if (r == 0) {
		*ids = vec;
		(*ids)[(*n)++] = id;
	}
	return r;
}

static int append_slot(struct progs_run *run, uint32_t index, uint32_t prog_id)
{
	void *vec = run->slots;
	int r = arena_reserve(&run->snap->arena, &vec, run->n_slot_rows, &run->cap_slots,
	                      sizeof(*run->slots));

	if (r == 0) {
		run->slots = vec;
		run->slots[run->n_slot_rows++] =
			(struct verdict_slot){.index = index, .prog_id = prog_id};
	}
	return r < 0 ? r
	             : append(&run->snap->arena, &run->targets, &run->n_targets, &run->cap_targets,
	                      prog_id);
}

/** How many slots of an array may still be read. */
static uint32_t slots_left(const struct progs_run *run, uint32_t want)
{
	uint32_t left = PROGS_MAX_SLOTS - run->n_slots;

	return want < left ? want : left;
}

/**
 * Read a program array slot by slot: it has no batch operation, and walking its keys visits empty
 * slots as well. A value is a program id, an empty slot gives ENOENT.
 *
 * @param ret_all whether every slot was read.
 */
static int read_slots(struct progs_run *run, int fd, uint32_t map_id, uint32_t n_slots,
                      bool *ret_all)
{
	uint32_t n = slots_left(run, n_slots);
	char where[32];

	run->n_slots += n;
	for (uint32_t key = 0; key < n; key++) {
		uint32_t prog_id = 0;
		int r = 0;

		if (bpf_map_lookup_elem(fd, &key, &prog_id) == 0) {
			r = prog_id ? append_slot(run, key, prog_id) : 0;
		} else if (errno != ENOENT) {
			return prog_gap(run->snap, "program array", map_id, -errno);
		}
		if (r < 0) {
			return r;
		}
	}
	if (n == n_slots) {
		*ret_all = true;
		return 0;
	}
	(void)snprintf(where, sizeof(where), "program array %u", map_id);
	return snap_add_gap(run->snap, GAP_LIMIT, where, "not all of its slots were read");
}

/** A row for a map; without name and type where the kernel did not tell them. */
static int add_row(struct snapshot *snap, uint32_t id, const struct bpf_map_info *info)
{
	struct snap_map row = {.id = id};

	if (info && info->name[0] != '\0') {
		row.name = text_import(&snap->arena, info->name, sizeof(info->name));
		if (!row.name) {
			return -ENOMEM;
		}
	}
	if (info) {
		row.type = libbpf_bpf_map_type_str((enum bpf_map_type)info->type);
		row.type = row.type ? row.type : arena_printf(&snap->arena, "type-%u", info->type);
		if (!row.type) {
			return -ENOMEM;
		}
	}
	return snap_add_map(snap, &row, NULL);
}

/** Read what matters of a map: programs of an array, facts of any. A map that is gone went with its
 * programs. */
static int read_map(struct progs_run *run, uint32_t id)
{
	struct bpf_map_info info = {0};
	uint32_t len = sizeof(info);
	int fd = bpf_map_get_fd_by_id(id);

	if (fd < 0) {
		return errno == ENOENT ? 0 : prog_gap(run->snap, "map", id, -errno);
	}

	struct map_slots slots = {0};
	bool known = bpf_obj_get_info_by_fd(fd, &info, &len) == 0;
	int r = known ? 0 : prog_gap(run->snap, "map", id, -errno);

	r = r < 0 ? r : add_row(run->snap, id, known ? &info : NULL);

	run->n_slot_rows = 0;
	if (r == 0 && known && info.type == BPF_MAP_TYPE_PROG_ARRAY) {
		r = read_slots(run, fd, id, info.max_entries, &slots.all);
	}
	if (r == 0 && known && run->code) {
		slots.rows = run->slots;
		slots.n = run->n_slot_rows;
		r = map_facts(run->code, fd, &info, &slots);
	}
	(void)close(fd);
	return r;
}

/** Remove doubles from sorted ids. @return how many are left. */
static uint32_t unique(uint32_t *ids, uint32_t n)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (kept == 0 || ids[kept - 1] != ids[i]) {
			ids[kept++] = ids[i];
		}
	}
	return kept;
}

/** The programs of a map, read once in a run. */
static int map_programs(struct progs_run *run, uint32_t id, struct prog_array *ret)
{
	uint32_t at;

	if (idmap_find(&run->maps, id, &at)) {
		*ret = run->arrays[at];
		return 0;
	}

	struct prog_array array = {.first = run->n_targets};
	void *vec = run->arrays;
	int r = arena_reserve(&run->snap->arena, &vec, run->n_arrays, &run->cap_arrays,
	                      sizeof(*run->arrays));

	if (r < 0) {
		return r;
	}
	run->arrays = vec;
	r = read_map(run, id);
	r = r < 0 ? r : idmap_add(&run->maps, id, run->n_arrays);
	if (r < 0) {
		return r;
	}
	if (run->n_targets > array.first) {
		array.n = run->n_targets - array.first;
		prog_sort_ids(run->targets + array.first, array.n);
		array.n = unique(run->targets + array.first, array.n);
		run->n_targets = array.first + array.n;
	}
	run->arrays[run->n_arrays++] = array;
	*ret = array;
	return 0;
}

/** Union of the arrays of the row's maps, in the snapshot's arena. */
static int join(struct progs_run *run, struct snap_prog *row, uint32_t n)
{
	uint32_t *ids = arena_alloc(&run->snap->arena, n * sizeof(*ids));
	uint32_t at = 0;

	if (!ids) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < row->n_map_ids; i++) {
		struct prog_array array;
		int r = map_programs(run, row->map_ids[i], &array);

		if (r < 0) {
			return r;
		}
		for (uint32_t k = 0; k < array.n; k++) {
			ids[at++] = run->targets[array.first + k];
		}
	}
	prog_sort_ids(ids, n);
	row->tail_calls = ids;
	row->n_tail_calls = unique(ids, n);
	return 0;
}

int prog_follow(struct progs_run *run, struct snap_prog *row)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < row->n_map_ids; i++) {
		struct prog_array array;
		int r = map_programs(run, row->map_ids[i], &array);

		if (r < 0) {
			return r;
		}
		n += array.n;
	}

	int r = n ? join(run, row, n) : 0;

	for (uint32_t i = 0; i < row->n_tail_calls && r == 0; i++) {
		r = progs_queue(run, row->tail_calls[i]);
	}
	return r;
}
