/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/prog.h"

#include <errno.h>
#include <stdio.h>

#define INSN_BYTES 8u
#define OBJECTS    "BPF programs and maps"

static const char no_rights[] = "instructions not readable: needs CAP_SYS_ADMIN or CAP_BPF";

static const char blinded[] = "instructions withheld: constants are blinded "
			      "(net.core.bpf_jit_harden), needs CAP_SYSLOG";

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

/**
 * Functions by func_info, sorted by the kernel: where each starts, and its type. With BTF they are
 * taken for global ones; prog_linkage() looks closer where it matters.
 */
static int take_funcs(struct progs_run *run, const struct prog_answer *answer,
                      struct verdict_prog *facts, struct code_funcs *ret_funcs)
{
	struct arena *arena = &run->code->arena;
	uint32_t n = answer->n_funcs;

	facts->has_globals = answer->info.btf_id != 0;
	ret_funcs->btf_id = answer->info.btf_id;
	if (n == 0) {
		return 0;
	}
	uint32_t *insns = arena_alloc(arena, n * sizeof(*insns));
	uint32_t *types = arena_alloc(arena, n * sizeof(*types));

	if (!insns || !types) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++) {
		insns[i] = answer->funcs[i].insn_off;
		types[i] = answer->funcs[i].type_id;
	}
	facts->func_insns = insns;
	facts->n_func_insns = n;
	ret_funcs->type_ids = types;
	return 0;
}

/** Keep everything; at the limit of the facts nothing but that it did not fit. */
static int keep(struct progs_run *run, const struct prog_answer *answer, struct snap_prog *row)
{
	struct verdict_prog facts = facts_of(row);
	struct code_funcs funcs = {0};
	uint32_t n = answer->info.xlated_prog_len / INSN_BYTES;

	facts.lang = answer->info.type == BPF_PROG_TYPE_XDP ? VERDICT_XDP : VERDICT_TC;
	facts.insns = code_keep(run->code, answer->insns, n);
	facts.n_insns = n;
	if (!facts.insns || take_funcs(run, answer, &facts, &funcs) < 0) {
		return refuse(run, row, GAP_LIMIT,
		              "instructions not kept: all programs together exceed the bound");
	}
	return code_add_prog(run->code, &facts, funcs);
}

int prog_code_take(struct progs_run *run, const struct prog_answer *answer, struct snap_prog *row)
{
	uint32_t bytes = answer->info.xlated_prog_len;

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
	if (!answer->insns) {
		/* The length stays, the pointer is cleared: bpf_jit_harden. */
		row->bytes_xlated = 0;
		return refuse(run, row, GAP_PROGS_UNREADABLE, blinded);
	}
	return keep(run, answer, row);
}
