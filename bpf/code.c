/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/code.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INSN_BYTES 8u

void code_init(struct code_facts *code, size_t limit_bytes)
{
	*code = (struct code_facts){0};
	arena_init(&code->arena, limit_bytes);
}

void code_done(struct code_facts *code)
{
	struct arena *arena = &code->arena;
	void *vec = code->progs;

	arena_release(arena, &vec, &code->cap_progs, sizeof(*code->progs));
	vec = code->funcs;
	arena_release(arena, &vec, &code->cap_funcs, sizeof(*code->funcs));
	vec = code->maps;
	arena_release(arena, &vec, &code->cap_maps, sizeof(*code->maps));
	vec = code->streams;
	arena_release(arena, &vec, &code->cap_streams, sizeof(*code->streams));
	vec = code->exts;
	arena_release(arena, &vec, &code->cap_exts, sizeof(*code->exts));
	vec = code->symbols;
	arena_release(arena, &vec, &code->cap_symbols, sizeof(*code->symbols));
	idmap_done(&code->prog_of);
	idmap_done(&code->buckets);
	arena_done(arena);
	*code = (struct code_facts){0};
}

/** FNV-1a over words of eight bytes, which instructions are. */
static uint64_t hash_insns(const void *insns, uint32_t n_insns)
{
	const unsigned char *at = insns;
	uint64_t hash = UINT64_C(14695981039346656037);

	for (uint32_t i = 0; i < n_insns; i++) {
		uint64_t word;

		memcpy(&word, at + (size_t)i * INSN_BYTES, sizeof(word));
		hash = (hash ^ word) * UINT64_C(1099511628211);
		hash ^= hash >> 29;
	}
	return hash;
}

/** Key of a hash in the table of buckets, whose keys are never 0. */
static uint32_t bucket_of(uint64_t hash)
{
	uint32_t key = (uint32_t)(hash ^ (hash >> 32));

	return key != 0 ? key : 1;
}

static const struct code_stream *find_stream(const struct code_facts *code, uint32_t first,
                                             const struct code_stream *want)
{
	for (uint32_t at = first; at != 0; at = code->streams[at - 1].next) {
		const struct code_stream *s = &code->streams[at - 1];

		if (s->hash == want->hash && s->n_insns == want->n_insns &&
		    memcmp(s->insns, want->insns, (size_t)want->n_insns * INSN_BYTES) == 0) {
			return s;
		}
	}
	return NULL;
}

/** Append a stream behind the bucket's @p first one, or as its first. */
static int add_stream(struct code_facts *code, uint32_t first, const struct code_stream *row)
{
	void *vec = code->streams;
	int r = arena_reserve(&code->arena, &vec, code->n_streams, &code->cap_streams,
	                      sizeof(*code->streams));

	if (r < 0) {
		return r;
	}
	code->streams = vec;
	code->streams[code->n_streams] = *row;
	if (first != 0) {
		code->streams[code->n_streams].next = code->streams[first - 1].next;
		code->streams[first - 1].next = code->n_streams + 1;
	} else {
		r = idmap_add(&code->buckets, bucket_of(row->hash), code->n_streams + 1);
	}
	code->n_streams += r == 0;
	return r;
}

const void *code_keep(struct code_facts *code, const void *insns, uint32_t n_insns)
{
	size_t bytes = (size_t)n_insns * INSN_BYTES;
	struct code_stream row = {
		.insns = insns, .n_insns = n_insns, .hash = hash_insns(insns, n_insns)};
	uint32_t first = 0;

	(void)idmap_find(&code->buckets, bucket_of(row.hash), &first);
	const struct code_stream *same = find_stream(code, first, &row);

	if (same) {
		return same->insns;
	}
	void *copy = arena_alloc(&code->arena, bytes);

	if (!copy) {
		return NULL;
	}
	memcpy(copy, insns, bytes);
	row.insns = copy;
	return add_stream(code, first, &row) == 0 ? copy : NULL;
}

int code_add_prog(struct code_facts *code, const struct verdict_prog *row, struct code_funcs funcs)
{
	void *progs = code->progs;
	void *rows = code->funcs;
	int r = arena_reserve(&code->arena, &progs, code->n_progs, &code->cap_progs,
	                      sizeof(*code->progs));

	if (r == 0) {
		code->progs = progs;
		r = arena_reserve(&code->arena, &rows, code->n_progs, &code->cap_funcs,
		                  sizeof(*code->funcs));
	}
	if (r == 0) {
		code->funcs = rows;
		r = idmap_add(&code->prog_of, row->id, code->n_progs);
	}
	if (r == 0) {
		code->progs[code->n_progs] = *row;
		code->funcs[code->n_progs++] = funcs;
	}
	return r;
}

