/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/judge.h"

#include "analyzer/verdict.h"
#include "bpf/symbols.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/** Numbers of calls, gathered program by program. */
struct calls {
	int32_t *imms;
	uint32_t n, cap;
	bool failed;
};

static void add_call(int32_t imm, void *arg)
{
	struct calls *calls = arg;

	/* 0: the numbers are withheld (kptr_restrict, or no CAP_SYSLOG). */
	if (imm == 0 || calls->failed || (calls->n > 0 && calls->imms[calls->n - 1] == imm)) {
		return;
	}
	if (calls->n == calls->cap) {
		uint32_t cap = calls->cap == 0 ? 256 : calls->cap * 2;
		int32_t *imms = reallocarray(calls->imms, cap, sizeof(*imms));

		if (imms == NULL) {
			calls->failed = true;
			return;
		}
		calls->imms = imms;
		calls->cap = cap;
	}
	calls->imms[calls->n++] = imm;
}

static int cmp_imms(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a;
	int32_t y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

static void sort_calls(struct calls *calls)
{
	uint32_t kept = 0;

	if (calls->n == 0) {
		return;
	}
	qsort(calls->imms, calls->n, sizeof(*calls->imms), cmp_imms);
	for (uint32_t i = 0; i < calls->n; i++) {
		if (kept == 0 || calls->imms[kept - 1] != calls->imms[i]) {
			calls->imms[kept++] = calls->imms[i];
		}
	}
	calls->n = kept;
}

/** The symbol table costs more than the analysis: it is read when a call asks for it. */
int judge_names(struct code_facts *code, const char *proc, struct judged *ret)
{
	struct calls calls = {0};
	char path[PATH_MAX];
	int r = 0;

	for (uint32_t i = 0; i < code->n_streams; i++) {
		(void)verdict_calls(code->streams[i].insns, code->streams[i].n_insns, add_call,
		                    &calls);
	}
	sort_calls(&calls);
	ret->n_calls = calls.n;
	if (calls.failed) {
		r = -ENOMEM;
	} else if (calls.n > 0 &&
	           (size_t)snprintf(path, sizeof(path), "%s/kallsyms", proc) < sizeof(path)) {
		r = symbols_read(code, path, calls.imms, calls.n);
	}
	free(calls.imms);
	ret->n_symbols = code->n_symbols;
	return r;
}

static const struct verdict_prog *find_facts(const struct verdict_env *env, uint32_t id)
{
	uint32_t low = 0;
	uint32_t high = env->n_progs;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (env->progs[mid].id < id) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low < env->n_progs && env->progs[low].id == id ? &env->progs[low] : NULL;
}

/** One analysis of all programs; parallel arrays. */
struct batch {
	uint32_t *ids;
	uint32_t *rows; /**< Index into snap->progs. */
	uint32_t *same; /**< Index into ids. */
	struct verdict *verdicts;
	uint32_t n;
};

static const char *name_of(const struct snapshot *snap, uint32_t id)
{
	for (uint32_t i = 0; i < snap->n_progs; i++) {
		if (snap->progs[i].id == id) {
			return snap->progs[i].name;
		}
	}
	return NULL;
}

/**
 * The construct and its place. Another program is named, not numbered: reasons tell findings
 * apart, and these stay the same when a program is loaded again.
 */
static const char *reason_text(struct snapshot *snap, const struct verdict *v, uint32_t own)
{
	const char *name = v->reason_prog != own ? name_of(snap, v->reason_prog) : NULL;

	if (v->reason_prog == own) {
		return arena_printf(&snap->arena, "%s at instruction %" PRIu32, v->reason,
		                    v->reason_pc);
	}
	return arena_printf(&snap->arena, "%s at instruction %" PRIu32 " of %s%s", v->reason,
	                    v->reason_pc, name != NULL ? "" : "a program that it calls",
	                    name != NULL ? name : "");
}

/** Put a verdict into its program's row. @return 0 or -ENOMEM. */
static int take(struct snapshot *snap, const struct batch *b, uint32_t i)
{
	const struct verdict *v = &b->verdicts[i];
	uint32_t own = b->ids[b->same[i]]; /* evidence speaks of the one that was analysed */
	struct snap_returns *returns = &snap->progs[b->rows[i]].returns;

	*returns = (struct snap_returns){.codes = v->codes, .exact = v->exact};
	if (b->same[i] != i) {
		returns->same_as = own;
	} else {
		returns->paths = v->paths;
		returns->n_paths = v->n_paths;
	}
	if (v->exact || v->reason == NULL) {
		return 0;
	}
	returns->pc = v->reason_pc;
	returns->pc_prog = v->reason_prog == own ? b->ids[i] : v->reason_prog;
	returns->reason = reason_text(snap, v, own);
	return returns->reason != NULL ? 0 : -ENOMEM;
}

static int run_batch(struct snapshot *snap, const struct verdict_env *env, struct batch *b,
                     struct judged *ret)
{
	int r = 0;

	for (uint32_t i = 0; i < snap->n_progs; i++) {
		const struct verdict_prog *facts = find_facts(env, snap->progs[i].id);

		if (facts != NULL && facts->insns != NULL) {
			b->ids[b->n] = facts->id;
			b->rows[b->n++] = i;
		}
	}
	r = verdict_run_all(env, b->ids, b->n, NULL, &snap->arena, b->verdicts, b->same);
	for (uint32_t i = 0; i < b->n && r == 0; i++) {
		ret->n_distinct += b->same[i] == i;
		r = take(snap, b, i);
	}
	ret->n_progs = b->n;
	return r;
}

static int judge_all(struct snapshot *snap, const struct verdict_env *env, struct judged *ret)
{
	uint32_t n = snap->n_progs;
	struct batch b = {
		.ids = calloc(n, sizeof(*b.ids)),
		.rows = calloc(n, sizeof(*b.rows)),
		.same = calloc(n, sizeof(*b.same)),
		.verdicts = calloc(n, sizeof(*b.verdicts)),
	};
	int r = -ENOMEM;

	if (b.ids != NULL && b.rows != NULL && b.same != NULL && b.verdicts != NULL) {
		r = run_batch(snap, env, &b, ret);
	}
	free(b.ids);
	free(b.rows);
	free(b.same);
	free(b.verdicts);
	return r;
}

int judge_programs(struct snapshot *snap, const struct code_facts *code, struct judged *ret)
{
	return snap->n_progs > 0 ? judge_all(snap, &code->env, ret) : 0;
}
