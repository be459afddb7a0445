/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/*
 * Soundness against this kernel: random programs that the verifier accepts are run with random
 * packets and contexts; what they return must lie in the computed set. Needs the right to load
 * programs; TCAUDIT_SEED and TCAUDIT_RUNS (program and packet pairs) change what is run.
 */
#include "analyzer/value.h"
#include "analyzer/verdict.h"
#include "tests/progen.h"
#include "tests/unit/kernel_answers.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PACKETS      16u
#define DEFAULT_RUNS 24000u
#define MOST_TARGETS 3u
#define FROZEN_BYTES 64u
#define ELEM_BYTES   64u
#define N_ELEMS      2u
#define MOST_CPUS    1024u
#define MOST_INSNS   20000u

struct kernel_symbol {
	uint64_t address;
	char *name;
};

static struct symbols {
	struct kernel_symbol *rows;
	size_t n;
	uint64_t base;
} table;

static long bpf_call(int cmd, union bpf_attr *attr)
{
	return syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

static int map_create(uint32_t type, uint32_t value_size, uint32_t entries, uint32_t flags)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = 4;
	attr.value_size = value_size;
	attr.max_entries = entries;
	attr.map_flags = flags;
	return (int)bpf_call(BPF_MAP_CREATE, &attr);
}

static int map_update(int map, uint32_t key, const void *value)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map;
	attr.key = (uint64_t)(uintptr_t)&key;
	attr.value = (uint64_t)(uintptr_t)value;
	return (int)bpf_call(BPF_MAP_UPDATE_ELEM, &attr);
}

static uint32_t map_id(int map)
{
	struct bpf_map_info info = {0};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)map;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uint64_t)(uintptr_t)&info;
	cr_assert_eq(bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attr), 0, "%s", strerror(errno));
	return info.id;
}

static int prog_load(const struct slot8 *code, uint32_t n)
{
	static const char license[] = "GPL";
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
	attr.insns = (uint64_t)(uintptr_t)code;
	attr.insn_cnt = n;
	attr.license = (uint64_t)(uintptr_t)license;
	return (int)bpf_call(BPF_PROG_LOAD, &attr);
}

/** Translated instructions of a program; freed by the caller. */
static void *prog_dump(int fd, struct verdict_prog *prog)
{
	struct bpf_prog_info info = {0};
	union bpf_attr attr;
	static __thread struct slot8 buffer[MOST_INSNS];
	void *copy = NULL;

	info.xlated_prog_insns = (uint64_t)(uintptr_t)buffer;
	info.xlated_prog_len = sizeof(buffer);
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uint64_t)(uintptr_t)&info;
	cr_assert_eq(bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attr), 0, "%s", strerror(errno));
	cr_assert(info.xlated_prog_insns && info.xlated_prog_len <= sizeof(buffer));
	copy = malloc(info.xlated_prog_len);
	cr_assert(copy);
	memcpy(copy, buffer, info.xlated_prog_len);
	*prog = (struct verdict_prog){.id = info.id,
	                              .insns = copy,
	                              .n_insns = info.xlated_prog_len / 8,
	                              .links_read = true};
	return copy;
}

static int by_address(const void *a, const void *b)
{
	const struct kernel_symbol *x = a;
	const struct kernel_symbol *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static void read_symbols(void)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	char line[512];
	size_t cap = 0;

	while (f && fgets(line, sizeof(line), f)) {
		char *rest = NULL;
		unsigned long long address = strtoull(line, &rest, 16);
		int type = rest[0] == ' ' ? rest[1] : 0;
		char *name = type != 0 && rest[2] == ' ' ? rest + 3 : line;

		if (name == line || (type != 't' && type != 'T')) {
			continue;
		}
		name[strcspn(name, " \t\n")] = '\0';
		if (table.n == cap) {
			cap = cap ? cap * 2 : 65536;
			table.rows = realloc(table.rows, cap * sizeof(*table.rows));
			cr_assert(table.rows);
		}
		char *copy = strdup(name);

		cr_assert(copy);
		table.rows[table.n].address = address;
		table.rows[table.n++].name = copy;
		if (strcmp(name, "__bpf_call_base") == 0) {
			table.base = address;
		}
	}
	if (f) {
		(void)fclose(f);
	}
	qsort(table.rows, table.n, sizeof(*table.rows), by_address);
}

struct wanted {
	struct verdict_symbol rows[64];
	uint32_t n;
};

static void want_symbol(int32_t imm, void *arg)
{
	struct wanted *w = arg;
	struct kernel_symbol key = {.address = table.base + (uint64_t)(int64_t)imm};
	struct kernel_symbol *found = NULL;
	uint32_t at = w->n;

	for (uint32_t i = 0; i < w->n; i++) {
		if (w->rows[i].imm == imm) {
			return;
		}
	}
	found = table.base ? bsearch(&key, table.rows, table.n, sizeof(key), by_address) : NULL;
	if (!found || w->n == 64) {
		return;
	}
	for (; at > 0 && w->rows[at - 1].imm > imm; at--) {
		w->rows[at] = w->rows[at - 1];
	}
	w->rows[at] = (struct verdict_symbol){imm, found->name};
	w->n++;
}

