/* SPDX-License-Identifier: Apache-2.0 */
/*
 * corpus_files.h - reads testdata/bpf: .want and .xlated files, as testdata/bpf/README.md says.
 *
 * What is read becomes the facts of analyzer/verdict.h. A malformed file ends the test.
 */
#ifndef TCAUDIT_TESTS_CORPUS_FILES_H
#define TCAUDIT_TESTS_CORPUS_FILES_H

#include "analyzer/verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CORPUS_DIR     "testdata/bpf"
#define CORPUS_WORD    64
#define CORPUS_PROGS   16u
#define CORPUS_MAPS    16u
#define CORPUS_SLOTS   64u
#define CORPUS_SYMBOLS 256u
#define CORPUS_FUNCS   32u
#define CORPUS_INSNS   65536u /* of a dump */
#define CORPUS_LINE    16384
#define CORPUS_VALUE   4096u

/** What a program is expected to do. */
struct corpus_want {
	char name[CORPUS_WORD];
	char source[CORPUS_WORD];
	char rows[256];
	uint32_t codes;
	bool finite;
	bool links_unread;
};

struct corpus_prog {
	char name[CORPUS_WORD];
	uint64_t *insns;
	uint32_t n_insns;
	uint32_t maps[CORPUS_MAPS], n_maps;
	uint32_t funcs[CORPUS_FUNCS], n_funcs;
	struct verdict_replaced replaced[CORPUS_FUNCS];
	char replaced_by[CORPUS_FUNCS][CORPUS_WORD];
	uint32_t n_replaced;
	bool xdp, globals;
};

/** One .xlated file; facts points into the rest. */
struct corpus_dump {
	struct corpus_prog progs[CORPUS_PROGS];
	uint32_t n_progs;
	uint64_t insns[CORPUS_INSNS]; /* of all programs, one after the other */
	uint32_t n_insns;
	struct verdict_map maps[CORPUS_MAPS];
	uint8_t frozen[CORPUS_MAPS][CORPUS_VALUE];
	struct verdict_slot slots[CORPUS_MAPS][CORPUS_SLOTS];
	char slot_names[CORPUS_MAPS][CORPUS_SLOTS][CORPUS_WORD];
	uint32_t n_maps;
	struct verdict_symbol symbols[CORPUS_SYMBOLS];
	char symbol_names[CORPUS_SYMBOLS][CORPUS_WORD];
	uint32_t n_symbols;
	struct verdict_prog rows[CORPUS_PROGS];
	struct verdict_env facts;
};

static void corpus_bad(const char *path, const char *line)
{
	fprintf(stderr, "%s: not understood: %.100s\n", path, line);
	abort();
}

static uint32_t corpus_codes(const char *path, char *text)
{
	char *rest = NULL;
	uint32_t set = 0;

	for (char *w = strtok_r(text, " \n", &rest); w; w = strtok_r(NULL, " \n", &rest)) {
		enum code code = CODE_OTHER;

		if (strcmp(w, "any") == 0) {
			set |= CODES_ALL;
		} else if (code_from_word(w, &code)) {
			set |= CODE_BIT(code);
		} else {
			corpus_bad(path, w);
		}
	}
	return set;
}

/** @return false when there is no such file. */
static bool corpus_read_want(const char *name, struct corpus_want *w)
{
	char path[512], line[1024];

	(void)snprintf(path, sizeof(path), CORPUS_DIR "/%s.want", name);
	FILE *f = fopen(path, "re");

	*w = (struct corpus_want){0};
	if (!f) {
		return false;
	}
	(void)snprintf(w->name, sizeof(w->name), "%s", name);
	while (fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');
		char *value = colon ? colon + 2 : NULL;

		if (!colon) {
			corpus_bad(path, line);
		}
		*colon = '\0';
		value[strcspn(value, "\n")] = '\0';
		if (strcmp(line, "row") == 0) {
			(void)snprintf(w->rows, sizeof(w->rows), " %s ", value);
		} else if (strcmp(line, "codes") == 0) {
			w->codes = corpus_codes(path, value);
		} else if (strcmp(line, "finite") == 0) {
			w->finite = strcmp(value, "yes") == 0;
		} else if (strcmp(line, "source") == 0) {
			(void)snprintf(w->source, sizeof(w->source), "%.63s", value);
		} else if (strcmp(line, "links") == 0) {
			w->links_unread = strcmp(value, "unread") == 0;
		}
	}
	(void)fclose(f);
	return true;
}

