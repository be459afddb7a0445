/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/progs.h"

#include "bpf/prog.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)

static int cmp_ids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void prog_sort_ids(uint32_t *ids, uint32_t n)
{
	qsort(ids, n, sizeof(*ids), cmp_ids);
}

/** When the node was started, in nanoseconds since 1970; one value for the whole run. */
static int64_t boot_time(void)
{
	struct timespec now;
	struct timespec up;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0 || clock_gettime(CLOCK_BOOTTIME, &up) < 0) {
		return 0;
	}
	return (now.tv_sec - up.tv_sec) * NS_PER_S + (now.tv_nsec - up.tv_nsec);
}

int progs_queue(struct progs_run *run, uint32_t id)
{
	void *vec = run->queue;

	if (id == 0 || idmap_find(&run->known, id, NULL)) {
		return 0;
	}
	if (run->n_queue == PROGS_MAX) {
		return snap_add_gap(run->snap, GAP_LIMIT, "BPF programs",
		                    "more programs than are read");
	}
	int r = arena_reserve(&run->snap->arena, &vec, run->n_queue, &run->cap_queue,
	                      sizeof(*run->queue));

	if (r < 0) {
		return r;
	}
	run->queue = vec;
	r = idmap_add(&run->known, id, run->n_queue);
	if (r == 0) {
		run->queue[run->n_queue++] = id;
	}
	return r;
}

/** What entries and actions name. */
static int queue_named(struct progs_run *run)
{
	const struct snapshot *snap = run->snap;
	int r = 0;

	for (uint32_t i = 0; i < snap->n_entries && r == 0; i++) {
		r = progs_queue(run, snap->entries[i].prog_id);
	}
	for (uint32_t i = 0; i < snap->n_actions && r == 0; i++) {
		r = progs_queue(run, snap->actions[i].prog_id);
	}
	return r;
}

/** Read the queue while program arrays make it longer. */
static int drain(struct progs_run *run)
{
	while (run->n_read < run->n_queue) {
		uint32_t i = run->n_read++;
		struct snap_prog row;
		int r = prog_read(run, run->queue[i], run->first_row + i, &row);

		r = r < 0 ? r : prog_follow(run, &row);
		r = r < 0 ? r : snap_add_prog(run->snap, &row, NULL);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/** Programs of type EXT cannot be replaced themselves, so one more round is the last. */
static int drain_replacing(struct progs_run *run)
{
	int r = run->code ? prog_ext_links(run) : 0;

	r = r < 0 ? r : drain(run);
	return r < 0 || !run->code ? r : code_seal(run->code);
}

/** tc gives a filter's own name; the other hooks have none but the program's. */
static void name_entries(const struct progs_run *run)
{
	struct snapshot *snap = run->snap;

	for (uint32_t i = 0; i < snap->n_entries; i++) {
		struct snap_entry *entry = &snap->entries[i];
		uint32_t at;

		if (!entry->is_filter && !entry->name && entry->prog_id != 0 &&
		    idmap_find(&run->known, entry->prog_id, &at)) {
			entry->name = snap->progs[run->first_row + at].name;
		}
	}
}

static void progs_run_done(struct progs_run *run)
{
	struct arena *arena = &run->snap->arena;
	void *vec = run->queue;

	arena_release(arena, &vec, &run->cap_queue, sizeof(*run->queue));
	vec = run->arrays;
	arena_release(arena, &vec, &run->cap_arrays, sizeof(*run->arrays));
	vec = run->targets;
	arena_release(arena, &vec, &run->cap_targets, sizeof(*run->targets));
	vec = run->slots;
	arena_release(arena, &vec, &run->cap_slots, sizeof(*run->slots));
	vec = run->wants;
	arena_release(arena, &vec, &run->cap_wants, sizeof(*run->wants));
	idmap_done(&run->known);
	idmap_done(&run->maps);
	prog_room_done(&run->room);
}

int progs_collect(struct snapshot *snap, uint32_t more, struct code_facts *code)
{
	struct progs_run run = {
		.snap = snap,
		.code = code,
		.boot_ns = boot_time(),
		.first_row = snap->n_progs,
	};
	int r = queue_named(&run);

	r = r < 0 ? r : progs_queue(&run, more); /* 0 is never queued */
	r = r < 0 ? r : drain(&run);
	r = r < 0 ? r : drain_replacing(&run);
	r = r < 0 ? r : prog_names(&run);
	if (r == 0) {
		name_entries(&run);
	}
	progs_run_done(&run);
	return r;
}
