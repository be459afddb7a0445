/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** What calls count from: kernel/bpf/core.c. */
#define BASE_NAME "__bpf_call_base"

#define BLOCK_BYTES ((size_t)64 << 10)

/** Called for each line. @return 0 to go on, 1 to stop, -ENOMEM. */
typedef int line_fn(const struct symbol_line *line, void *arg);

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
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
	return true;
}

/** Hand on the whole lines of a block. @return bytes used, or what ended it: -1 stop, -ENOMEM. */
static ssize_t take_lines(const char *block, size_t len, line_fn *fn, void *arg)
{
	size_t at = 0;

	for (;;) {
		const char *end = memchr(block + at, '\n', len - at);
		struct symbol_line line;

		if (!end) {
			return (ssize_t)at;
		}
		size_t n = (size_t)(end - (block + at));
		int r = symbol_parse(block + at, n, &line) ? fn(&line, arg) : 0;

		if (r != 0) {
			return r < 0 ? r : -1;
		}
		at += n + 1;
	}
}

/** Read the file in blocks. What cannot be read is not there. @return 0 or -ENOMEM. */
static int each_line(int fd, char *block, line_fn *fn, void *arg)
{
	uint64_t total = 0;
	size_t have = 0;

	while (total < SYMBOLS_MAX_BYTES) {
		ssize_t n = read(fd, block + have, BLOCK_BYTES - have);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return 0;
		}
		total += (uint64_t)n;
		have += (size_t)n;

		ssize_t used = take_lines(block, have, fn, arg);

		if (used < 0) {
			return used == -ENOMEM ? -ENOMEM : 0;
		}
		/* A line longer than a block is none of the kernel's: drop what there is of it. */
		have = used == 0 && have == BLOCK_BYTES ? 0 : have - (size_t)used;
		memmove(block, block + used, have);
	}
	return 0;
}

static int find_base(const struct symbol_line *line, void *arg)
{
	uint64_t *base = arg;

	if (line->name_len != sizeof(BASE_NAME) - 1 ||
	    memcmp(line->name, BASE_NAME, sizeof(BASE_NAME) - 1) != 0) {
		return 0;
	}
	*base = line->address;
	return 1;
}

struct search {
	struct code_facts *code;
	uint64_t base;
	const int32_t *imms;
	uint32_t n;
};

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

static int find_wanted(const struct symbol_line *line, void *arg)
{
	struct search *s = arg;
	int64_t distance = (int64_t)(line->address - s->base);
	int32_t imm = (int32_t)distance;

	if (imm != distance || !bsearch(&imm, s->imms, s->n, sizeof(imm), cmp_imms)) {
		return 0;
	}
	return add_symbol(s->code, imm, line);
}

static int cmp_symbols(const void *a, const void *b)
{
	const struct verdict_symbol *x = a;
	const struct verdict_symbol *y = b;

	return x->imm != y->imm ? (x->imm > y->imm) - (x->imm < y->imm) : strcmp(x->name, y->name);
}

/** The base first, which ends early; then the wanted ones, which can be on both sides of it. */
static int search_file(int fd, char *block, struct search *s)
{
	int r = each_line(fd, block, find_base, &s->base);

	if (r < 0 || s->base == 0 || lseek(fd, 0, SEEK_SET) < 0) {
		return r;
	}
	return each_line(fd, block, find_wanted, s);
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
	(void)close(fd);
	if (r == 0 && code->n_symbols > 0) {
		qsort(code->symbols, code->n_symbols, sizeof(*code->symbols), cmp_symbols);
		code->env.symbols = code->symbols;
		code->env.n_symbols = code->n_symbols;
	}
	return r;
}
