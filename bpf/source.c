/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/source.h"

#include "bpf/prog.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <unistd.h>

#define INSN_BYTES 8u

/** Lines of one program at most; the verifier takes a million instructions. */
#define MAX_MARKS 1000000u

static int ask(int fd, struct bpf_prog_info *info)
{
	uint32_t len = sizeof(*info);

	return bpf_obj_get_info_by_fd(fd, info, &len) < 0 ? -errno : 0;
}

static int read_insns(int fd, uint32_t bytes, struct source *ret)
{
	struct bpf_prog_info info = {.xlated_prog_len = bytes};

	if (bytes == 0 || bytes > PROGS_MAX_XLATED) {
		return -EPERM;
	}
	ret->insns = malloc(bytes);
	if (!ret->insns) {
		return -ENOMEM;
	}
	info.xlated_prog_insns = (uint64_t)(uintptr_t)ret->insns;
	int r = ask(fd, &info);

	if (r == 0 && (info.xlated_prog_insns == 0 || info.xlated_prog_len != bytes)) {
		r = -EPERM;
	}
	ret->n_insns = r == 0 ? bytes / INSN_BYTES : 0;
	return r;
}

static int read_funcs(int fd, uint32_t n, struct source *ret)
{
	struct bpf_func_info *rows = calloc(n, sizeof(*rows));
	struct bpf_prog_info info = {.nr_func_info = n,
	                             .func_info_rec_size = sizeof(*rows),
	                             .func_info = (uint64_t)(uintptr_t)rows};

	ret->func_insns = calloc(n, sizeof(*ret->func_insns));
	if (!rows || !ret->func_insns) {
		free(rows);
		return -ENOMEM;
	}
	if (ask(fd, &info) == 0 && info.func_info != 0 && info.nr_func_info == n) {
		ret->n_func_insns = n;
		for (uint32_t i = 0; i < n; i++) {
			ret->func_insns[i] = rows[i].insn_off;
		}
	}
	free(rows);
	return 0;
}

static int read_marks(int fd, uint32_t n, struct source *ret)
{
	struct bpf_line_info *rows = calloc(n, sizeof(*rows));
	struct bpf_prog_info info = {.nr_line_info = n,
	                             .line_info_rec_size = sizeof(*rows),
	                             .line_info = (uint64_t)(uintptr_t)rows};

	ret->marks = calloc(n, sizeof(*ret->marks));
	if (!rows || !ret->marks) {
		free(rows);
		return -ENOMEM;
	}
	if (ask(fd, &info) == 0 && info.line_info != 0 && info.nr_line_info == n) {
		ret->n_marks = n;
		for (uint32_t i = 0; i < n; i++) {
			ret->marks[i] = (struct source_mark){
				.insn = rows[i].insn_off,
				.line = BPF_LINE_INFO_LINE_NUM(rows[i].line_col),
				.text = btf__name_by_offset(ret->btf, rows[i].line_off),
				.file = btf__name_by_offset(ret->btf, rows[i].file_name_off),
			};
		}
	}
	free(rows);
	return 0;
}

/** Functions and lines: welcome, not needed. @return 0 or -ENOMEM. */
static int read_debug(int fd, const struct bpf_prog_info *sizes, struct source *ret)
{
	int r = 0;

	if (sizes->btf_id == 0) {
		return 0;
	}
	if (sizes->nr_func_info > 0 && sizes->nr_func_info <= PROGS_MAX_FUNCS &&
	    sizes->func_info_rec_size == sizeof(struct bpf_func_info)) {
		r = read_funcs(fd, sizes->nr_func_info, ret);
	}
	if (r < 0 || sizes->nr_line_info == 0 || sizes->nr_line_info > MAX_MARKS ||
	    sizes->line_info_rec_size != sizeof(struct bpf_line_info)) {
		return r;
	}
	ret->btf = prog_btf_load(sizes->btf_id);
	return ret->btf ? read_marks(fd, sizes->nr_line_info, ret) : 0;
}

int source_read(uint32_t prog_id, struct source *ret)
{
	struct bpf_prog_info sizes = {0};
	int fd = bpf_prog_get_fd_by_id(prog_id);

	*ret = (struct source){0};
	if (fd < 0) {
		return -errno;
	}
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	int r = ask(fd, &sizes);

	r = r < 0 ? r : read_insns(fd, sizes.xlated_prog_len, ret);
	r = r < 0 ? r : read_debug(fd, &sizes, ret);
	(void)libbpf_set_print(print);
	(void)close(fd);
	return r;
}

void source_done(struct source *source)
{
	free(source->insns);
	free(source->func_insns);
	free(source->marks);
	btf__free(source->btf);
	*source = (struct source){0};
}

const struct source_mark *source_at(const struct source *source, uint32_t insn)
{
	uint32_t low = 0;
	uint32_t high = source->n_marks;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (source->marks[mid].insn <= insn) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low > 0 ? &source->marks[low - 1] : NULL;
}
