/* SPDX-License-Identifier: Apache-2.0 */
/* layers: bpf model */
/*
 * Facts for the analysis of return codes: texts of the kernel, and programs and maps of this one.
 */
#include "bpf/code.h"
#include "bpf/prog.h"
#include "bpf/source.h"
#include "bpf/symbols.h"
#include "model/attrs.h"
#include "model/text.h"
#include "tests/unit/prog_fixture.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_S 20

/* clang-format off */
#define MOV(r, v)  {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (r), .imm = (v)}
#define CALL(d)    {.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = (d)}
#define MAP(r, fd) {.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = (r), .src_reg = BPF_PSEUDO_MAP_FD, .imm = (fd)}, {0}
#define VALUE(r, fd) {.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = (r), .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = (fd)}, {0}
#define LOAD(d, s) {.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = (d), .src_reg = (s)}
#define EXIT       {.code = BPF_JMP | BPF_EXIT}
/* clang-format on */

static const struct {
	const char *name;
	const char *line;
	bool ok;
	uint64_t address;
	const char *want;
} symbol_cases[] = {
	{"plain", "ffffffff81000000 T _stext", true, 0xffffffff81000000, "_stext"},
	{"of a module", "ffffffffc0201000 t nf_hook\t[nf_tables]", true, 0xffffffffc0201000,
         "nf_hook"},
	{"32 bit", "c0100000 T start", true, 0xc0100000, "start"},
	{"per CPU, small", "0000000000001000 A x", true, 0x1000, "x"},
	{"hidden", "0000000000000000 T _stext", false, 0, NULL},
	{"no name", "ffffffff81000000 T ", false, 0, NULL},
	{"no letter", "ffffffff81000000 ", false, 0, NULL},
	{"address alone", "ffffffff81000000", false, 0, NULL},
	{"too many digits", "ffffffff810000001 T a", false, 0, NULL},
	{"no address", " T a", false, 0, NULL},
	{"capital digits", "FFFFFFFF81000000 T a", false, 0, NULL},
	{"module alone", "ffffffff81000000 T \t[x]", false, 0, NULL},
	{"empty", "", false, 0, NULL},
};

Test(code, symbol_lines)
{
	for (size_t i = 0; i < COUNT_OF(symbol_cases); i++) {
		size_t len = strlen(symbol_cases[i].line);
		char *exact = malloc(len + !len); /* so that reading on is an error */
		struct symbol_line got = {0};

		cr_assert_not_null(exact);
		memcpy(exact, symbol_cases[i].line, len);
		cr_expect_eq(symbol_parse(exact, len, &got), symbol_cases[i].ok, "%s",
		             symbol_cases[i].name);
		if (symbol_cases[i].ok) {
			cr_expect_eq(got.address, symbol_cases[i].address, "%s",
			             symbol_cases[i].name);
			cr_expect(got.name_len == strlen(symbol_cases[i].want) &&
			                  memcmp(got.name, symbol_cases[i].want, got.name_len) == 0,
			          "%s", symbol_cases[i].name);
		}
		free(exact);
	}
}

