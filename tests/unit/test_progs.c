/* SPDX-License-Identifier: Apache-2.0 */
/* layers: bpf model */
/*
 * Programs of this kernel. They are held by descriptors of the test alone and go with it.
 */
#include "bpf/idmap.h"
#include "bpf/progs.h"
#include "model/attrs.h"
#include "model/text.h"
#include "tests/unit/prog_fixture.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_S   120
#define OTHER_USER  65534
#define ARRAY_SLOTS 8u
#define LONG_NAME   "tcaudit_name_longer_than_fifteen"
#define SHORT_NAME  "tcaudit_short"

#define MOV(reg, value)                                                                            \
	{                                                                                          \
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (reg), .imm = (value)              \
	}
#define EXIT()                                                                                     \
	{                                                                                          \
		.code = BPF_JMP | BPF_EXIT                                                         \
	}

/* clang-format off */
static const struct bpf_insn constant[] = {MOV(BPF_REG_0, 0), EXIT()};

/** tail_call(ctx, array, 0); return -1. The array's descriptor is put into [0]. */
static const struct bpf_insn calling[] = {
	{.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = BPF_REG_2, .src_reg = BPF_PSEUDO_MAP_FD},
	{.code = 0},
	MOV(BPF_REG_3, 0),
	{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_tail_call},
	MOV(BPF_REG_0, -1),
	EXIT(),
};
/* clang-format on */

static int load_constant(const char *name)
{
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, name, "GPL", constant, COUNT_OF(constant),
	                       NULL);

	cr_assert_geq(fd, 0, "%s", strerror(errno));
	return fd;
}

static int load_calling(int array)
{
	struct bpf_insn insns[COUNT_OF(calling)];

	memcpy(insns, calling, sizeof(insns));
	insns[0].imm = array;

	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "tcaudit_calls", "GPL", insns,
	                       COUNT_OF(insns), NULL);

	cr_assert_geq(fd, 0, "%s", strerror(errno));
	return fd;
}

static int new_array(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "tcaudit_array", sizeof(uint32_t),
	                        sizeof(uint32_t), ARRAY_SLOTS, NULL);

	cr_assert_geq(fd, 0, "%s", strerror(errno));
	return fd;
}

static void put(int array, uint32_t slot, int prog)
{
	cr_assert_eq(bpf_map_update_elem(array, &slot, &prog, BPF_ANY), 0, "%s", strerror(errno));
}

/** Load a constant program whose main function has @p name in BTF. */
static int load_with_btf(const char *name)
{
	struct btf *btf = btf__new_empty();
	struct bpf_func_info func = {0};
	uint32_t len;

	cr_assert(btf != NULL);

	int type = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int proto = btf__add_func_proto(btf, type);

	func.type_id = (uint32_t)btf__add_func(btf, name, BTF_FUNC_GLOBAL, proto);

	const void *data = btf__raw_data(btf, &len);
	int btf_fd = bpf_btf_load(data, len, NULL);

	cr_assert_geq(btf_fd, 0, "%s", strerror(errno));
	const struct bpf_prog_load_opts opts = {.sz = sizeof(opts),
	                                        .prog_btf_fd = (uint32_t)btf_fd,
	                                        .func_info = &func,
	                                        .func_info_cnt = 1,
	                                        .func_info_rec_size = sizeof(func)};

	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, name, "GPL", constant, COUNT_OF(constant),
	                       &opts);

	cr_assert_geq(fd, 0, "%s", strerror(errno));
	(void)close(btf_fd);
	btf__free(btf);
	return fd;
}

