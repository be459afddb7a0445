/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/prog.h"

#include "model/text.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Largest BTF read for a name; the kernel's own is about 6 MiB. A larger one: short names. */
#define MAX_BTF_BYTES ((uint32_t)16 << 20)

/** Longest function name taken from BTF (KSYM_NAME_LEN of the kernel). */
#define MAX_NAME_BYTES 512

/** BTF of an open descriptor, checked by libbpf; NULL: not to be had. */
static struct btf *parse(int fd)
{
	struct bpf_btf_info info = {0};
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len) < 0 || info.btf_size == 0 ||
	    info.btf_size > MAX_BTF_BYTES) {
		return NULL;
	}

	uint32_t bytes = info.btf_size;
	void *data = malloc(bytes);
	struct btf *btf = NULL;

	info = (struct bpf_btf_info){.btf = (uint64_t)(uintptr_t)data, .btf_size = bytes};
	len = sizeof(info);
	if (data && bpf_obj_get_info_by_fd(fd, &info, &len) == 0 && info.btf_size == bytes) {
		btf = btf__new(data, bytes);
	}
	free(data);
	return btf;
}

struct btf *prog_btf_load(uint32_t btf_id)
{
	int fd = bpf_btf_get_fd_by_id(btf_id);

	if (fd < 0) {
		return NULL;
	}
	struct btf *btf = parse(fd);

	(void)close(fd);
	return btf;
}

/** Name of a function if the row's is the beginning of it. @return 0 or -ENOMEM. */
static int take_name(struct progs_run *run, const struct btf *btf, const struct prog_want *want)
{
	struct snap_prog *row = &run->snap->progs[want->row];
	const struct btf_type *type = btf__type_by_id(btf, want->type_id);
	const char *full = type && BTF_INFO_KIND(type->info) == BTF_KIND_FUNC
	                           ? btf__name_by_offset(btf, type->name_off)
	                           : NULL;

	if (!full || *full == '\0' || (row->name && !text_starts(full, row->name))) {
		return 0;
	}
	const char *name = text_import(&run->snap->arena, full, MAX_NAME_BYTES);

	if (!name) {
		return -ENOMEM;
	}
	row->name = name;
	return 0;
}

static int cmp_wants(const void *a, const void *b)
{
	uint32_t x = ((const struct prog_want *)a)->btf_id;
	uint32_t y = ((const struct prog_want *)b)->btf_id;

	return (x > y) - (x < y);
}

/** Sorted by BTF, so that each is fetched once and only one is in memory. */
static int take_names(struct progs_run *run)
{
	struct btf *btf = NULL;
	int r = 0;

	qsort(run->wants, run->n_wants, sizeof(*run->wants), cmp_wants);
	for (uint32_t i = 0; i < run->n_wants && r == 0; i++) {
		const struct prog_want *want = &run->wants[i];

		if (i == 0 || want->btf_id != want[-1].btf_id) {
			btf__free(btf);
			btf = prog_btf_load(want->btf_id);
		}
		r = btf ? take_name(run, btf, want) : 0;
	}
	btf__free(btf);
	return r;
}

int prog_names(struct progs_run *run)
{
	if (run->n_wants == 0) {
		return 0;
	}
	/* Libbpf would write to stderr about BTF it does not like; only cli/ prints. */
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	int r = take_names(run);

	(void)libbpf_set_print(print);
	return r;
}
