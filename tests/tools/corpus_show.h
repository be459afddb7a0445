/* SPDX-License-Identifier: Apache-2.0 */
/*
 * corpus_show.h - part of bpfcorpus: writes what the kernel shows of loaded programs.
 */
#ifndef TCAUDIT_TESTS_TOOLS_CORPUS_SHOW_H
#define TCAUDIT_TESTS_TOOLS_CORPUS_SHOW_H

#include "tests/tools/corpus_load.h"

#include <bpf/btf.h>
#include <inttypes.h>

struct symbol {
	uint64_t addr;
	char name[WORD];
};

static struct symbol *symbols;
static size_t n_symbols;
static uint64_t call_base;

/* --- the kernel's names --- */

static bool read_symbols(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512];
	size_t cap = 0;

	while (f && fgets(line, sizeof(line), f)) {
		struct symbol s = {0};
		char type = 0;

		if (sscanf(line, "%" SCNx64 " %c %63s", &s.addr, &type, s.name) != 3 ||
		    (type != 't' && type != 'T')) {
			continue;
		}
		if (n_symbols == cap) {
			cap = cap ? 2 * cap : 1u << 16;
			symbols = realloc(symbols, cap * sizeof(*symbols));
			if (!symbols) {
				abort();
			}
		}
		if (strcmp(s.name, "__bpf_call_base") == 0) {
			call_base = s.addr;
		}
		symbols[n_symbols++] = s;
	}
	if (f) {
		(void)fclose(f);
	}
	return call_base != 0;
}

/** Write each name of each call once. */
static void write_symbols(FILE *out, const struct bpf_insn *insns, uint32_t n)
{
	int32_t seen[128];
	uint32_t n_seen = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct bpf_insn *in = &insns[i];
		bool known = false;

		if (in->code != (BPF_JMP | BPF_CALL) || in->src_reg == BPF_PSEUDO_CALL ||
		    in->imm == BPF_FUNC_tail_call || in->imm == 0) {
			continue;
		}
		for (uint32_t k = 0; k < n_seen; k++) {
			known = known || seen[k] == in->imm;
		}
		if (known || n_seen == COUNT_OF(seen)) {
			continue;
		}
		seen[n_seen++] = in->imm;
		for (size_t k = 0; k < n_symbols; k++) {
			if (symbols[k].addr == call_base + (uint64_t)(int64_t)in->imm) {
				(void)fprintf(out, "symbol %d %s\n", in->imm, symbols[k].name);
			}
		}
	}
}

/* --- the dump --- */

struct shown {
	struct bpf_prog_info info;
	struct bpf_insn insns[MOST_INSNS];
	uint32_t map_ids[MOST_MAPS];
	struct bpf_func_info funcs[MOST_FUNCS];
};

static struct shown shown;

static bool show(int fd)
{
	uint32_t len = sizeof(shown.info);

	memset(&shown, 0, sizeof(shown));
	shown.info.xlated_prog_insns = (uintptr_t)shown.insns;
	shown.info.xlated_prog_len = sizeof(shown.insns);
	shown.info.map_ids = (uintptr_t)shown.map_ids;
	shown.info.nr_map_ids = MOST_MAPS;
	shown.info.func_info = (uintptr_t)shown.funcs;
	shown.info.func_info_rec_size = sizeof(shown.funcs[0]);
	shown.info.nr_func_info = MOST_FUNCS;
	return bpf_obj_get_info_by_fd(fd, &shown.info, &len) == 0 && shown.info.xlated_prog_insns &&
	       shown.info.xlated_prog_len > 0 &&
	       shown.info.xlated_prog_len <= sizeof(shown.insns) &&
	       shown.info.nr_map_ids <= MOST_MAPS && shown.info.nr_func_info <= MOST_FUNCS;
}

/** @return the small number of a map, given in order of appearance. */
static uint32_t map_number(struct session *s, uint32_t id)
{
	for (uint32_t i = 0; i < s->n_maps; i++) {
		if (s->map_ids[i] == id) {
			return i + 1;
		}
	}
	if (s->n_maps == MOST_MAPS) {
		abort();
	}
	s->map_ids[s->n_maps++] = id;
	return s->n_maps;
}

static bool is_frozen(int fd)
{
	char path[WORD], line[256];
	int frozen = 0;
	FILE *f = NULL;

	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		(void)sscanf(line, "frozen:\t%d", &frozen);
	}
	if (f) {
		(void)fclose(f);
	}
	return frozen == 1;
}

static void write_slots(const struct session *s, FILE *out, uint32_t number, int fd, uint32_t max)
{
	for (uint32_t slot = 0; slot < max; slot++) {
		uint32_t id = 0;

		if (bpf_map_lookup_elem(fd, &slot, &id) < 0) {
			continue;
		}
		for (uint32_t p = 0; p < s->n_progs; p++) {
			if (s->progs[p].id == id) {
				(void)fprintf(out, "slot %u %u %s\n", number, slot,
				              s->progs[p].name);
			}
		}
	}
}

