/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/prog.h"

#include "model/text.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/** Times a program's sizes may change between two questions (BPF_PROG_BIND_MAP adds maps). */
#define READ_TRIES 4

/** Maps of one program; the verifier's bound is 64 and a few that were bound later. */
#define MAX_MAPS 65536u

#define NS_PER_S INT64_C(1000000000)

static struct snap_returns unknown_because(const char *reason)
{
	return (struct snap_returns){.codes = CODES_ALL, .reason = reason};
}

int prog_gap(struct snapshot *snap, const char *what, uint32_t id, int code)
{
	char where[64];

	if (code == -EPERM) {
		/* The same for every id: one text, so one gap. */
		return snap_add_gap(snap, GAP_PROGS_UNREADABLE, "BPF programs and maps",
		                    "Operation not permitted (CAP_SYS_ADMIN is needed)");
	}
	(void)snprintf(where, sizeof(where), "%s %u", what, id);
	return snap_add_gap(snap, GAP_PROGS_UNREADABLE, where, strerror(-code));
}

/** @return 0 or a negative errno. */
static int ask(int fd, struct bpf_prog_info *info)
{
	uint32_t len = sizeof(*info);

	return bpf_obj_get_info_by_fd(fd, info, &len) < 0 ? -errno : 0;
}

/**
 * Ask for the sizes, make room, ask again, compare.
 *
 * @param sizes the first answer, whole even for a program whose instructions are withheld.
 * @return 0, *ret_maps in the arena; -EAGAIN: kept changing; -ENOMEM; the kernel's errno.
 */
static int ask_all(struct progs_run *run, int fd, struct bpf_prog_info *sizes,
                   struct bpf_prog_info *info, uint32_t **ret_maps)
{
	for (int tries = 0; tries < READ_TRIES; tries++) {
		*sizes = (struct bpf_prog_info){0};

		int r = ask(fd, sizes);

		if (r < 0) {
			return r;
		}
		if (sizes->nr_map_ids > MAX_MAPS) {
			return -E2BIG;
		}
		uint32_t n = sizes->nr_map_ids;
		uint32_t *maps = n ? arena_alloc(&run->snap->arena, n * sizeof(*maps)) : NULL;

		*info = (struct bpf_prog_info){.nr_map_ids = n,
		                               .map_ids = (uint64_t)(uintptr_t)maps};
		if ((n && !maps) || prog_code_prepare(run, sizes, info) < 0) {
			return -ENOMEM;
		}
		r = ask(fd, info);
		if (r < 0) {
			return r;
		}
		if (info->nr_map_ids == n && info->xlated_prog_len == sizes->xlated_prog_len) {
			*ret_maps = maps;
			return 0;
		}
	}
	return -EAGAIN;
}

/** Whole seconds of a load time, as text, so that none is later than the snapshot. NULL: out of
 *  memory. */
static const char *load_text(struct progs_run *run, uint64_t load_ns)
{
	time_t s = (time_t)((run->boot_ns + (int64_t)load_ns) / NS_PER_S);
	struct tm tm;
	char text[32];

	if (!gmtime_r(&s, &tm) || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
		text[0] = '\0';
	}
	return arena_strndup(&run->snap->arena, text, strlen(text));
}

static const char *type_text(struct progs_run *run, uint32_t type)
{
	const char *word = libbpf_bpf_prog_type_str((enum bpf_prog_type)type);

	return word ? word : arena_printf(&run->snap->arena, "type-%u", type);
}

static const char *tag_text(struct progs_run *run, const uint8_t tag[BPF_TAG_SIZE])
{
	char hex[2 * BPF_TAG_SIZE + 1];

	for (size_t i = 0; i < BPF_TAG_SIZE; i++) {
		(void)snprintf(hex + 2 * i, 3, "%02x", tag[i]);
	}
	return arena_strndup(&run->snap->arena, hex, sizeof(hex) - 1);
}

/** Facts of the answer as texts of the row. @return 0 or -ENOMEM. */
static int fill_row(struct progs_run *run, const struct bpf_prog_info *info, uint32_t *maps,
                    struct snap_prog *row)
{
	row->type = type_text(run, info->type);
	row->tag = tag_text(run, info->tag);
	row->loaded_at = load_text(run, info->load_time);
	row->uid = info->created_by_uid;
	if (info->nr_map_ids > 1) {
		prog_sort_ids(maps, info->nr_map_ids);
	}
	row->map_ids = maps;
	row->n_map_ids = info->nr_map_ids;
	if (info->name[0] != '\0') {
		row->name = text_import(&run->snap->arena, info->name, sizeof(info->name));
		if (!row->name) {
			return -ENOMEM;
		}
	}
	return row->type && row->tag && row->loaded_at ? 0 : -ENOMEM;
}

/**
 * Remember that BTF may know a longer name: of a name that fills the kernel's field, or of none.
 * The first record is the main function's. Asked for apart from the instructions, because for
 * withheld ones the kernel leaves out everything after them (bpf_prog_get_info_by_fd()).
 */
static int want_name(struct progs_run *run, int fd, const struct bpf_prog_info *sizes,
                     uint32_t row_idx)
{
	size_t len = strnlen(sizes->name, sizeof(sizes->name));
	struct bpf_func_info func = {0};
	struct bpf_prog_info info = {
		.nr_func_info = 1,
		.func_info_rec_size = sizeof(func),
		.func_info = (uint64_t)(uintptr_t)&func,
	};

	if (sizes->btf_id == 0 || sizes->nr_func_info == 0 ||
	    (len != 0 && len != sizeof(sizes->name) - 1) ||
	    sizes->func_info_rec_size != sizeof(func)) {
		return 0;
	}
	if (ask(fd, &info) < 0 || func.type_id == 0 || func.insn_off != 0) {
		return 0; /* the short name stays */
	}

	void *vec = run->wants;
	int r = arena_reserve(&run->snap->arena, &vec, run->n_wants, &run->cap_wants,
	                      sizeof(*run->wants));

	if (r == 0) {
		run->wants = vec;
		run->wants[run->n_wants++] = (struct prog_want){
			.btf_id = sizes->btf_id, .type_id = func.type_id, .row = row_idx};
	}
	return r;
}

int prog_read(struct progs_run *run, uint32_t id, uint32_t row_idx, struct snap_prog *row)
{
	struct bpf_prog_info sizes = {0};
	struct bpf_prog_info info = {0};
	uint32_t *maps = NULL;

	*row = (struct snap_prog){.id = id};

	int fd = bpf_prog_get_fd_by_id(id);
	int r = fd < 0 ? -errno : ask_all(run, fd, &sizes, &info, &maps);

	if (r == 0) {
		r = fill_row(run, &sizes, maps, row);
		r = r < 0 ? r : want_name(run, fd, &sizes, row_idx);
		r = r < 0 ? r : prog_code_take(run, fd, &sizes, &info, row);
	} else if (r == -ENOENT) {
		row->returns = unknown_because("program is gone"); /* unloaded meanwhile: no gap */
		r = prog_code_none(run, row);
	} else if (r != -ENOMEM) {
		row->returns = unknown_because("program not readable");
		r = prog_gap(run->snap, "program", id, r);
		r = r < 0 ? r : prog_code_none(run, row);
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return r;
}