/** A snapshot with one hook and an entry for each id. */
static void snap_with(struct snapshot *snap, enum hook_type type, const uint32_t *ids, size_t n)
{
	const struct snap_hook hook = {.type = type};

	snap_init(snap, SNAP_ARENA_BYTES);
	snap->facets = FACETS_ALL;
	cr_assert_eq(snap_add_hook(snap, &hook, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		const struct snap_entry entry = {
			.kind = "bpf", .is_filter = type == HOOK_CLSACT_INGRESS, .prog_id = ids[i]};

		cr_assert_eq(snap_add_entry(snap, &entry, NULL), 0);
	}
}

static const struct snap_prog *row_of(const struct snapshot *snap, uint32_t id)
{
	for (uint32_t i = 0; i < snap->n_progs; i++) {
		if (snap->progs[i].id == id) {
			return &snap->progs[i];
		}
	}
	return NULL;
}

static void utc_text(time_t t, char *buf, size_t size)
{
	struct tm tm = {0};

	cr_assert(gmtime_r(&t, &tm) != NULL);
	cr_assert_gt(strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", &tm), 0);
}

Test(progs, facts, .timeout = TIMEOUT_S)
{
	need_root();
	int fd = load_constant(SHORT_NAME);
	/* The same program twice, and nothing (classic bytecode). */
	const uint32_t ids[] = {prog_id(fd), 0, prog_id(fd)};
	struct snapshot snap;
	char now[32];
	time_t t = time(NULL) + 2;

	snap_with(&snap, HOOK_TCX_INGRESS, ids, COUNT_OF(ids));
	cr_expect_eq(progs_collect(&snap, 0, NULL), 0);
	cr_expect_eq(snap.n_gaps, 0);
	cr_assert_eq(snap.n_progs, 1);

	const struct snap_prog *row = &snap.progs[0];

	cr_expect_eq(row->id, ids[0]);
	cr_expect(text_eq(row->name, SHORT_NAME), "%s", row->name);
	cr_expect(text_eq(row->type, "sched_cls"), "%s", row->type);
	cr_expect_eq(strlen(row->tag), 16);
	cr_expect_eq(strspn(row->tag, "0123456789abcdef"), 16);
	cr_expect_eq(row->uid, 0);
	cr_expect_eq(row->bytes_xlated, sizeof(constant));
	cr_expect_eq(row->n_map_ids, 0);
	cr_expect_eq(row->n_tail_calls, 0);
	cr_expect(text_eq(snap.entries[0].name, SHORT_NAME));
	cr_expect_null(snap.entries[1].name);
	cr_expect(text_eq(snap.entries[2].name, SHORT_NAME));

	/* Within the last minutes: as text, so two bounds are enough. */
	cr_expect_eq(strlen(row->loaded_at), strlen("2020-01-01T00:00:00Z"));
	utc_text(t, now, sizeof(now));
	cr_expect_leq(strcmp(row->loaded_at, now), 0, "%s after %s", row->loaded_at, now);
	t -= 300;
	utc_text(t, now, sizeof(now));
	cr_expect_geq(strcmp(row->loaded_at, now), 0, "%s before %s", row->loaded_at, now);
	snap_done(&snap);
	(void)close(fd);
}

static const struct name_case {
	const char *name;
	bool btf;
	const char *want;
} name_cases[] = {
	{LONG_NAME, true, LONG_NAME},
	{LONG_NAME, false, "tcaudit_name_lo"},
	{SHORT_NAME, true, SHORT_NAME},
	{"tcaudit_15_long", true, "tcaudit_15_long"},
	{NULL, false, NULL},
};

Test(progs, names, .timeout = TIMEOUT_S)
{
	need_root();
	for (size_t i = 0; i < COUNT_OF(name_cases); i++) {
		const struct name_case *c = &name_cases[i];
		int fd = c->btf ? load_with_btf(c->name) : load_constant(c->name);
		const uint32_t id = prog_id(fd);
		struct snapshot snap;

		snap_with(&snap, HOOK_XDP, &id, 1);
		cr_expect_eq(progs_collect(&snap, 0, NULL), 0, "case %zu", i);
		cr_assert_eq(snap.n_progs, 1, "case %zu", i);
		cr_expect(text_eq(snap.progs[0].name, c->want), "case %zu: %s", i,
		          snap.progs[0].name ? snap.progs[0].name : "(none)");
		cr_expect(text_eq(snap.entries[0].name, c->want), "case %zu: entry", i);
		snap_done(&snap);
		(void)close(fd);
	}
}

Test(progs, filters_keep_their_own_name, .timeout = TIMEOUT_S)
{
	need_root();
	int fd = load_constant(SHORT_NAME);
	const uint32_t id = prog_id(fd);
	struct snapshot snap;

	snap_with(&snap, HOOK_CLSACT_INGRESS, &id, 1);
	cr_expect_eq(progs_collect(&snap, 0, NULL), 0);
	cr_expect_null(snap.entries[0].name, "TCA_BPF_NAME was not there");
	cr_expect(text_eq(snap.progs[0].name, SHORT_NAME));
	cr_expect_eq(snap.progs[0].returns.codes, CODES_ALL,
	             "without instructions nothing is known");
	cr_expect_not(snap.progs[0].returns.exact);
	cr_expect_not_null(snap.progs[0].returns.reason);
	cr_expect_eq(snap.n_gaps, 0);
	snap_done(&snap);
	(void)close(fd);
}

/** a calls itself, b and c through its array; b is the one that calls a; c ends. */
Test(progs, closure_with_a_cycle, .timeout = TIMEOUT_S)
{
	need_root();
	int array = new_array();
	int other = new_array();
	int a = load_calling(array);
	int b = load_calling(other);
	int c = load_constant("tcaudit_leaf");
	const uint32_t id_a = prog_id(a);
	struct snapshot snap;

	put(array, 0, a);
	put(array, 3, b);
	put(array, 4, c);
	put(array, ARRAY_SLOTS - 1, b);
	put(other, 1, a);

	snap_with(&snap, HOOK_CLSACT_INGRESS, &id_a, 1);
	cr_expect_eq(progs_collect(&snap, 0, NULL), 0);
	cr_expect_eq(snap.n_gaps, 0);
	cr_expect_eq(snap.n_progs, 3, "%u", snap.n_progs);

	const struct snap_prog *row_a = row_of(&snap, id_a);
	const struct snap_prog *row_b = row_of(&snap, prog_id(b));

	const struct snap_prog *row_c = row_of(&snap, prog_id(c));

	cr_assert(row_a && row_b && row_c);
	cr_assert_eq(row_a->n_map_ids, 1);
	cr_expect_eq(row_a->map_ids[0], map_id(array));
	cr_assert_eq(row_a->n_tail_calls, 3, "%u", row_a->n_tail_calls);
	for (uint32_t i = 0; i < 3; i++) {
		const uint32_t want[] = {id_a, row_b->id, row_c->id}; /* ascending: load order */

		cr_expect_eq(row_a->tail_calls[i], want[i]);
	}
	cr_assert_eq(row_b->n_tail_calls, 1);
	cr_expect_eq(row_b->tail_calls[0], id_a);
	cr_expect_eq(row_c->n_tail_calls, 0);
	snap_done(&snap);

	/* A cycle of references keeps itself alive in the kernel until the array's last
	 * descriptor goes, which empties it. */
	(void)close(array);
	(void)close(other);
	(void)close(a);
	(void)close(b);
	(void)close(c);
}

Test(progs, empty_array, .timeout = TIMEOUT_S)
{
	need_root();
	int array = new_array();
	int fd = load_calling(array);
	const uint32_t id = prog_id(fd);
	struct snapshot snap;

	snap_with(&snap, HOOK_CLSACT_INGRESS, &id, 1);
	cr_expect_eq(progs_collect(&snap, 0, NULL), 0);
	cr_assert_eq(snap.n_progs, 1);
	cr_expect_eq(snap.progs[0].n_map_ids, 1);
	cr_expect_eq(snap.progs[0].n_tail_calls, 0);
	cr_expect_eq(snap.n_gaps, 0);
	snap_done(&snap);
	(void)close(array);
	(void)close(fd);
}

Test(progs, program_of_an_action, .timeout = TIMEOUT_S)
{
	need_root();
	int fd = load_constant(SHORT_NAME);
	const struct snap_action action = {.kind = "bpf", .prog_id = prog_id(fd)};
	struct snapshot snap;

	snap_init(&snap, SNAP_ARENA_BYTES);
	cr_assert_eq(snap_add_action(&snap, &action, NULL), 0);
	cr_expect_eq(progs_collect(&snap, 0, NULL), 0);
	cr_assert_eq(snap.n_progs, 1);
	cr_expect_eq(snap.progs[0].id, action.prog_id);
	snap_done(&snap);
	(void)close(fd);
}

Test(progs, gone_is_no_gap, .timeout = TIMEOUT_S)
{
	need_root();
	int fd = load_constant(SHORT_NAME);
	const uint32_t id = prog_id(fd);
	struct snapshot snap;

	(void)close(fd);
	for (int i = 0; i < 1000; i++) {
		int again = bpf_prog_get_fd_by_id(id);

		if (again < 0) {
			break;
		}
		(void)close(again);
		(void)usleep(1000);
	}
	snap_with(&snap, HOOK_TCX_EGRESS, &id, 1);
	cr_expect_eq(progs_collect(&snap, 0, NULL), 0);
	cr_assert_eq(snap.n_progs, 1);
	cr_expect_eq(snap.progs[0].id, id);
	cr_expect_null(snap.progs[0].type);
	cr_expect_eq(snap.progs[0].returns.codes, CODES_ALL);
	cr_expect(text_eq(snap.progs[0].returns.reason, "program is gone"));
	cr_expect_eq(snap.n_gaps, 0);
	cr_expect_eq(snap.facets, FACETS_ALL);
	snap_done(&snap);
}

/** In a child without rights: 0 when all is as it should be, else the number of the check. */
static int unprivileged(uint32_t id)
{
	const uint32_t ids[] = {id, id + 1000000};
	struct snapshot snap;

	snap_with(&snap, HOOK_TCX_EGRESS, ids, COUNT_OF(ids));
	if (setresgid(OTHER_USER, OTHER_USER, OTHER_USER) < 0 ||
	    setresuid(OTHER_USER, OTHER_USER, OTHER_USER) < 0) {
		return 1;
	}
	if (progs_collect(&snap, 0, NULL) != 0 || snap.n_progs != 2) {
		return 2;
	}
	if (snap.n_gaps != 1 || snap.gaps[0].kind != GAP_PROGS_UNREADABLE ||
	    !strstr(snap.gaps[0].error, "CAP_SYS_ADMIN") || (snap.facets & FACET_PROGS)) {
		return 3;
	}
	if (snap.progs[0].id != id || snap.progs[0].type || snap.entries[0].name ||
	    snap.progs[0].returns.codes != CODES_ALL || !snap.progs[0].returns.reason) {
		return 4;
	}
	snap_done(&snap);
	return 0;
}

Test(progs, without_rights, .timeout = TIMEOUT_S)
{
	need_root();
	int fd = load_constant(SHORT_NAME);
	uint32_t id = prog_id(fd);
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		_exit(unprivileged(id));
	}
	cr_expect_eq(waitpid(pid, &status, 0), pid);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "check %d", WEXITSTATUS(status));
	(void)close(fd);
}

Test(progs, idmap)
{
	struct idmap map = {0};
	uint32_t value = 0;

	cr_expect_not(idmap_find(&map, 1, NULL));
	for (uint32_t i = 1; i <= 5000; i++) {
		cr_assert_eq(idmap_add(&map, i * 256, i), 0);
	}
	for (uint32_t i = 1; i <= 5000; i++) {
		cr_expect(idmap_find(&map, i * 256, &value) && value == i, "id %u", i);
		cr_expect_not(idmap_find(&map, i * 256 + 1, &value), "id %u", i);
	}
	idmap_done(&map);
	cr_expect_not(idmap_find(&map, 256, NULL));
}