static bool admits(const struct verdict *v, uint32_t result)
{
	if (v->n_values == 0) {
		return v->codes == CODES_ALL;
	}
	if (!(v->codes & CODE_BIT(code_of_result((int32_t)result)))) {
		return false;
	}
	for (uint32_t i = 0; i < v->n_values; i++) {
		struct value low = val_low(&v->values[i]);

		if (val_has(&low, result)) {
			return true;
		}
	}
	return false;
}

/** One run. @return false when the kernel refused. */
static bool run_once(int fd, uint64_t *rng, uint32_t *ret)
{
	uint8_t packet[256];
	struct __sk_buff skb = {0};
	union bpf_attr attr;
	uint32_t len = 14 + (uint32_t)(*rng % 200);

	for (uint32_t i = 0; i < sizeof(packet); i++) {
		*rng = *rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		packet[i] = (uint8_t)(*rng >> (*rng >> 61 ? 40 : 60));
	}
	skb.mark = (uint32_t)(*rng >> 32);
	skb.priority = (uint32_t)(*rng >> 20);
	for (uint32_t i = 0; i < 5; i++) {
		skb.cb[i] = (uint32_t)(*rng >> (8 * i));
	}
	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (uint32_t)fd;
	attr.test.data_in = (uint64_t)(uintptr_t)packet;
	attr.test.data_size_in = len;
	attr.test.repeat = 1;
	attr.test.ctx_in = (uint64_t)(uintptr_t)&skb;
	attr.test.ctx_size_in = sizeof(skb);
	if (bpf_call(BPF_PROG_TEST_RUN, &attr) < 0) {
		return false;
	}
	*ret = attr.test.retval;
	return true;
}

struct session {
	struct progen gen;
	int array, frozen, elems;
	uint8_t content[FROZEN_BYTES];
	struct verdict_map maps[3];
	struct verdict_slot slots[MOST_TARGETS];
	struct verdict_prog targets[MOST_TARGETS]; /* as dumped */
	void *dumps[MOST_TARGETS];                 /* what these point to */
	uint64_t n_pairs, n_loaded, n_refused, n_exact, n_all, n_codes, n_seen;
	uint64_t rng;
};

