/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** What calls count from: kernel/bpf/core.c. */
#define BASE_NAME "__bpf_call_base"

/** Behind the names of programs' own symbols: kernel/kallsyms.c get_ksymbol_bpf(). */
#define OF_PROGRAMS "\t[bpf]"

#define BLOCK_BYTES ((size_t)64 << 10)

/** What is read before the base is known is kept, compactly; more: calls stay anonymous. */
#define EARLY_BYTES ((size_t)32 << 20)

/** A line before that of the base. */
struct early {
	uint64_t address;
	size_t name_at; /**< In the text of all such names. */
	size_t name_len;
};

/** Zero-initialised. */
struct early_lines {
	struct early *rows;
	size_t n, cap;
	char *names;
	size_t n_names, cap_names;
};

struct search {
	struct code_facts *code;
	uint64_t base; /**< 0: its line did not come yet. */
	const int32_t *imms;
	uint32_t n;
	uint32_t n_found; /**< Of imms. */
	uint64_t last;    /**< Address of the line before. */
	uint64_t found;   /**< Address of the last one found. */
	bool unsorted;    /**< Addresses do not ascend: names of one need not be together. */
	struct early_lines early;
};

/** What a line may say. */
enum line_result {
	LINE_NEXT = 0,
	LINE_STOP = 1, /**< Nothing that is wanted comes any more. */
		       /* or -ENOMEM */
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_text(const char *text, size_t len, const char *want)
{
	return len == strlen(want) && memcmp(text, want, len) == 0;
}

bool symbol_parse(const char *line, size_t len, struct symbol_line *ret)
{
	uint64_t address = 0;
	size_t at = 0;

	while (at < len && at <= 16 && hex_digit(line[at]) >= 0) {
		address = address << 4 | (uint64_t)hex_digit(line[at]);
		at++;
	}
	/* " T name": a blank, a letter, a blank, and at least one byte. */
	if (at == 0 || at > 16 || len < at + 4 || line[at] != ' ' || line[at + 2] != ' ') {
		return false;
	}
	const char *name = line + at + 3;
	size_t rest = len - at - 3;
	const char *tab = memchr(name, '\t', rest);
	size_t name_len = tab ? (size_t)(tab - name) : rest;

	if (address == 0 || name_len == 0 || name_len > SYMBOLS_MAX_NAME) {
		return false;
	}
	*ret = (struct symbol_line){.address = address, .name = name, .name_len = name_len};
	ret->of_programs = tab && is_text(tab, rest - name_len, OF_PROGRAMS);
	return true;
}

static int cmp_imms(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a;
	int32_t y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

static int add_symbol(struct code_facts *code, int32_t imm, const struct symbol_line *line)
{
	void *vec = code->symbols;
	char *name = arena_strndup(&code->arena, line->name, line->name_len);

	if (!name || arena_reserve(&code->arena, &vec, code->n_symbols, &code->cap_symbols,
	                           sizeof(*code->symbols)) < 0) {
		return -ENOMEM;
	}
	code->symbols = vec;
	code->symbols[code->n_symbols++] = (struct verdict_symbol){.imm = imm, .name = name};
	return 0;
}

/** Take a line whose distance from the base is known. */
static int match(struct search *s, const struct symbol_line *line)
{
	int64_t distance = (int64_t)(line->address - s->base);
	int32_t imm = (int32_t)distance;

	if (imm != distance || !bsearch(&imm, s->imms, s->n, sizeof(imm), cmp_imms)) {
		return LINE_NEXT;
	}
	/* Lines of one address are neighbours, or else the search does not end early. */
	s->n_found += line->address != s->found;
	s->found = line->address;
	return add_symbol(s->code, imm, line);
}

/** Make room for @p need more bytes in a vector of bytes. @return 0 or -ENOMEM. */
static int grow(void **vec, size_t used, size_t need, size_t *cap)
{
	size_t want = *cap ? *cap : BLOCK_BYTES;

	while (want - used < need) {
		want *= 2;
	}
	if (want == *cap) {
		return 0;
	}
	void *more = realloc(*vec, want);

	if (!more) {
		return -ENOMEM;
	}
	*vec = more;
	*cap = want;
	return 0;
}

/** Calls can be on both sides of the base, so what comes before it waits. */
static int keep_early(struct early_lines *early, const struct symbol_line *line)
{
	void *rows = early->rows;
	void *names = early->names;
	int r = 0;

	if (early->n_names + line->name_len > EARLY_BYTES) {
		return LINE_STOP;
	}
	r = grow(&rows, early->n * sizeof(*early->rows), sizeof(*early->rows), &early->cap);
	early->rows = rows;
	r = r < 0 ? r : grow(&names, early->n_names, line->name_len, &early->cap_names);
	early->names = names;
	if (r < 0) {
		return r;
	}
	memcpy(early->names + early->n_names, line->name, line->name_len);
	early->rows[early->n++] = (struct early){
		.address = line->address, .name_at = early->n_names, .name_len = line->name_len};
	early->n_names += line->name_len;
	return LINE_NEXT;
}

static int match_early(struct search *s)
{
	const struct early_lines *early = &s->early;
	int r = 0;

	for (size_t i = 0; i < early->n && r == 0; i++) {
		const struct early *row = &early->rows[i];
		const struct symbol_line line = {.address = row->address,
		                                 .name = early->names + row->name_at,
		                                 .name_len = row->name_len};

		r = match(s, &line);
	}
	return r;
}

static int take_line(struct search *s, const struct symbol_line *line)
{
	int r = LINE_NEXT;

	/* No call of the kernel's leads into a program, and the kernel needs time in the square of
	 * the number of programs to list them: bpf_get_kallsym() starts anew for each. */
	if (line->of_programs) {
		return LINE_STOP;
	}
	s->unsorted = s->unsorted || line->address < s->last;
	s->last = line->address;
	if (s->base == 0 && is_text(line->name, line->name_len, BASE_NAME)) {
		s->base = line->address;
		r = match_early(s);
	}
	if (s->base == 0) {
		return keep_early(&s->early, line);
	}
	/* All are found, and so are all names of the last one. */
	if (s->n_found == s->n && !s->unsorted && line->address != s->found) {
		return LINE_STOP;
	}
	return r < 0 ? r : match(s, line);
}

/**
 * Hand on the whole lines of a block.
 *
 * @param ret_used bytes of them.
 * @return enum line_result or -ENOMEM.
 */
static int take_lines(struct search *s, const char *block, size_t len, size_t *ret_used)
{
	size_t at = 0;
	int r = LINE_NEXT;

	while (r == LINE_NEXT) {
		const char *end = memchr(block + at, '\n', len - at);
		struct symbol_line line;

		if (!end) {
			break;
		}
		size_t n = (size_t)(end - (block + at));

		r = symbol_parse(block + at, n, &line) ? take_line(s, &line) : LINE_NEXT;
		at += n + 1;
	}
	*ret_used = at;
	return r;
}

/** Read the file in blocks. What cannot be read is not there. @return 0 or -ENOMEM. */
static int search_file(int fd, char *block, struct search *s)
{
	uint64_t total = 0;
	size_t have = 0;
	int r = LINE_NEXT;

	while (r == LINE_NEXT && total < SYMBOLS_MAX_BYTES) {
		ssize_t n = read(fd, block + have, BLOCK_BYTES - have);
		size_t used = 0;

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			break;
		}
		total += (uint64_t)n;
		have += (size_t)n;
		r = take_lines(s, block, have, &used);
		/* A line longer than a block is none of the kernel's: drop what there is of it. */
		have = used == 0 && have == BLOCK_BYTES ? 0 : have - used;
		memmove(block, block + used, have);
	}
	return r < 0 ? r : 0;
}

static int cmp_symbols(const void *a, const void *b)
{
	const struct verdict_symbol *x = a;
	const struct verdict_symbol *y = b;

	return x->imm != y->imm ? (x->imm > y->imm) - (x->imm < y->imm) : strcmp(x->name, y->name);
}

int symbols_read(struct code_facts *code, const char *path, const int32_t *imms, uint32_t n)
{
	struct search search = {.code = code, .imms = imms, .n = n};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r = 0;

	if (fd < 0) {
		return 0;
	}
	char *block = malloc(BLOCK_BYTES);

	r = block ? search_file(fd, block, &search) : -ENOMEM;
	free(block);
	free(search.early.rows);
	free(search.early.names);
	(void)close(fd);
	if (r == 0 && code->n_symbols > 0) {
		qsort(code->symbols, code->n_symbols, sizeof(*code->symbols), cmp_symbols);
		code->env.symbols = code->symbols;
		code->env.n_symbols = code->n_symbols;
	}
	return r;
}
