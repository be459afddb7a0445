/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which functions can be replaced from outside: those of global linkage, the program's own among
 * them (btf_check_func_type_match() in kernel/bpf/btf.c refuses all others).
 */
#include "bpf/prog.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/btf.h>
#include <stdlib.h>

/** A program with BTF. */
struct linked {
	uint32_t btf_id;
	uint32_t prog; /**< Index into code->progs. */
};

static int cmp_linked(const void *a, const void *b)
{
	uint32_t x = ((const struct linked *)a)->btf_id;
	uint32_t y = ((const struct linked *)b)->btf_id;

	return (x > y) - (x < y);
}

/** Anything but a function that says so is taken for global. */
static bool is_static(const struct btf *btf, uint32_t type_id)
{
	const struct btf_type *type = btf__type_by_id(btf, type_id);

	return type && BTF_INFO_KIND(type->info) == BTF_KIND_FUNC &&
	       BTF_INFO_VLEN(type->info) == BTF_FUNC_STATIC;
}

static bool all_static(const struct btf *btf, const struct verdict_prog *prog,
                       const uint32_t *type_ids)
{
	for (uint32_t i = 0; i < prog->n_func_insns; i++) {
		if (!is_static(btf, type_ids[i])) {
			return false;
		}
	}
	return prog->n_func_insns > 0;
}

/** By BTF ascending. @return how many. */
static uint32_t list(const struct code_facts *code, struct linked *rows)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < code->n_progs; i++) {
		if (code->progs[i].has_globals && code->funcs[i].type_ids) {
			rows[n++] = (struct linked){.btf_id = code->funcs[i].btf_id, .prog = i};
		}
	}
	qsort(rows, n, sizeof(*rows), cmp_linked);
	return n;
}

int prog_linkage(struct code_facts *code)
{
	struct linked *rows = calloc(code->n_progs + 1u, sizeof(*rows));
	struct btf *btf = NULL;

	if (!rows) {
		return -ENOMEM;
	}
	/* Libbpf would write to stderr about BTF it does not like; only cli/ prints. */
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	uint32_t n = list(code, rows);

	for (uint32_t i = 0; i < n; i++) {
		struct verdict_prog *prog = &code->progs[rows[i].prog];

		if (i == 0 || rows[i].btf_id != rows[i - 1].btf_id) {
			btf__free(btf);
			btf = prog_btf_load(rows[i].btf_id);
		}
		prog->has_globals =
			!btf || !all_static(btf, prog, code->funcs[rows[i].prog].type_ids);
	}
	btf__free(btf);
	free(rows);
	(void)libbpf_set_print(print);
	return 0;
}
