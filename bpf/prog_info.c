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
static int fill_row(struct progs_run *run, const struct prog_answer *answer, struct snap_prog *row)
{
	const struct bpf_prog_info *info = &answer->info;
	uint32_t n = info->nr_map_ids;
	uint32_t *maps = n > 0 ? arena_alloc(&run->snap->arena, n * sizeof(*maps)) : NULL;

	if (n > 0 && !maps) {
		return -ENOMEM;
	}
	if (n > 0) {
		memcpy(maps, answer->map_ids, n * sizeof(*maps));
		prog_sort_ids(maps, n);
	}
	row->map_ids = maps;
	row->n_map_ids = n;
	row->type = type_text(run, info->type);
	row->tag = tag_text(run, info->tag);
	row->loaded_at = load_text(run, info->load_time);
	row->uid = info->created_by_uid;
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
 * The first record is the main function's.
 */
static int want_name(struct progs_run *run, const struct prog_answer *answer, uint32_t row_idx)
{
	const struct bpf_prog_info *info = &answer->info;
	size_t len = strnlen(info->name, sizeof(info->name));

	if (answer->n_funcs == 0 || answer->funcs[0].insn_off != 0 ||
	    (len != 0 && len != sizeof(info->name) - 1)) {
		return 0;
	}

	void *vec = run->wants;
	int r = arena_reserve(&run->snap->arena, &vec, run->n_wants, &run->cap_wants,
	                      sizeof(*run->wants));

	if (r == 0) {
		run->wants = vec;
		run->wants[run->n_wants++] = (struct prog_want){.btf_id = info->btf_id,
		                                                .type_id = answer->funcs[0].type_id,
		                                                .row = row_idx};
	}
	return r;
}

int prog_read(struct progs_run *run, uint32_t id, uint32_t row_idx, struct snap_prog *row)
{
	struct prog_answer answer = {0};

	*row = (struct snap_prog){.id = id};

	int fd = bpf_prog_get_fd_by_id(id);
	int r = fd < 0 ? -errno : prog_ask(&run->room, fd, run->code != NULL, &answer);

	if (r == 0) {
		r = fill_row(run, &answer, row);
		r = r < 0 ? r : want_name(run, &answer, row_idx);
		r = r < 0 ? r : prog_code_take(run, &answer, row);
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
