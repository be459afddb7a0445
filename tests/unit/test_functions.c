/* SPDX-License-Identifier: Apache-2.0 */
/* layers: bpf model */
/*
 * Programs of several functions with BTF: what takes a function's place, and source lines.
 */
#include "bpf/code.h"
#include "bpf/progs.h"
#include "bpf/source.h"
#include "model/attrs.h"
#include "model/text.h"
#include "tests/unit/prog_fixture.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_S 20

/** The half of a 64-bit argument that holds a small number. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW_HALF(at) (at)
#else
#define LOW_HALF(at) ((at) + 4)
#endif

/* clang-format off */
#define MOV(r, v)  {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (r), .imm = (v)}
#define CALL(d)    {.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = (d)}
#define EXIT       {.code = BPF_JMP | BPF_EXIT}
/* clang-format on */

/* A program with a global function, and one that takes its place. Type 3 is main's, 6 is its. */
struct replacing {
	int btf, target, ext, link;
};

static struct btf *make_btf(enum btf_func_linkage linkage, uint32_t *ret_main, uint32_t *ret_func)
{
	struct btf *btf = btf__new_empty();

	cr_assert_not_null(btf);
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int skb = btf__add_struct(btf, "__sk_buff", 192);
	int pointer = btf__add_ptr(btf, skb);
	int proto = btf__add_func_proto(btf, number);

	cr_assert_eq(btf__add_func_param(btf, "skb", pointer), 0);
	*ret_main = (uint32_t)btf__add_func(btf, "main_prog", linkage, proto);
	*ret_func = (uint32_t)btf__add_func(btf, "verdict_of", linkage, proto);
	return btf;
}

static int load_btf(struct btf *btf)
{
	uint32_t len;
	const void *data = btf__raw_data(btf, &len);

	return bpf_btf_load(data, len, NULL);
}

/** main: return verdict_of(skb); verdict_of: return 2. With line info. */
static int load_target(struct btf *btf, int btf_fd, uint32_t main_type, uint32_t func_type)
{
	static const struct bpf_insn insns[] = {CALL(1), EXIT, MOV(0, 2), EXIT};
	const struct bpf_func_info funcs[] = {{0, main_type}, {2, func_type}};
	int file = btf__find_str(btf, "verdict.c");
	const struct bpf_line_info lines[] = {
		{0, (uint32_t)file, (uint32_t)btf__find_str(btf, "\treturn verdict_of(skb);"),
	         10 << 10},
		{2, (uint32_t)file, (uint32_t)btf__find_str(btf, "\treturn 2;"), 5 << 10},
	};
	const struct bpf_prog_load_opts opts = {.sz = sizeof(opts),
	                                        .prog_btf_fd = (uint32_t)btf_fd,
	                                        .func_info = funcs,
	                                        .func_info_cnt = 2,
	                                        .func_info_rec_size = sizeof(funcs[0]),
	                                        .line_info = lines,
	                                        .line_info_cnt = 2,
	                                        .line_info_rec_size = sizeof(lines[0])};

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "main_prog", "GPL", insns, COUNT_OF(insns),
	                     &opts);
}

static int load_ext(int btf_fd, uint32_t func_type, int target)
{
	static const struct bpf_insn insns[] = {MOV(0, 4), EXIT};
	const struct bpf_func_info func = {0, func_type};
	const struct bpf_prog_load_opts opts = {.sz = sizeof(opts),
	                                        .prog_btf_fd = (uint32_t)btf_fd,
	                                        .func_info = &func,
	                                        .func_info_cnt = 1,
	                                        .func_info_rec_size = sizeof(func),
	                                        .attach_prog_fd = (uint32_t)target,
	                                        .attach_btf_id = func_type};

	return bpf_prog_load(BPF_PROG_TYPE_EXT, "replacing", "GPL", insns, COUNT_OF(insns), &opts);
}

static bool replacing_open(enum btf_func_linkage linkage, struct replacing *r)
{
	uint32_t main_type;
	uint32_t func_type;
	struct btf *btf = make_btf(linkage, &main_type, &func_type);

	cr_assert_gt(btf__add_str(btf, "verdict.c"), 0);
	cr_assert_gt(btf__add_str(btf, "\treturn verdict_of(skb);"), 0);
	cr_assert_gt(btf__add_str(btf, "\treturn 2;"), 0);
	*r = (struct replacing){-1, -1, -1, -1};
	r->btf = load_btf(btf);
	cr_assert_geq(r->btf, 0, "%s", strerror(errno));
	r->target = load_target(btf, r->btf, main_type, func_type);
	cr_assert_geq(r->target, 0, "%s", strerror(errno));
	btf__free(btf);
	r->ext = load_ext(r->btf, func_type, r->target);
	if (r->ext < 0) {
		return false;
	}
	r->link = bpf_link_create(r->ext, 0, 0, NULL);
	return r->link >= 0;
}

static void replacing_close(struct replacing *r)
{
	(void)close(r->link);
	(void)close(r->ext);
	(void)close(r->target);
	(void)close(r->btf);
}

