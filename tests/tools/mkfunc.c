/* SPDX-License-Identifier: Apache-2.0 */
/**
 * mkfunc.c - load a tc program with functions and BTF, and do with it what only these allow: take a
 * function's place by a program of type EXT, throw an exception, catch it. See usage_text.
 *
 * Exit status 77 when this kernel cannot do it, the last line saying why; 1 for other failures;
 * 2 for a wrong command line.
 */
#include "model/attrs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_SKIP   77
#define MOST_FUNCS  3u
#define LOG_BYTES   65536u
#define PREF        5u
#define TAG         "exception_callback:catcher"
#define KFUNC_CALL  2 /* BPF_PSEUDO_KFUNC_CALL: linux/bpf.h of 5.13 */
#define NO_FUNCTION UINT32_MAX

static const char usage_text[] =
	"usage: mkfunc KIND DEV\n"
	"\n"
	"Load a program and make it the filter at pref 5 of DEV's clsact, ingress. KIND is one of\n"
	"  global         return verdict_of(skb), a global function which returns 2\n"
	"  static         the same with a static function\n"
	"  static-number  the same with a static function of a number\n"
	"  main           return 2\n"
	"  main-static    the same, the program itself marked static in BTF\n"
	"  throw          skb->len > 1000 ? bpf_throw(2) : 0\n"
	"  throw-inside   the same in a static function whose caller makes 7 of 0\n"
	"  catch          the same as throw, with a handler that returns its number + 2\n"
	"Prints `target ID`. For each line of standard input then takes the function's place "
	"(main:\n"
	"the program's) by one that returns 4, prints `ext ID`, and at the next gives it back and\n"
	"prints `back`, until standard input ends.\n";

/** Types that all programs share; ids in their BTF. */
struct types {
	struct btf *btf;
	int number, proto_skb, proto_number;
};

/** What is loaded: instructions, and where its functions start. */
struct kind {
	const char *name;
	struct {
		const char *name;
		uint32_t insn;
		enum btf_func_linkage linkage;
		bool of_number; /**< Argument: a number, else the packet. */
	} funcs[MOST_FUNCS];
	uint32_t n_funcs;
	uint32_t replaced; /**< Index of a function, or NO_FUNCTION. */
	bool catches;
	struct bpf_insn insns[16];
	uint32_t n;
};

/* clang-format off */
#define MOV(d, i)       {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (d), .imm = (i)}
#define COPY(d, s)      {.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (d), .src_reg = (s)}
#define ADD(d, i)       {.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = (d), .imm = (i)}
#define LOAD(d, s, o)   {.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = (d), .src_reg = (s), .off = (o)}
#define JLE(d, i, o)    {.code = BPF_JMP | BPF_JLE | BPF_K, .dst_reg = (d), .imm = (i), .off = (o)}
#define JNE(d, i, o)    {.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = (d), .imm = (i), .off = (o)}
#define CALL(distance)  {.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = (distance)}
#define THROW           {.code = BPF_JMP | BPF_CALL, .src_reg = KFUNC_CALL}
#define EXIT            {.code = BPF_JMP | BPF_EXIT}

static const struct kind kinds[] = {
	{"global",
	 {{"main_prog", 0, BTF_FUNC_GLOBAL, false}, {"verdict_of", 2, BTF_FUNC_GLOBAL, false}}, 2,
	 1, false, {CALL(1), EXIT, MOV(0, 2), EXIT}, 4},
	{"static",
	 {{"main_prog", 0, BTF_FUNC_GLOBAL, false}, {"verdict_of", 2, BTF_FUNC_STATIC, false}}, 2,
	 1, false, {CALL(1), EXIT, MOV(0, 2), EXIT}, 4},
	{"static-number",
	 {{"main_prog", 0, BTF_FUNC_GLOBAL, false}, {"verdict_of", 3, BTF_FUNC_STATIC, true}}, 2,
	 1, false, {LOAD(1, 1, 0), CALL(1), EXIT, MOV(0, 2), EXIT}, 5},
	{"main", {{"main_prog", 0, BTF_FUNC_GLOBAL, false}}, 1, 0, false, {MOV(0, 2), EXIT}, 2},
	{"main-static", {{"main_prog", 0, BTF_FUNC_STATIC, false}}, 1, 0, false, {MOV(0, 2), EXIT}, 2},
	{"throw", {{"main_prog", 0, BTF_FUNC_GLOBAL, false}}, 1, NO_FUNCTION, false,
	 {LOAD(2, 1, 0), JLE(2, 1000, 2), MOV(1, 2), THROW, MOV(0, 0), EXIT}, 6},
	{"throw-inside",
	 {{"main_prog", 0, BTF_FUNC_GLOBAL, false}, {"inner", 4, BTF_FUNC_STATIC, false}}, 2,
	 NO_FUNCTION, false,
	 {CALL(3), JNE(0, 0, 1), MOV(0, 7), EXIT,
	  LOAD(2, 1, 0), JLE(2, 1000, 2), MOV(1, 2), THROW, MOV(0, 0), EXIT}, 10},
	{"catch",
	 {{"main_prog", 0, BTF_FUNC_GLOBAL, false}, {"catcher", 6, BTF_FUNC_GLOBAL, true}}, 2,
	 NO_FUNCTION, true,
	 {LOAD(2, 1, 0), JLE(2, 1000, 2), MOV(1, 2), THROW, MOV(0, 0), EXIT,
	  COPY(0, 1), ADD(0, 2), EXIT}, 9},
};