/** Write a file that is gone with the test; @return its path in @p path. */
static void make_file(char *path, const char *text)
{
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

static const struct {
	const char *name;
	const char *text;
	uint32_t n;
	const char *want[3]; /**< By imm: -16, 16, 16. */
} table_cases[] = {
	{"both sides of the base, two names, one unasked",
         "ffffffff81000000 T far\nffffffff81000ff0 t before\nffffffff81001000 T __bpf_call_base\n"
         "ffffffff81001010 T one\nffffffff81001010 T another\nffffffff81001020 T unasked\n",
         3,
         {"before", "another", "one"}},
	{"no base", "ffffffff81001010 T one\n", 0, {NULL}},
	{"hidden", "0000000000000000 T __bpf_call_base\n0000000000000000 T one\n", 0, {NULL}},
	{"further away than 32 bits",
         "ffffffff81001000 T __bpf_call_base\n0000000081001010 T one\n",
         0,
         {NULL}},
	{"last line without its end",
         "ffffffff81001000 T __bpf_call_base\nffffffff81001010 T one\nffffffff81000ff0 T be",
         1,
         {"one"}},
	{"behind programs nothing follows",
         "ffffffff81001000 T __bpf_call_base\nffffffffc0000000 t bpf_prog_1_a\t[bpf]\n"
         "ffffffff81001010 T one\n",
         0,
         {NULL}},
	{"a module is not a program",
         "ffffffff81001000 T __bpf_call_base\nffffffff81001010 t one\t[bpfilter]\n",
         1,
         {"one"}},
	{"when all are found, the rest is not looked at",
         "ffffffff81000ff0 t before\nffffffff81001000 T __bpf_call_base\n"
         "ffffffff81001010 T one\nffffffff81001010 T another\nffffffff81001020 T after\n"
         "ffffffff81001010 T late\n",
         3,
         {"before", "another", "one"}},
	{"unless addresses do not ascend",
         "ffffffff81000ff0 t before\nffffffff81000000 t down\n"
         "ffffffff81001000 T __bpf_call_base\nffffffff81001010 T one\n"
         "ffffffff81001020 T after\nffffffff81001010 T another\n",
         3,
         {"before", "another", "one"}},
	{"empty", "", 0, {NULL}},
};

Test(code, symbol_tables)
{
	static const int32_t imms[] = {-16, 16};

	for (size_t i = 0; i < COUNT_OF(table_cases); i++) {
		char path[] = "/tmp/tcaudit-kallsyms-XXXXXX";
		struct code_facts code;

		make_file(path, table_cases[i].text);
		code_init(&code, CODE_ARENA_BYTES);
		cr_expect_eq(symbols_read(&code, path, imms, COUNT_OF(imms)), 0, "%s",
		             table_cases[i].name);
		cr_expect_eq(code.env.n_symbols, table_cases[i].n, "%s: %u", table_cases[i].name,
		             code.env.n_symbols);
		for (uint32_t k = 0; k < table_cases[i].n && k < code.env.n_symbols; k++) {
			cr_expect(text_eq(code.env.symbols[k].name, table_cases[i].want[k]),
			          "%s: %s", table_cases[i].name, code.env.symbols[k].name);
		}
		code_done(&code);
		(void)unlink(path);
	}
}

/** Lines that lie across the blocks of reading are whole, on both sides of the base. */
static void check_blocks(uint32_t before)
{
	static const char base[] = "ffffffff81001000 T __bpf_call_base\n";
	const uint32_t n = 9000; /* about 300 KiB */
	char *text = calloc(n + 1, 40);
	int32_t *imms = calloc(n, sizeof(*imms));
	char path[] = "/tmp/tcaudit-kallsyms-XXXXXX";
	struct code_facts code;
	size_t used = 0;

	cr_assert(text && imms);
	for (uint32_t i = 0; i < n; i++) {
		int32_t distance = ((int32_t)i - (int32_t)before) * 16;

		if (i == before) {
			memcpy(text + used, base, sizeof(base));
			used += sizeof(base) - 1;
		}
		imms[i] = distance + (i >= before) * 16;
		used += (size_t)snprintf(text + used, 40, "%016llx T name_%u\n",
		                         0xffffffff81001000ULL + (unsigned long long)imms[i], i);
	}
	make_file(path, text);
	code_init(&code, CODE_ARENA_BYTES);
	cr_expect_eq(symbols_read(&code, path, imms, n), 0);
	cr_assert_eq(code.env.n_symbols, n, "%u: %u", before, code.env.n_symbols);
	for (uint32_t i = 0; i < n; i++) {
		char want[32];

		(void)snprintf(want, sizeof(want), "name_%u", i);
		cr_expect(text_eq(code.env.symbols[i].name, want), "%s", want);
	}
	code_done(&code);
	code_init(&code, 4096);
	cr_expect_eq(symbols_read(&code, path, imms, n), -ENOMEM, "at the limit");
	code_done(&code);
	(void)unlink(path);
	free(text);
	free(imms);
}

Test(code, symbol_blocks)
{
	check_blocks(0);
	check_blocks(7000);
}

Test(code, symbols_of_this_kernel, .timeout = TIMEOUT_S)
{
	static const int32_t imms[] = {0};
	struct code_facts code;

	code_init(&code, CODE_ARENA_BYTES);
	cr_expect_eq(symbols_read(&code, "/proc/kallsyms", imms, 1), 0);
	if (code.env.n_symbols == 0) {
		code_done(&code);
		cr_skip_test("kernel addresses are hidden");
	}
	bool found = false;

	for (uint32_t i = 0; i < code.env.n_symbols; i++) {
		found = found || text_eq(code.env.symbols[i].name, "__bpf_call_base");
	}
	cr_expect(found);
	cr_expect_eq(symbols_read(&code, "/nowhere", imms, 1), 0, "no file: no names");
	code_done(&code);
}

static const struct {
	const char *name;
	const char *text;
	bool want;
} fdinfo_cases[] = {
	{"frozen", "pos:\t0\nflags:\t02\nmap_type:\t2\nfrozen:\t1\n", true},
	{"not", "pos:\t0\nfrozen:\t0\n", false},
	{"first line", "frozen:\t1", true},
	{"not said", "pos:\t0\nmap_type:\t2\n", false},
	{"another key", "unfrozen:\t1\nmap_frozen:\t1\n", false},
	{"another number", "frozen:\t10\n", false},
	{"empty", "", false},
};

Test(code, fdinfo)
{
	for (size_t i = 0; i < COUNT_OF(fdinfo_cases); i++) {
		cr_expect_eq(map_is_frozen(fdinfo_cases[i].text), fdinfo_cases[i].want, "%s",
		             fdinfo_cases[i].name);
	}
}

Test(code, streams)
{
	static const struct bpf_insn a[] = {MOV(0, 1), EXIT};
	static const struct bpf_insn b[] = {MOV(0, 2), EXIT};
	struct bpf_insn again[COUNT_OF(a)];
	struct code_facts code;

	memcpy(again, a, sizeof(a));
	code_init(&code, 1 << 16);
	const void *first = code_keep(&code, a, COUNT_OF(a));
	const void *second = code_keep(&code, b, COUNT_OF(b));

	cr_assert(first && second && first != second);
	cr_expect_neq(first, (const void *)a, "a copy");
	cr_expect_eq(memcmp(first, a, sizeof(a)), 0);
	cr_expect_eq(code_keep(&code, again, COUNT_OF(again)), first, "equal: once");
	cr_expect_neq(code_keep(&code, a, 1), first, "a beginning is not equal");
	cr_expect_eq(code.n_streams, 3);

	/* Many, so that buckets collide; each is found again. */
	for (int32_t i = 0; i < 500; i++) {
		struct bpf_insn row[] = {MOV(0, i + 100), EXIT};
		const void *kept = code_keep(&code, row, COUNT_OF(row));

		cr_assert_not_null(kept);
		cr_expect_eq(code_keep(&code, row, COUNT_OF(row)), kept);
	}
	cr_expect_eq(code.n_streams, 503);
	code_done(&code);

	code_init(&code, 64);
	cr_expect_null(code_keep(&code, a, COUNT_OF(a)), "at the limit");
	code_done(&code);
	code_done(&code); /* empty is fine */
}

/** A replaced function is found by its type; one that cannot be found makes links unread. */
Test(code, replaced)
{
	static const uint32_t insns[] = {0, 4, 9};
	static const uint32_t types[] = {11, 12, 13};
	const struct verdict_prog target = {.id = 7,
	                                    .lang = VERDICT_XDP,
	                                    .func_insns = insns,
	                                    .n_func_insns = 3,
	                                    .has_globals = true};
	const struct verdict_prog other = {.id = 5, .has_globals = true};
	const struct verdict_prog ext = {.id = 6};
	const struct code_ext links[] = {{7, 13, 6}, {7, 12, 8}, {99, 1, 6}, {5, 1, 8}};
	struct code_facts code;

	code_init(&code, 1 << 16);
	cr_assert_eq(code_add_prog(&code, &target, (struct code_funcs){.type_ids = types}), 0);
	cr_assert_eq(code_add_prog(&code, &ext, (struct code_funcs){0}), 0);
	cr_assert_eq(code_add_prog(&code, &other, (struct code_funcs){0}), 0);
	for (size_t i = 0; i < COUNT_OF(links); i++) {
		cr_assert_eq(code_add_ext(&code, &links[i]), 0);
	}
	code.links_read = true;
	cr_assert_eq(code_seal(&code), 0);
	cr_assert_eq(code.env.n_progs, 3);
	cr_expect(code.env.progs[0].id == 5 && code.env.progs[1].id == 6 &&
	          code.env.progs[2].id == 7);

	const struct verdict_prog *got = &code.env.progs[2];

	cr_assert_eq(got->n_replaced, 2);
	cr_expect(got->links_read);
	cr_expect(got->replaced[0].insn == 4 && got->replaced[0].prog_id == 8);
	cr_expect(got->replaced[1].insn == 9 && got->replaced[1].prog_id == 6);
	cr_expect_eq(code.env.progs[1].lang, VERDICT_XDP, "as what it replaces");
	cr_expect_not(code.env.progs[0].links_read, "replaced, but where?");
	code_done(&code);
}

/* --- this kernel --------------------------------------------------------------------------------
 */

static int load(const struct bpf_insn *insns, size_t n)
{
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "tcaudit_code", "GPL", insns, n, NULL);

	cr_assert_geq(fd, 0, "%s", strerror(errno));
	return fd;
}