Test(functions, replaced_function_live, .timeout = TIMEOUT_S)
{
	need_root();
	struct replacing r;
	struct snapshot snap;
	struct code_facts code;

	if (!replacing_open(BTF_FUNC_GLOBAL, &r)) {
		int code_of_failure = errno;

		replacing_close(&r);
		cr_skip_test("cannot replace a function: %s", strerror(code_of_failure));
	}
	collect_code(&snap, &code, prog_id(r.target));
	cr_expect_eq(snap.n_gaps, 0);
	cr_assert_eq(code.env.n_progs, 2, "the replacing program is there too");
	const struct verdict_prog *target = &code.env.progs[0];

	cr_expect_eq(target->id, prog_id(r.target));
	cr_expect(target->has_globals && target->links_read);
	cr_assert_eq(target->n_func_insns, 2);
	cr_expect(target->func_insns[0] == 0 && target->func_insns[1] == 2);
	cr_assert_eq(target->n_replaced, 1);
	cr_expect_eq(target->replaced[0].insn, 2);
	cr_expect_eq(target->replaced[0].prog_id, prog_id(r.ext));
	cr_expect_eq(code.env.progs[1].id, prog_id(r.ext));
	cr_expect_not_null(code.env.progs[1].insns);
	code_done(&code);
	snap_done(&snap);

	/* Given back: nothing is replaced any more. */
	(void)close(r.link);
	r.link = -1;
	for (int i = 0; i < 100; i++) {
		collect_code(&snap, &code, prog_id(r.target));
		uint32_t n = code.env.progs[0].n_replaced;

		code_done(&code);
		snap_done(&snap);
		if (n == 0) {
			break;
		}
		cr_assert_lt(i, 99, "still replaced");
		(void)usleep(10000);
	}
	replacing_close(&r);
}

Test(functions, source_lines, .timeout = TIMEOUT_S)
{
	need_root();
	struct replacing r;
	struct source source;

	(void)replacing_open(BTF_FUNC_GLOBAL, &r);
	cr_assert_eq(source_read(prog_id(r.target), &source), 0);
	cr_expect_eq(source.n_insns, 4);
	cr_assert_eq(source.n_func_insns, 2);
	cr_expect_eq(source.func_insns[1], 2);
	const struct source_mark *mark = source_at(&source, 1);

	cr_assert_not_null(mark);
	cr_expect(text_eq(mark->text, "\treturn verdict_of(skb);") && mark->line == 10 &&
	          text_eq(mark->file, "verdict.c"));
	mark = source_at(&source, 3);
	cr_assert_not_null(mark);
	cr_expect(text_eq(mark->text, "\treturn 2;") && mark->line == 5);
	source_done(&source);
	cr_expect_null(source_at(&source, 0), "empty is fine");
	cr_expect_eq(source_read(UINT32_MAX, &source), -ENOENT);
	source_done(&source);
	replacing_close(&r);
}

/** Refuse the listing of links to this process from here on. */
static bool refuse_links(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LOW_HALF(offsetof(struct seccomp_data, args))),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BPF_LINK_GET_NEXT_ID, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog prog = {.len = COUNT_OF(code), .filter = code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == 0;
}

/** In a child: 0, or the number of the check that failed. */
static int without_links(uint32_t id, bool want_globals)
{
	const struct snap_action action = {.kind = "bpf", .prog_id = id};
	struct snapshot snap;
	struct code_facts code;

	snap_init(&snap, SNAP_ARENA_BYTES);
	code_init(&code, CODE_ARENA_BYTES);
	if (!refuse_links() || snap_add_action(&snap, &action, NULL) != 0 ||
	    progs_collect(&snap, 0, &code) != 0 || code.env.n_progs != 1) {
		return 1;
	}
	if (code.env.progs[0].links_read || code.env.progs[0].has_globals != want_globals) {
		return 2;
	}
	if (snap.n_gaps != (want_globals ? 1 : 0)) {
		return 3;
	}
	code_done(&code);
	snap_done(&snap);
	return 0;
}

/** Where links cannot be listed, the linkage in BTF tells which programs that matters for. */
Test(functions, linkage, .timeout = TIMEOUT_S)
{
	static const struct {
		const char *name;
		enum btf_func_linkage linkage;
	} rows[] = {{"global", BTF_FUNC_GLOBAL}, {"static", BTF_FUNC_STATIC}};

	need_root();
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct replacing r;
		int status = 0;

		(void)replacing_open(rows[i].linkage, &r);
		/* Only the function of linkage global may have been replaced. */
		cr_expect(rows[i].linkage == BTF_FUNC_GLOBAL || r.link < 0, "%s", rows[i].name);
		(void)close(r.link);
		(void)close(r.ext);
		r.link = r.ext = -1;
		pid_t pid = fork();

		if (pid == 0) {
			_exit(without_links(prog_id(r.target), rows[i].linkage == BTF_FUNC_GLOBAL));
		}
		cr_assert(pid > 0 && waitpid(pid, &status, 0) == pid);
		cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: check %d",
		          rows[i].name, WEXITSTATUS(status));
		replacing_close(&r);
	}
}