static int by_prog_id(const void *a, const void *b)
{
	const struct verdict_prog *x = a;
	const struct verdict_prog *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int by_map_id(const void *a, const void *b)
{
	const struct verdict_map *x = a;
	const struct verdict_map *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/** Give the elements other content, on every CPU. */
static void fill_elements(struct session *s)
{
	static uint8_t content[MOST_CPUS * ELEM_BYTES];

	for (uint32_t key = 0; key < N_ELEMS; key++) {
		for (size_t i = 0; i < sizeof(content); i++) {
			s->rng = s->rng * UINT64_C(6364136223846793005) +
			         UINT64_C(1442695040888963407);
			content[i] = (uint8_t)(s->rng >> (s->rng >> 61 ? 40 : 60));
		}
		cr_assert_eq(map_update(s->elems, key, content), 0, "%s", strerror(errno));
	}
}

static void check_program(struct session *s, int fd, const struct verdict_prog *prog, uint64_t seed)
{
	struct verdict_prog progs[MOST_TARGETS + 1];
	struct wanted wanted = {0};
	uint32_t ids[] = {s->maps[0].id, s->maps[1].id, s->maps[2].id};
	struct verdict_env env = {
		.progs = progs, .n_progs = 1, .maps = s->maps, .n_maps = COUNT_OF(s->maps)};
	struct verdict v;
	struct arena arena;
	uint32_t seen = 0;

	progs[0] = *prog;
	for (uint32_t i = 0; i < MOST_TARGETS; i++) {
		if (s->targets[i].insns && s->targets[i].id != prog->id) {
			progs[env.n_progs++] = s->targets[i];
		}
	}
	for (uint32_t i = 0; i < env.n_progs; i++) {
		progs[i].map_ids = ids;
		progs[i].n_map_ids = COUNT_OF(ids);
		(void)verdict_calls(progs[i].insns, progs[i].n_insns, want_symbol, &wanted);
	}
	qsort(progs, env.n_progs, sizeof(progs[0]), by_prog_id);
	env.symbols = wanted.rows;
	env.n_symbols = wanted.n;
	arena_init(&arena, 16u << 20);
	cr_assert_eq(verdict_run(&env, prog->id, NULL, &arena, &v), 0);
	s->n_exact += v.exact;
	s->n_all += v.codes == CODES_ALL;
	fill_elements(s);
	for (uint32_t i = 0; i < PACKETS; i++) {
		uint32_t result = 0;

		if (run_once(fd, &s->rng, &result)) {
			s->n_pairs++;
			seen |= CODE_BIT(code_of_result((int32_t)result));
			cr_expect(admits(&v, result),
			          "seed %llu: returns %d, not in codes %x (exact %d, %u values)",
			          (unsigned long long)seed, (int32_t)result, v.codes, v.exact,
			          v.n_values);
		}
	}
	s->n_codes += (uint64_t)__builtin_popcount(v.codes);
	s->n_seen += (uint64_t)__builtin_popcount(seen);
	arena_done(&arena);
}

/** A program that was checked takes a place in the program array. */
static void become_target(struct session *s, int fd, const struct verdict_prog *prog, void *dump)
{
	uint32_t at = (uint32_t)(s->rng >> 40) % MOST_TARGETS;

	if (map_update(s->array, at, &fd) == 0) {
		struct verdict_map *map = &s->maps[0];
		uint32_t n = 0;

		while (map->type != BPF_MAP_TYPE_PROG_ARRAY) {
			map++;
		}

		free(s->dumps[at]);
		s->dumps[at] = dump;
		s->targets[at] = *prog;
		for (uint32_t i = 0; i < MOST_TARGETS; i++) {
			if (s->targets[i].insns) {
				s->slots[n++] = (struct verdict_slot){i, s->targets[i].id};
			}
		}
		map->n_slots = n;
	} else {
		free(dump);
	}
}

static bool begin(struct session *s)
{
	union bpf_attr attr;

	s->array = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 0);
	s->frozen = map_create(BPF_MAP_TYPE_ARRAY, FROZEN_BYTES, 1, BPF_F_RDONLY_PROG);
	s->elems = map_create(BPF_MAP_TYPE_PERCPU_ARRAY, ELEM_BYTES, N_ELEMS, 0);
	if (s->array < 0 || s->frozen < 0 || s->elems < 0) {
		return false;
	}
	for (uint32_t i = 0; i < FROZEN_BYTES; i++) {
		s->content[i] = (uint8_t)(i % 3 ? 0 : i % 9);
	}
	cr_assert_eq(map_update(s->frozen, 0, s->content), 0);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)s->frozen;
	cr_assert_eq(bpf_call(BPF_MAP_FREEZE, &attr), 0);
	s->maps[0] = (struct verdict_map){.id = map_id(s->array),
	                                  .type = BPF_MAP_TYPE_PROG_ARRAY,
	                                  .max_entries = 4,
	                                  .slots_read = true,
	                                  .slots = s->slots};
	s->maps[1] = (struct verdict_map){.id = map_id(s->frozen),
	                                  .type = BPF_MAP_TYPE_ARRAY,
	                                  .value_size = FROZEN_BYTES,
	                                  .max_entries = 1,
	                                  .frozen = s->content};
	s->maps[2] = (struct verdict_map){.id = map_id(s->elems),
	                                  .type = BPF_MAP_TYPE_PERCPU_ARRAY,
	                                  .value_size = ELEM_BYTES,
	                                  .max_entries = N_ELEMS};
	qsort(s->maps, COUNT_OF(s->maps), sizeof(s->maps[0]), by_map_id);
	s->gen.array = s->array;
	s->gen.frozen = s->frozen;
	s->gen.elems = s->elems;
	s->gen.packets = true;
	return true;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

Test(kernel_run, results_are_in_the_set, .timeout = 36000)
{
	static struct session s;
	uint64_t seed = setting("TCAUDIT_SEED", 1);
	uint64_t runs = setting("TCAUDIT_RUNS", DEFAULT_RUNS);
	struct slot8 none[] = {MOV64_IMM(0, 0), EXIT()};

	need_answers();

	int probe = prog_load(none, 2);

	if (probe < 0 || !begin(&s)) {
		cr_skip("cannot load programs: %s", strerror(errno));
		return;
	}
	(void)close(probe);
	read_symbols();
	s.rng = seed;
	for (uint64_t i = 0; s.n_pairs < runs && s.n_refused < 10 * runs; i++) {
		struct verdict_prog prog;

		progen_make(&s.gen, (seed << 32) + i + 1);
		int fd = prog_load(s.gen.code, s.gen.n);

		if (fd < 0) {
			s.n_refused++;
			continue;
		}
		s.n_loaded++;
		void *dump = prog_dump(fd, &prog);

		check_program(&s, fd, &prog, (seed << 32) + i + 1);
		if (i % 4 == 0) {
			become_target(&s, fd, &prog, dump);
		} else {
			free(dump);
		}
		close(fd);
	}
	for (uint32_t i = 0; i < MOST_TARGETS; i++) {
		free(s.dumps[i]);
	}
	for (size_t i = 0; i < table.n; i++) {
		free(table.rows[i].name);
	}
	free(table.rows);
	(void)fprintf(
		stderr,
		"kernel_run: seed %llu: %llu programs (%llu refused), %llu pairs; exact %llu, all "
		"words %llu, words seen %llu of %llu\n",
		(unsigned long long)seed, (unsigned long long)s.n_loaded,
		(unsigned long long)s.n_refused, (unsigned long long)s.n_pairs,
		(unsigned long long)s.n_exact, (unsigned long long)s.n_all,
		(unsigned long long)s.n_seen, (unsigned long long)s.n_codes);
	cr_assert_geq(s.n_pairs, runs, "only %llu pairs ran", (unsigned long long)s.n_pairs);
}