static bool write_map(const struct session *s, FILE *out, uint32_t number)
{
	struct bpf_map_info info = {0};
	uint32_t len = sizeof(info);
	int fd = bpf_map_get_fd_by_id(s->map_ids[number - 1]);
	uint8_t value[MOST_VALUE];
	uint32_t key = 0;

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) < 0) {
		return false;
	}
	const char *name = strrchr(info.name, '.') ? strrchr(info.name, '.') : info.name;

	(void)fprintf(out, "map %u type %u value %u max %u name %s", number, info.type,
	              info.value_size, info.max_entries, name[0] ? name : "-");
	if (is_frozen(fd) && (info.map_flags & BPF_F_RDONLY_PROG) &&
	    info.value_size <= sizeof(value) && bpf_map_lookup_elem(fd, &key, value) == 0) {
		(void)fprintf(out, " frozen ");
		for (uint32_t i = 0; i < info.value_size; i++) {
			(void)fprintf(out, "%02x", value[i]);
		}
	}
	(void)fprintf(out, "\n");
	if (info.type == BPF_MAP_TYPE_PROG_ARRAY) {
		write_slots(s, out, number, fd, info.max_entries);
	}
	(void)close(fd);
	return true;
}

/** Functions with their linkage, and those that a program here has replaced. */
static void write_functions(const struct session *s, FILE *out)
{
	struct btf *btf = shown.info.btf_id ? btf__load_from_kernel_by_id(shown.info.btf_id) : NULL;

	for (uint32_t i = 0; btf && i < shown.info.nr_func_info; i++) {
		const struct btf_type *t = btf__type_by_id(btf, shown.funcs[i].type_id);
		const char *name = t ? btf__name_by_offset(btf, t->name_off) : NULL;
		bool global = t && btf_vlen(t) == BTF_FUNC_GLOBAL;

		(void)fprintf(out, "func %u %s %s\n", shown.funcs[i].insn_off, name ? name : "-",
		              global ? "global" : "static");
		for (uint32_t p = 0; p < s->n_progs; p++) {
			if (name && s->progs[p].target && strcmp(s->progs[p].target, name) == 0) {
				(void)fprintf(out, "replaced %u %s\n", shown.funcs[i].insn_off,
				              s->progs[p].name);
			}
		}
	}
	btf__free(btf);
}

/** Write the line held back, and how often it came. */
static void flush_line(FILE *out, const char *line, uint32_t *times)
{
	if (*times == 1) {
		(void)fprintf(out, "%s\n", line);
	} else if (*times > 1) {
		(void)fprintf(out, "%s x%u\n", line, *times);
	}
	*times = 0;
}

/** Eight bytes as they lie in memory; equal ones in a row become one line. */
static void write_slot(FILE *out, const struct bpf_insn *in, char line[WORD], uint32_t *times)
{
	char text[WORD] = "";
	uint8_t bytes[sizeof(*in)];

	memcpy(bytes, in, sizeof(bytes));
	for (size_t b = 0; b < sizeof(bytes); b++) {
		(void)snprintf(text + 2 * b, 3, "%02x", bytes[b]);
	}
	if (*times == 0 || strcmp(text, line) != 0) {
		flush_line(out, line, times);
		memcpy(line, text, sizeof(text));
	}
	++*times;
}

static void write_insns(struct session *s, FILE *out, uint32_t n)
{
	char line[WORD] = "";
	uint32_t times = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct bpf_insn *in = &shown.insns[i];
		bool is_wide = in->code == (BPF_LD | BPF_IMM | BPF_DW);

		if (is_wide &&
		    (in->src_reg == BPF_PSEUDO_MAP_FD || in->src_reg == BPF_PSEUDO_MAP_VALUE)) {
			in->imm = (int32_t)map_number(s, (uint32_t)in->imm);
		}
		write_slot(out, in, line, &times);
		if (is_wide && i + 1 < n) {
			/* The second slot is data, whatever its code says. */
			write_slot(out, &shown.insns[++i], line, &times);
		}
	}
	flush_line(out, line, &times);
}

static bool write_prog(struct session *s, FILE *out, uint32_t idx)
{
	if (!show(s->progs[idx].fd)) {
		(void)snprintf(s->why, sizeof(s->why), "program %s is not shown",
		               s->progs[idx].name);
		return false;
	}
	uint32_t n = shown.info.xlated_prog_len / (uint32_t)sizeof(struct bpf_insn);

	(void)fprintf(out, "prog %s %s\n", s->progs[idx].name, s->progs[idx].xdp ? "xdp" : "tc");
	for (uint32_t i = 0; i < shown.info.nr_map_ids; i++) {
		(void)fprintf(out, "uses %u\n", map_number(s, shown.map_ids[i]));
	}
	write_functions(s, out);
	write_symbols(out, shown.insns, n);
	(void)fprintf(out, "insns %u\n", n);
	write_insns(s, out, n);
	return true;
}

static bool write_all(struct session *s)
{
	char path[1024];
	FILE *out = NULL;
	bool ok = true;

	(void)snprintf(path, sizeof(path), "%s/%s.%s.xlated", s->opt->out, s->want->name,
	               s->opt->kernel);
	out = fopen(path, "we");
	if (!out) {
		(void)snprintf(s->why, sizeof(s->why), "not written: %s", strerror(errno));
		return false;
	}
	(void)fprintf(out, "kernel %s\n", s->opt->kernel);
	for (uint32_t i = 0; i < s->n_progs && ok; i++) {
		ok = write_prog(s, out, i);
	}
	for (uint32_t i = 1; i <= s->n_maps && ok; i++) {
		ok = write_map(s, out, i);
	}
	ok = fclose(out) == 0 && ok;
	if (!ok) {
		(void)unlink(path);
	}
	return ok;
}

#endif