static const struct bpf_insn returns_4[] = {MOV(0, 4), EXIT};
/* clang-format on */

static char verifier_log[LOG_BYTES];

/** The verifier's last words are the reason, if it has any. */
static int give_up(const char *what, int status)
{
	int code = errno;
	char *line = NULL;
	char *left = NULL;

	for (char *at = strtok_r(verifier_log, "\n", &left); at; at = strtok_r(NULL, "\n", &left)) {
		line = strncmp(at, "processed ", 10) == 0 ? line : at;
	}
	(void)fflush(stdout);
	(void)fprintf(stderr, "mkfunc: %s: %s%s%s\n", what, strerror(code), line ? ": " : "",
	              line ? line : "");
	return status;
}

static bool make_types(struct types *t)
{
	struct btf *btf = btf__new_empty();

	*t = (struct types){.btf = btf};
	if (!btf) {
		return false;
	}
	t->number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int cookie = btf__add_int(btf, "cookie_t", 8, 0);
	int skb = btf__add_struct(btf, "__sk_buff", 192);
	int pointer = btf__add_ptr(btf, skb);

	t->proto_skb = btf__add_func_proto(btf, t->number);
	int r = btf__add_func_param(btf, "skb", pointer);

	t->proto_number = btf__add_func_proto(btf, t->number);
	return r == 0 && btf__add_func_param(btf, "cookie", cookie) == 0;
}

static int load_btf(const struct btf *btf)
{
	uint32_t len = 0;
	const void *data = btf__raw_data(btf, &len);

	return data ? bpf_btf_load(data, len, NULL) : -1;
}

/** Number of bpf_throw() in the kernel's BTF; 0: it has none. */
static int find_throw(void)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	int id = kernel ? btf__find_by_name_kind(kernel, "bpf_throw", BTF_KIND_FUNC) : 0;

	btf__free(kernel);
	return id > 0 ? id : 0;
}

/** Load a program with the functions of @p kind. */
static int load(const struct kind *kind, int btf, const struct bpf_func_info *funcs)
{
	struct bpf_insn insns[COUNT_OF(kind->insns)];
	const struct bpf_prog_load_opts opts = {.sz = sizeof(opts),
	                                        .log_buf = verifier_log,
	                                        .log_size = sizeof(verifier_log),
	                                        .prog_btf_fd = (uint32_t)btf,
	                                        .func_info = funcs,
	                                        .func_info_cnt = kind->n_funcs,
	                                        .func_info_rec_size = sizeof(*funcs)};

	memcpy(insns, kind->insns, sizeof(insns));
	for (uint32_t i = 0; i < kind->n; i++) {
		if (insns[i].code == (BPF_JMP | BPF_CALL) && insns[i].src_reg == KFUNC_CALL) {
			insns[i].imm = find_throw();
			if (insns[i].imm == 0) {
				errno = EOPNOTSUPP;
				return -1;
			}
		}
	}
	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "main_prog", "GPL", insns, kind->n, &opts);
}

/** What takes a function's place, and where. */
struct swap {
	int btf, target;
	uint32_t type; /**< The function; 0: none can be replaced. */
	uint32_t own;  /**< Type of what replaces it: must be global, whatever the function is. */
};