static const struct verdict_map *map_of(const struct code_facts *code, int fd)
{
	for (uint32_t i = 0; i < code->env.n_maps; i++) {
		if (code->env.maps[i].id == map_id(fd)) {
			return &code->env.maps[i];
		}
	}
	return NULL;
}

static int value_map(uint32_t flags, bool freeze, uint32_t value)
{
	const struct bpf_map_create_opts opts = {.sz = sizeof(opts), .map_flags = flags};
	const uint32_t zero = 0;
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tcaudit_value", 4, 4, 1, &opts);

	cr_assert_geq(fd, 0, "%s", strerror(errno));
	cr_assert_eq(bpf_map_update_elem(fd, &zero, &value, BPF_ANY), 0);
	cr_assert(!freeze || bpf_map_freeze(fd) == 0, "%s", strerror(errno));
	return fd;
}

Test(code, frozen_maps, .timeout = TIMEOUT_S)
{
	need_root();
	int both = value_map(BPF_F_RDONLY_PROG, true, 7);
	int frozen = value_map(0, true, 8);
	int read_only = value_map(BPF_F_RDONLY_PROG, false, 9);
	const struct bpf_insn insns[] = {
		VALUE(1, both), LOAD(0, 1), VALUE(1, frozen), LOAD(0, 1), VALUE(1, read_only),
		LOAD(0, 1),     EXIT,
	};
	int prog = load(insns, COUNT_OF(insns));
	struct snapshot snap;
	struct code_facts code;

	collect_code(&snap, &code, prog_id(prog));
	cr_expect_eq(snap.n_gaps, 0);
	cr_assert_eq(code.env.n_maps, 3);
	const struct verdict_map *map = map_of(&code, both);

	cr_assert(map && map->frozen);
	cr_expect_eq(*(const uint32_t *)map->frozen, 7);
	cr_expect(map->type == BPF_MAP_TYPE_ARRAY && map->value_size == 4 && map->max_entries == 1);
	map = map_of(&code, frozen);
	cr_expect(map && !map->frozen, "programs may write it");
	map = map_of(&code, read_only);
	cr_expect(map && !map->frozen, "anybody may write it");
	cr_assert_eq(code.env.n_progs, 1);
	cr_expect_eq(code.env.progs[0].n_map_ids, 3);
	cr_expect_not(code.env.progs[0].has_globals, "no BTF");
	code_done(&code);
	snap_done(&snap);
	(void)close(both);
	(void)close(frozen);
	(void)close(read_only);
	(void)close(prog);
}

