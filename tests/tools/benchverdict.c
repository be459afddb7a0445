/* SPDX-License-Identifier: Apache-2.0 */
/**
 * benchverdict [SHAPE|tiny|node|endpoints [INSTRUCTIONS]] - how long judging programs of several
 * shapes takes.
 *
 * Without arguments: every shape with 10,000 and 30,000 instructions, with the quotient of the two
 * times; many tiny programs; a node with 6,000 programs. Times are medians of processor
 * time.
 */
#include "analyzer/verdict.h"
#include "tests/shapes.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROUNDS      7
#define TINY_RUNS   100000u
#define TINY_KINDS  14u
#define NODE_PROGS  6000u
#define NODE_KINDS  60u
#define NODE_TAILS  24u /**< Kinds when all lead to each other. */
#define NODE_ROUNDS 3
#define CHAIN_ARRAY 1u

#define PROG_ARRAY 3u /* BPF_MAP_TYPE_PROG_ARRAY, linux/bpf.h */
#define HASH_MAP   1u /* BPF_MAP_TYPE_HASH */
#define ARRAY_MAP  2u /* BPF_MAP_TYPE_ARRAY */

static const struct shape {
	const char *name;
	void (*make)(struct shape_code *c, uint32_t size);
	uint32_t size; /**< Instead of the usual two. */
} shapes[] = {
	{"straight", straight, 0}, {"merges", merges, 0}, {"errors", errors, 0},
	{"loops", loops, 0},       {"nested", nested, 0}, {"outlying", outlying, 0},
	{"switches", switches, 0}, {"bounds", bounds, 0}, {"packets", packets, 2770},
	{"packets", packets, 0},
};

/** Processor time: others on the machine disturb it least. */
static double now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
	const double *x = a;
	const double *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double median(double *times, size_t n)
{
	qsort(times, n, sizeof(*times), by_size);
	return times[n / 2];
}

static void *must(void *memory)
{
	if (!memory) {
		abort();
	}
	return memory;
}

/* --- one program -------------------------------------------------------------------------------
 */

static void print_head(void)
{
	printf("%-10s %7s %9s %8s %6s %9s %8s %9s  %s\n", "shape", "insns", "steps", "states",
	       "passes", "ms", "ns/insn", "KiB", "result");
}

static void print_row(const char *name, uint32_t n, const struct verdict *v, double ms)
{
	printf("%-10s %7" PRIu32 " %9" PRIu64 " %8" PRIu64 " %6" PRIu32 " %9.2f %8.0f %9zu  "
	       "%03" PRIx32 " %s\n",
	       name, n, v->steps, v->states, v->passes, ms, ms * 1e6 / n, v->bytes >> 10, v->codes,
	       verdict_cause_word(v->cause));
}

/** @return the median time of judging the first program of @p env. */
static double bench(const char *name, const struct verdict_env *env, uint32_t n)
{
	double times[ROUNDS];
	struct verdict v = {0};

	for (size_t round = 0; round < COUNT_OF(times); round++) {
		struct arena arena;
		double start = now_ms();

		arena_init(&arena, (size_t)64 << 20);
		if (verdict_run(env, env->progs[0].id, NULL, &arena, &v) < 0) {
			abort();
		}
		times[round] = now_ms() - start;
		arena_done(&arena);
	}
	double ms = median(times, COUNT_OF(times));

	print_row(name, n, &v, ms);
	return ms;
}

static double bench_shape(const struct shape *shape, uint32_t size)
{
	struct shape_code code = {0};

	shape->make(&code, size);

	const struct verdict_prog prog = shape_prog(&code);
	const struct verdict_env env = shape_env(&prog);
	double ms = bench(shape->name, &env, code.n);

	free(code.insns);
	return ms;
}

/** Programs that reach each other through one array. */
static double bench_chain(uint32_t size)
{
	static const uint32_t map_id = CHAIN_ARRAY;
	struct shape_code codes[CHAIN_PROGS] = {0};
	struct verdict_prog progs[CHAIN_PROGS];
	struct verdict_slot slots[CHAIN_PROGS];
	const struct verdict_map map = {.id = CHAIN_ARRAY,
	                                .type = PROG_ARRAY,
	                                .value_size = 4,
	                                .max_entries = CHAIN_PROGS,
	                                .slots_read = true,
	                                .slots = slots,
	                                .n_slots = CHAIN_PROGS};
	uint32_t n = 0;

	for (uint32_t i = 0; i < CHAIN_PROGS; i++) {
		codes[i].array = CHAIN_ARRAY;
		chained(&codes[i], size / CHAIN_PROGS, i);
		progs[i] = (struct verdict_prog){.id = i + 1,
		                                 .insns = codes[i].insns,
		                                 .n_insns = codes[i].n,
		                                 .map_ids = &map_id,
		                                 .n_map_ids = 1,
		                                 .links_read = true};
		slots[i] = (struct verdict_slot){.index = i, .prog_id = i + 1};
		n += codes[i].n;
	}
	const struct verdict_env env = {.progs = progs,
	                                .n_progs = CHAIN_PROGS,
	                                .maps = &map,
	                                .n_maps = 1,
	                                .symbols = shape_symbols,
	                                .n_symbols = N_SHAPE_SYMBOLS};
	double ms = bench("chain", &env, n);

	for (uint32_t i = 0; i < CHAIN_PROGS; i++) {
		free(codes[i].insns);
	}
	return ms;
}