/** Sixteen digits are an instruction, as its bytes lie in memory; "xN" behind repeats it. */
static bool corpus_insn(struct corpus_dump *d, struct corpus_prog *p, const char *line)
{
	uint8_t bytes[8];
	uint32_t times = 1;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		unsigned byte = 0;

		if (sscanf(line + 2 * i, "%2x", &byte) != 1) {
			return false;
		}
		bytes[i] = (uint8_t)byte;
	}
	(void)sscanf(line + 16, " x%" SCNu32, &times);
	if (times > CORPUS_INSNS - d->n_insns) {
		return false;
	}
	while (times-- > 0) {
		memcpy(&d->insns[d->n_insns++], bytes, sizeof(bytes));
		p->n_insns++;
	}
	return true;
}

static bool corpus_map(struct corpus_dump *d, const char *line)
{
	struct verdict_map m = {.slots_read = true};
	int end = 0;

	if (d->n_maps == CORPUS_MAPS ||
	    sscanf(line,
	           "map %" SCNu32 " type %" SCNu32 " value %" SCNu32 " max %" SCNu32 " name %*s%n",
	           &m.id, &m.type, &m.value_size, &m.max_entries, &end) != 4) {
		return false;
	}
	const char *hex = strstr(line + end, " frozen ");

	if (hex) {
		uint8_t *value = d->frozen[d->n_maps];

		hex += strlen(" frozen ");
		for (uint32_t i = 0; i < m.value_size; i++) {
			unsigned byte = 0;

			if (i == CORPUS_VALUE || sscanf(hex + (size_t)2 * i, "%2x", &byte) != 1) {
				return false;
			}
			value[i] = (uint8_t)byte;
		}
		m.frozen = value;
	}
	d->maps[d->n_maps++] = m;
	return true;
}

static bool corpus_slot(struct corpus_dump *d, const char *line)
{
	struct verdict_map *m = d->n_maps > 0 ? &d->maps[d->n_maps - 1] : NULL;
	uint32_t id = 0;

	if (!m || m->n_slots == CORPUS_SLOTS) {
		return false;
	}
	/* A map's slots follow it. */
	char *name = d->slot_names[d->n_maps - 1][m->n_slots];
	struct verdict_slot *slot = &d->slots[d->n_maps - 1][m->n_slots++];

	return sscanf(line, "slot %" SCNu32 " %" SCNu32 " %63s", &id, &slot->index, name) == 3 &&
	       id == m->id;
}

static bool corpus_symbol(struct corpus_dump *d, const char *line)
{
	struct verdict_symbol s = {0};
	char *name = d->symbol_names[d->n_symbols];

	if (d->n_symbols + 1 == CORPUS_SYMBOLS ||
	    sscanf(line, "symbol %" SCNd32 " %63s", &s.imm, name) != 2) {
		return false;
	}
	for (uint32_t i = 0; i < d->n_symbols; i++) {
		if (d->symbols[i].imm == s.imm && strcmp(d->symbols[i].name, name) == 0) {
			return true; /* another program calls it too */
		}
	}
	s.name = name;
	d->symbols[d->n_symbols++] = s;
	return true;
}

static bool corpus_prog(struct corpus_dump *d, const char *line)
{
	struct corpus_prog *p = &d->progs[d->n_progs];
	char lang[CORPUS_WORD];

	if (d->n_progs == CORPUS_PROGS || sscanf(line, "prog %63s %63s", p->name, lang) != 2) {
		return false;
	}
	p->insns = &d->insns[d->n_insns];
	p->xdp = strcmp(lang, "xdp") == 0;
	d->n_progs++;
	return true;
}

