/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/prog.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>

#define INSN_BYTES 8u
#define OBJECTS    "BPF programs and maps"

static const char no_rights[] = "instructions not readable: needs CAP_SYS_ADMIN or CAP_BPF";

static const char blinded[] = "instructions withheld: constants are blinded "
			      "(net.core.bpf_jit_harden), needs CAP_SYSLOG";

int prog_code_prepare(struct progs_run *run, const struct bpf_prog_info *sizes,
                      struct bpf_prog_info *info)
{
	uint32_t bytes = sizes->xlated_prog_len;

	if (!run->code || bytes == 0 || bytes > PROGS_MAX_XLATED) {
		return 0;
	}
	if (bytes > run->cap_insns) {
		void *insns = realloc(run->insns, bytes);

		if (!insns) {
			return -ENOMEM;
		}
		run->insns = insns;
		run->cap_insns = bytes;
	}
	info->xlated_prog_len = bytes;
	info->xlated_prog_insns = (uint64_t)(uintptr_t)run->insns;
	return 0;
}

/** What is said of a program whatever is known of its instructions. */
static struct verdict_prog facts_of(const struct snap_prog *row)
{
	return (struct verdict_prog){
		.id = row->id, .map_ids = row->map_ids, .n_map_ids = row->n_map_ids};
}

int prog_code_none(struct progs_run *run, const struct snap_prog *row)
{
	struct verdict_prog facts = facts_of(row);

	if (!run->code) {
		return 0;
	}
	facts.unreadable = row->returns.reason;
	return code_add_prog(run->code, &facts, (struct code_funcs){0});
}

/** The instructions are there but cannot be had; said in the row and in a gap. */
static int refuse(struct progs_run *run, struct snap_prog *row, enum gap_kind kind,
                  const char *reason)
{
	char where[32];
	int r;

	row->returns = (struct snap_returns){.codes = CODES_ALL, .reason = reason};
	(void)snprintf(where, sizeof(where), "program %u", row->id);
	/* Lack of rights is the same for every id: one text, so one gap. */
	r = snap_add_gap(run->snap, kind, kind == GAP_LIMIT ? where : OBJECTS, reason);
	return r < 0 ? r : prog_code_none(run, row);
}

/** Sorted by the kernel: where each function starts, and its type. @return 0, -ENOMEM, errno. */
static int ask_funcs(int fd, uint32_t n, struct bpf_func_info *rows)
{
	struct bpf_prog_info info = {
		.nr_func_info = n,
		.func_info_rec_size = sizeof(*rows),
		.func_info = (uint64_t)(uintptr_t)rows,
	};
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len) < 0) {
		return -errno;
	}
	return info.nr_func_info == n && info.func_info != 0 ? 0 : -EACCES;
}

/**
 * Functions by func_info. They are taken for global ones: a function of static linkage cannot be
 * replaced, so no link names it, and only where links cannot be listed would it matter.
 */
static int take_funcs(struct progs_run *run, int fd, const struct bpf_prog_info *sizes,
                      struct verdict_prog *facts, struct code_funcs *ret_funcs)
{
	struct arena *arena = &run->code->arena;
	uint32_t n = sizes->nr_func_info;

	facts->has_globals = sizes->btf_id != 0;
	if (sizes->btf_id == 0 || n == 0 || n > PROGS_MAX_FUNCS ||
	    sizes->func_info_rec_size != sizeof(struct bpf_func_info)) {
		return 0;
	}
	struct bpf_func_info *rows = calloc(n, sizeof(*rows));
	uint32_t *insns = arena_alloc(arena, n * sizeof(*insns));
	uint32_t *types = arena_alloc(arena, n * sizeof(*types));
	int r = rows && insns && types ? ask_funcs(fd, n, rows) : -ENOMEM;

	for (uint32_t i = 0; i < n && r == 0; i++) {
		insns[i] = rows[i].insn_off;
		types[i] = rows[i].type_id;
	}
	if (r == 0) {
		facts->func_insns = insns;
		facts->n_func_insns = n;
		ret_funcs->type_ids = types;
	}
	free(rows);
	return r == -ENOMEM ? r : 0;
}

/** Keep everything; at the limit of the facts nothing but that it did not fit. */
static int keep(struct progs_run *run, int fd, const struct bpf_prog_info *sizes,
                struct snap_prog *row)
{
	struct verdict_prog facts = facts_of(row);
	struct code_funcs funcs = {0};
	uint32_t n = sizes->xlated_prog_len / INSN_BYTES;

	facts.lang = sizes->type == BPF_PROG_TYPE_XDP ? VERDICT_XDP : VERDICT_TC;
	facts.insns = code_keep(run->code, run->insns, n);
	facts.n_insns = n;
	if (!facts.insns || take_funcs(run, fd, sizes, &facts, &funcs) < 0) {
		return refuse(run, row, GAP_LIMIT,
		              "instructions not kept: all programs together exceed the bound");
	}
	return code_add_prog(run->code, &facts, funcs);
}

int prog_code_take(struct progs_run *run, int fd, const struct bpf_prog_info *sizes,
                   const struct bpf_prog_info *info, struct snap_prog *row)
{
	uint32_t bytes = sizes->xlated_prog_len;

	if (bytes == 0) {
		return refuse(run, row, GAP_PROGS_UNREADABLE, no_rights);
	}
	row->bytes_xlated = bytes;
	row->returns =
		(struct snap_returns){.codes = CODES_ALL, .reason = "instructions not analysed"};
	if (!run->code) {
		return 0;
	}
	if (bytes > PROGS_MAX_XLATED || bytes % INSN_BYTES != 0) {
		return refuse(run, row, GAP_LIMIT, "instructions not read: longer than the bound");
	}
	if (info->xlated_prog_insns == 0) {
		/* The length stays, the pointer is cleared: bpf_jit_harden. */
		row->bytes_xlated = 0;
		return refuse(run, row, GAP_PROGS_UNREADABLE, blinded);
	}
	return keep(run, fd, sizes, row);
}