Test(code, slots, .timeout = TIMEOUT_S)
{
	need_root();
	static const struct bpf_insn constant[] = {MOV(0, 2), EXIT};
	int array = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "tcaudit_array", 4, 4, 8, NULL);
	const struct bpf_insn calling[] = {
		MAP(2, array), MOV(3, 5), {.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_tail_call},
		MOV(0, 0),     EXIT,
	};
	int target = load(constant, COUNT_OF(constant));
	int twin = load(constant, COUNT_OF(constant));
	int prog = load(calling, COUNT_OF(calling));
	const uint32_t keys[] = {5, 2};
	const int values[] = {target, twin};
	struct snapshot snap;
	struct code_facts code;

	cr_assert_geq(array, 0);
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		cr_assert_eq(bpf_map_update_elem(array, &keys[i], &values[i], BPF_ANY), 0);
	}
	collect_code(&snap, &code, prog_id(prog));
	cr_assert_eq(code.env.n_maps, 1);
	const struct verdict_map *map = &code.env.maps[0];

	cr_expect(map->slots_read && map->type == BPF_MAP_TYPE_PROG_ARRAY);
	cr_assert_eq(map->n_slots, 2);
	cr_expect(map->slots[0].index == 2 && map->slots[0].prog_id == prog_id(twin));
	cr_expect(map->slots[1].index == 5 && map->slots[1].prog_id == prog_id(target));
	cr_assert_eq(code.env.n_progs, 3);
	cr_expect_eq(code.n_streams, 2, "equal ones are kept once");
	cr_expect_eq(code.env.progs[0].insns, code.env.progs[1].insns);
	code_done(&code);
	snap_done(&snap);
	(void)close(array);
	(void)close(target);
	(void)close(twin);
	(void)close(prog);
}