/** A line about the program last begun. */
static bool corpus_prog_line(struct corpus_dump *d, struct corpus_prog *p, const char *line)
{
	char kind[CORPUS_WORD] = "";
	uint32_t n = 0;

	if (sscanf(line, "uses %" SCNu32, &n) == 1 && p->n_maps < CORPUS_MAPS) {
		p->maps[p->n_maps++] = n;
	} else if (sscanf(line, "func %" SCNu32 " %*s %63s", &n, kind) == 2 &&
	           p->n_funcs < CORPUS_FUNCS) {
		p->funcs[p->n_funcs++] = n;
		p->globals = p->globals || strcmp(kind, "global") == 0;
	} else if (sscanf(line, "replaced %" SCNu32 " %63s", &n, kind) == 2 &&
	           p->n_replaced < CORPUS_FUNCS) {
		memcpy(p->replaced_by[p->n_replaced], kind, sizeof(kind));
		p->replaced[p->n_replaced++].insn = n;
	} else {
		return sscanf(line, "insns %" SCNu32, &n) == 1 || corpus_insn(d, p, line);
	}
	return true;
}

static bool corpus_line(struct corpus_dump *d, const char *line)
{
	if (strncmp(line, "kernel ", 7) == 0) {
		return true;
	}
	if (strncmp(line, "prog ", 5) == 0) {
		return corpus_prog(d, line);
	}
	if (strncmp(line, "map ", 4) == 0) {
		return corpus_map(d, line);
	}
	if (strncmp(line, "slot ", 5) == 0) {
		return corpus_slot(d, line);
	}
	if (strncmp(line, "symbol ", 7) == 0) {
		return corpus_symbol(d, line);
	}
	return d->n_progs > 0 && corpus_prog_line(d, &d->progs[d->n_progs - 1], line);
}

/** @return the id of a program: its place, from 1; 0 for a name that is not there. */
static uint32_t corpus_prog_id(const struct corpus_dump *d, const char *name)
{
	for (uint32_t i = 0; i < d->n_progs; i++) {
		if (strcmp(d->progs[i].name, name) == 0) {
			return i + 1;
		}
	}
	return 0;
}

static int corpus_by_imm(const void *a, const void *b)
{
	const struct verdict_symbol *x = a, *y = b;

	return (x->imm > y->imm) - (x->imm < y->imm);
}

/** Names become ids, and everything becomes rows. */
static void corpus_link(struct corpus_dump *d, const struct corpus_want *w)
{
	for (uint32_t m = 0; m < d->n_maps; m++) {
		for (uint32_t s = 0; s < d->maps[m].n_slots; s++) {
			d->slots[m][s].prog_id = corpus_prog_id(d, d->slot_names[m][s]);
		}
		d->maps[m].slots = d->slots[m];
	}
	for (uint32_t i = 0; i < d->n_progs; i++) {
		struct corpus_prog *p = &d->progs[i];

		for (uint32_t r = 0; r < p->n_replaced; r++) {
			p->replaced[r].prog_id = corpus_prog_id(d, p->replaced_by[r]);
		}
		d->rows[i] = (struct verdict_prog){
			.id = i + 1,
			.lang = p->xdp ? VERDICT_XDP : VERDICT_TC,
			.insns = p->insns,
			.n_insns = p->n_insns,
			.map_ids = p->maps,
			.n_map_ids = p->n_maps,
			.func_insns = p->n_funcs ? p->funcs : NULL,
			.n_func_insns = p->n_funcs,
			.has_globals = p->globals,
			.links_read = !w->links_unread,
			.replaced = p->replaced,
			.n_replaced = p->n_replaced,
		};
	}
	qsort(d->symbols, d->n_symbols, sizeof(d->symbols[0]), corpus_by_imm);
	d->facts = (struct verdict_env){
		.progs = d->rows,
		.n_progs = d->n_progs,
		.maps = d->maps,
		.n_maps = d->n_maps,
		.symbols = d->symbols,
		.n_symbols = d->n_symbols,
	};
}

/** @return the dump of a program on a kernel, for free(); NULL when there is none. */
static struct corpus_dump *corpus_read_dump(const struct corpus_want *w, const char *kernel)
{
	char path[512], line[CORPUS_LINE];

	(void)snprintf(path, sizeof(path), CORPUS_DIR "/%s.%s.xlated", w->name, kernel);
	FILE *f = fopen(path, "re");

	if (!f) {
		return NULL;
	}
	struct corpus_dump *d = calloc(1, sizeof(*d));

	if (!d) {
		abort();
	}
	while (fgets(line, sizeof(line), f)) {
		if (!corpus_line(d, line)) {
			corpus_bad(path, line);
		}
	}
	(void)fclose(f);
	corpus_link(d, w);
	return d;
}

#endif