/* --- many small ones ---------------------------------------------------------------------------
 */

static void bench_tiny(void)
{
	struct shape_code codes[TINY_KINDS] = {0};
	double start = 0;
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < TINY_KINDS; i++) {
		tiny(&codes[i], i);
	}
	start = now_ms();
	for (uint32_t i = 0; i < TINY_RUNS; i++) {
		const struct shape_code *c = &codes[i % TINY_KINDS];
		const struct verdict_prog prog = {
			.id = 1, .insns = c->insns, .n_insns = c->n, .links_read = true};
		const struct verdict_env env = {.progs = &prog, .n_progs = 1};
		struct verdict v = {0};
		struct arena arena;

		arena_init(&arena, (size_t)1 << 20);
		if (verdict_run(&env, 1, NULL, &arena, &v) < 0) {
			abort();
		}
		bytes = v.bytes > bytes ? v.bytes : bytes;
		arena_done(&arena);
	}
	double us = (now_ms() - start) * 1e3 / TINY_RUNS;

	printf("tiny: %" PRIu32 " runs of 2 to 11 instructions: %.2f us each, %" PRIu64 " KiB\n",
	       TINY_RUNS, us, bytes >> 10);
	for (uint32_t i = 0; i < TINY_KINDS; i++) {
		free(codes[i].insns);
	}
}

/* --- a node ------------------------------------------------------------------------------------
 */

/** Maps of a copy: its program array, four others, and data. */
#define COPY_MAPS   6u
#define COPIES_MOST (NODE_PROGS / NODE_TAILS)

/** Programs that differ in nothing but the ids of their maps, each copy with a set of them. */
struct node {
	uint32_t n_kinds; /**< Programs of a copy. */
	bool tails;       /**< Each leads to all others of its copy, and reads its own data. */
	struct shape_code codes[NODE_PROGS];
	struct verdict_prog progs[NODE_PROGS];
	uint32_t ids[NODE_PROGS];
	struct verdict verdicts[NODE_PROGS];
	uint32_t same[NODE_PROGS];
	uint32_t map_ids[COPIES_MOST * COPY_MAPS];
	struct verdict_map maps[COPIES_MOST * COPY_MAPS];
	struct verdict_slot slots[COPIES_MOST * NODE_TAILS];
	unsigned char data[COPIES_MOST][ENDPOINT_DATA];
	uint64_t n_insns, n_distinct;
};

/** From 20 to 4,000, most of them small. */
static uint32_t size_of_kind(uint32_t kind, uint32_t n)
{
	uint32_t at = kind * kind * kind;
	uint32_t last = (n - 1) * (n - 1) * (n - 1);

	return 20 + (uint32_t)((uint64_t)at * 3980 / last);
}

static void make_maps(struct node *node, uint32_t copy)
{
	uint32_t first = copy * COPY_MAPS;
	uint32_t n_slots = node->tails ? NODE_TAILS : CHAIN_PROGS;
	struct verdict_slot *slots = &node->slots[copy * NODE_TAILS];

	for (uint32_t i = 0; i < COPY_MAPS; i++) {
		node->map_ids[first + i] = first + i + 1;
		node->maps[first + i] = (struct verdict_map){.id = first + i + 1,
		                                             .type = HASH_MAP,
		                                             .value_size = 8,
		                                             .max_entries = 65536};
	}
	node->maps[first] = (struct verdict_map){.id = first + 1,
	                                         .type = PROG_ARRAY,
	                                         .value_size = 4,
	                                         .max_entries = n_slots,
	                                         .slots_read = true,
	                                         .slots = slots,
	                                         .n_slots = n_slots};
	node->maps[first + COPY_MAPS - 1] = (struct verdict_map){.id = first + COPY_MAPS,
	                                                         .type = ARRAY_MAP,
	                                                         .value_size = ENDPOINT_DATA,
	                                                         .max_entries = 1,
	                                                         .frozen = node->data[copy]};
	memcpy(node->data[copy], &copy, sizeof(copy));
	for (uint32_t i = 0; i < n_slots; i++) {
		slots[i] = (struct verdict_slot){.index = i,
		                                 .prog_id = copy * node->n_kinds +
		                                            (node->tails ? i : i * 3) + 1};
	}
}