/** More instructions and maps than the kernel is asked for at first; then a small one again. */
Test(code, larger_than_the_room, .timeout = TIMEOUT_S)
{
	need_root();
	const uint32_t n = 40000;
	const uint32_t n_maps = 100;
	struct bpf_insn *insns = calloc(n, sizeof(*insns));
	static const struct bpf_insn constant[] = {MOV(0, 2), EXIT};
	int maps[100];
	struct snapshot snap;
	struct code_facts code;

	cr_assert_not_null(insns);
	for (uint32_t i = 0; i + 1 < n; i++) {
		insns[i] = (struct bpf_insn)MOV(0, (int32_t)i);
	}
	insns[n - 1] = (struct bpf_insn)EXIT;
	int large = load(insns, n);
	int small = load(constant, COUNT_OF(constant));

	for (uint32_t i = 0; i < n_maps; i++) {
		maps[i] = value_map(0, false, i);
		cr_assert_eq(bpf_prog_bind_map(large, maps[i], NULL), 0, "%s", strerror(errno));
	}
	const struct snap_action actions[] = {{.kind = "bpf", .prog_id = prog_id(large)},
	                                      {.kind = "bpf", .prog_id = prog_id(small)}};

	snap_init(&snap, SNAP_ARENA_BYTES);
	code_init(&code, CODE_ARENA_BYTES);
	for (size_t i = 0; i < COUNT_OF(actions); i++) {
		cr_assert_eq(snap_add_action(&snap, &actions[i], NULL), 0);
	}
	cr_assert_eq(progs_collect(&snap, 0, &code), 0);
	cr_expect_eq(snap.n_gaps, 0);
	cr_assert_eq(code.env.n_progs, 2);
	cr_assert_eq(code.env.progs[0].n_insns, n);
	cr_expect_eq(memcmp(code.env.progs[0].insns, insns, n * sizeof(*insns)), 0);
	cr_assert_eq(snap.progs[0].n_map_ids, n_maps);
	for (uint32_t i = 0; i < n_maps; i++) {
		cr_expect_eq(snap.progs[0].map_ids[i], map_id(maps[i]), "%u", i);
		(void)close(maps[i]);
	}
	cr_expect_eq(code.env.progs[1].n_insns, COUNT_OF(constant));
	cr_expect_eq(snap.progs[1].n_map_ids, 0);
	code_done(&code);
	snap_done(&snap);
	free(insns);
	(void)close(large);
	(void)close(small);
}

/** What does not fit is a gap and no crash, whatever the limit. */
Test(code, limits, .timeout = TIMEOUT_S)
{
	need_root();
	static const struct bpf_insn constant[] = {MOV(0, 2), EXIT};
	int prog = load(constant, COUNT_OF(constant));
	const struct snap_action action = {.kind = "bpf", .prog_id = prog_id(prog)};
	bool kept = false;

	for (size_t limit = 1; !kept; limit = limit * 2 + 7) {
		struct snapshot snap;
		struct code_facts code;

		snap_init(&snap, SNAP_ARENA_BYTES);
		code_init(&code, limit);
		cr_assert_eq(snap_add_action(&snap, &action, NULL), 0);
		int r = progs_collect(&snap, 0, &code);

		cr_expect(r == 0 || r == -ENOMEM, "%zu: %d", limit, r);
		if (r == 0) {
			cr_assert_eq(code.env.n_progs, 1);
			kept = code.env.progs[0].insns != NULL;
			cr_expect_eq(snap.n_gaps, kept ? 0 : 1, "%zu", limit);
			cr_expect_eq(code.env.progs[0].unreadable == NULL, kept, "%zu", limit);
		}
		code_done(&code);
		snap_done(&snap);
		cr_assert_lt(limit, (size_t)1 << 24, "never enough");
	}
	(void)close(prog);
}