int code_add_map(struct code_facts *code, const struct verdict_map *row)
{
	void *vec = code->maps;
	int r = arena_reserve(&code->arena, &vec, code->n_maps, &code->cap_maps,
	                      sizeof(*code->maps));

	if (r == 0) {
		code->maps = vec;
		code->maps[code->n_maps++] = *row;
	}
	return r;
}

int code_add_ext(struct code_facts *code, const struct code_ext *row)
{
	void *vec = code->exts;
	int r = arena_reserve(&code->arena, &vec, code->n_exts, &code->cap_exts,
	                      sizeof(*code->exts));

	if (r == 0) {
		code->exts = vec;
		code->exts[code->n_exts++] = *row;
	}
	return r;
}

/** Where in @p prog the function with a type begins. */
static bool find_func(const struct verdict_prog *prog, struct code_funcs funcs, uint32_t type_id,
                      uint32_t *ret_insn)
{
	for (uint32_t i = 0; i < prog->n_func_insns; i++) {
		if (funcs.type_ids[i] == type_id) {
			*ret_insn = prog->func_insns[i];
			return true;
		}
	}
	return false;
}

static int cmp_replaced(const void *a, const void *b)
{
	const struct verdict_replaced *x = a;
	const struct verdict_replaced *y = b;

	return (x->insn > y->insn) - (x->insn < y->insn);
}

/** Put one more replaced function into a program's list, a new one each time: they are few. */
static int replace(struct code_facts *code, struct verdict_prog *prog, uint32_t insn, uint32_t by)
{
	struct verdict_replaced *list =
		arena_alloc(&code->arena, (prog->n_replaced + 1) * sizeof(*list));

	if (!list) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < prog->n_replaced; i++) {
		list[i] = prog->replaced[i];
	}
	list[prog->n_replaced] = (struct verdict_replaced){.insn = insn, .prog_id = by};
	qsort(list, prog->n_replaced + 1, sizeof(*list), cmp_replaced);
	prog->replaced = list;
	prog->n_replaced++;
	return 0;
}

/** A function was replaced in a program of ours. @return 0 or -ENOMEM. */
static int take_ext(struct code_facts *code, const struct code_ext *ext)
{
	uint32_t at;
	uint32_t ext_at;
	uint32_t insn;

	if (!idmap_find(&code->prog_of, ext->target, &at)) {
		return 0;
	}
	struct verdict_prog *prog = &code->progs[at];

	/* What an EXT program returns takes the place of what the function returned. */
	if (idmap_find(&code->prog_of, ext->prog_id, &ext_at)) {
		code->progs[ext_at].lang = prog->lang;
	}
	if (!find_func(prog, code->funcs[at], ext->type_id, &insn)) {
		prog->links_read = false; /* something is replaced, and we cannot tell what */
		prog->has_globals = true;
		return 0;
	}
	return replace(code, prog, insn, ext->prog_id);
}

static int cmp_progs(const void *a, const void *b)
{
	uint32_t x = ((const struct verdict_prog *)a)->id;
	uint32_t y = ((const struct verdict_prog *)b)->id;

	return (x > y) - (x < y);
}

static int cmp_maps(const void *a, const void *b)
{
	uint32_t x = ((const struct verdict_map *)a)->id;
	uint32_t y = ((const struct verdict_map *)b)->id;

	return (x > y) - (x < y);
}

int code_seal(struct code_facts *code)
{
	int r = 0;

	for (uint32_t i = 0; i < code->n_progs; i++) {
		code->progs[i].links_read = code->links_read;
	}
	for (uint32_t i = 0; i < code->n_exts && r == 0; i++) {
		r = take_ext(code, &code->exts[i]);
	}
	if (code->n_progs > 0) {
		qsort(code->progs, code->n_progs, sizeof(*code->progs), cmp_progs);
	}
	if (code->n_maps > 0) {
		qsort(code->maps, code->n_maps, sizeof(*code->maps), cmp_maps);
	}
	idmap_done(&code->prog_of); /* its indexes are those of before */
	code->env.progs = code->progs;
	code->env.n_progs = code->n_progs;
	code->env.maps = code->maps;
	code->env.n_maps = code->n_maps;
	return r;
}