/** A program that returns 4 takes the place of a function. @return link or -1. */
static int replace(const struct swap *swap, int *ret_prog)
{
	const struct bpf_func_info func = {.type_id = swap->own};
	const struct bpf_prog_load_opts opts = {.sz = sizeof(opts),
	                                        .log_buf = verifier_log,
	                                        .log_size = sizeof(verifier_log),
	                                        .prog_btf_fd = (uint32_t)swap->btf,
	                                        .func_info = &func,
	                                        .func_info_cnt = 1,
	                                        .func_info_rec_size = sizeof(func),
	                                        .attach_prog_fd = (uint32_t)swap->target,
	                                        .attach_btf_id = swap->type};

	*ret_prog = bpf_prog_load(BPF_PROG_TYPE_EXT, "replacing", "GPL", returns_4,
	                          COUNT_OF(returns_4), &opts);
	return *ret_prog < 0 ? -1 : bpf_link_create(*ret_prog, 0, 0, NULL);
}

static void print_id(const char *what, int prog)
{
	struct bpf_prog_info info = {0};
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(prog, &info, &len) == 0) {
		(void)printf("%s %u\n", what, info.id);
		(void)fflush(stdout);
	}
}

/** Take the function's place and give it back, a line of standard input each. */
static int take_turns(const struct swap *swap)
{
	char line[16];
	int prog = -1;
	int link = -1;

	while (fgets(line, sizeof(line), stdin)) {
		if (link >= 0) {
			(void)close(link);
			(void)close(prog);
			link = -1;
			(void)printf("back\n");
			(void)fflush(stdout);
			continue;
		}
		errno = EINVAL;
		link = swap->type != 0 ? replace(swap, &prog) : -1;
		if (link < 0) {
			return give_up("taking the function's place", EXIT_SKIP);
		}
		print_id("ext", prog);
	}
	return 0;
}

static int attach(const char *dev, int prog)
{
	const struct bpf_tc_hook hook = {.sz = sizeof(hook),
	                                 .ifindex = (int)if_nametoindex(dev),
	                                 .attach_point = BPF_TC_INGRESS};
	struct bpf_tc_opts opts = {
		.sz = sizeof(opts), .prog_fd = prog, .priority = PREF, .handle = 1};

	return bpf_tc_attach(&hook, &opts);
}

static int run(const struct kind *kind, const char *dev)
{
	struct bpf_func_info funcs[MOST_FUNCS] = {0};
	struct types t;
	bool ok = make_types(&t);

	for (uint32_t i = 0; i < kind->n_funcs && ok; i++) {
		funcs[i].insn_off = kind->funcs[i].insn;
		funcs[i].type_id = (uint32_t)btf__add_func(
			t.btf, kind->funcs[i].name, kind->funcs[i].linkage,
			kind->funcs[i].of_number ? t.proto_number : t.proto_skb);
	}
	if (ok && kind->catches) {
		ok = btf__add_decl_tag(t.btf, TAG, (int)funcs[0].type_id, -1) > 0;
	}
	bool of_number = kind->replaced != NO_FUNCTION && kind->funcs[kind->replaced].of_number;
	struct swap swap = {
		.own = (uint32_t)btf__add_func(t.btf, "replacing", BTF_FUNC_GLOBAL,
	                                       of_number ? t.proto_number : t.proto_skb),
		.type = kind->replaced != NO_FUNCTION ? funcs[kind->replaced].type_id : 0,
	};

	swap.btf = ok ? load_btf(t.btf) : -1;
	btf__free(t.btf);
	int prog = swap.btf < 0 ? -1 : load(kind, swap.btf, funcs);

	if (prog < 0) {
		return give_up("loading", EXIT_SKIP);
	}
	int r = attach(dev, prog);

	if (r < 0) {
		errno = -r;
		return give_up("attaching", 1);
	}
	print_id("target", prog);
	swap.target = prog;
	return take_turns(&swap);
}

int main(int argc, char **argv)
{
	bool help = argc == 2 && strcmp(argv[1], "--help") == 0;

	for (size_t i = 0; argc == 3 && i < COUNT_OF(kinds); i++) {
		if (strcmp(argv[1], kinds[i].name) == 0) {
			return run(&kinds[i], argv[2]);
		}
	}
	(void)fputs(usage_text, help ? stdout : stderr);
	return help ? 0 : 2;
}