static void make_copy(struct node *node, uint32_t copy)
{
	uint32_t first_map = copy * COPY_MAPS;

	make_maps(node, copy);
	for (uint32_t kind = 0; kind < node->n_kinds; kind++) {
		uint32_t row = copy * node->n_kinds + kind;
		uint32_t size = size_of_kind(kind, node->n_kinds);
		struct shape_code *c = &node->codes[row];

		c->array = first_map + 1;
		if (node->tails) {
			endpoint(c, size, kind, first_map + COPY_MAPS);
		} else {
			mixed(c, size, kind);
		}
		node->progs[row] = (struct verdict_prog){.id = row + 1,
		                                         .insns = c->insns,
		                                         .n_insns = c->n,
		                                         .map_ids = &node->map_ids[first_map],
		                                         .n_map_ids = COPY_MAPS,
		                                         .links_read = true};
		node->ids[row] = row + 1;
		node->n_insns += c->n;
		node->n_distinct += copy == 0 ? c->n : 0;
	}
}

static void bench_node(const char *name, bool tails)
{
	struct node *node = must(calloc(1, sizeof(*node)));
	double times[NODE_ROUNDS];
	uint32_t n_judged = 0;
	size_t bytes = 0;

	node->tails = tails;
	node->n_kinds = tails ? NODE_TAILS : NODE_KINDS;
	for (uint32_t copy = 0; copy < NODE_PROGS / node->n_kinds; copy++) {
		make_copy(node, copy);
	}
	const struct verdict_env env = {.progs = node->progs,
	                                .n_progs = COUNT_OF(node->progs),
	                                .maps = node->maps,
	                                .n_maps = COUNT_OF(node->maps),
	                                .symbols = shape_symbols,
	                                .n_symbols = N_SHAPE_SYMBOLS};

	for (size_t round = 0; round < COUNT_OF(times); round++) {
		struct arena arena;
		double start = now_ms();

		arena_init(&arena, (size_t)256 << 20);
		if (verdict_run_all(&env, node->ids, COUNT_OF(node->ids), NULL, &arena,
		                    node->verdicts, node->same) < 0) {
			abort();
		}
		times[round] = now_ms() - start;
		arena_done(&arena);
	}
	for (uint32_t i = 0; i < COUNT_OF(node->same); i++) {
		n_judged += node->same[i] == i;
		bytes = node->verdicts[i].bytes > bytes ? node->verdicts[i].bytes : bytes;
		free(node->codes[i].insns);
	}
	printf("%s: %zu programs, %" PRIu64 " instructions, %" PRIu64 " of them distinct, "
	       "%" PRIu32 " judged: %.1f ms, %zu KiB\n",
	       name, COUNT_OF(node->progs), node->n_insns, node->n_distinct, n_judged,
	       median(times, COUNT_OF(times)), bytes >> 10);
	free(node);
}

/* --- all ---------------------------------------------------------------------------------------
 */

static bool wanted(int argc, char **argv, const char *name)
{
	return argc < 2 || strcmp(argv[1], name) == 0;
}

/** @return how much more 30,000 instructions take than 10,000; 3 is linear. */
static void print_growth(const char *name, double small, double large)
{
	printf("%-10s 30,000 take %.1f times what 10,000 take\n", name, large / small);
}

int main(int argc, char **argv)
{
	uint32_t size = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;

	print_head();
	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		const struct shape *s = &shapes[i];

		if (!wanted(argc, argv, s->name)) {
			continue;
		}
		if (size || s->size) {
			(void)bench_shape(s, size ? size : s->size);
			continue;
		}
		double small = bench_shape(s, 10000);

		print_growth(s->name, small, bench_shape(s, 30000));
	}
	if (wanted(argc, argv, "chain")) {
		double small = bench_chain(size ? size : 10000);

		if (!size) {
			print_growth("chain", small, bench_chain(30000));
		}
	}
	if (wanted(argc, argv, "tiny")) {
		bench_tiny();
	}
	if (wanted(argc, argv, "node")) {
		bench_node("node", false);
	}
	if (wanted(argc, argv, "endpoints")) {
		bench_node("endpoints", true);
	}
	return 0;
}
