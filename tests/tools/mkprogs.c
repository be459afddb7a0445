/* SPDX-License-Identifier: Apache-2.0 */
/**
 * mkprogs.c - a node with many programs: loads them in objects as a datapath does, one object for
 * each endpoint, attaches the first program of each and waits. See usage_text.
 *
 * Exit status 77 when this kernel cannot do it, 1 for other failures, 2 for a wrong command line.
 */
#include "model/attrs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define EXIT_SKIP   77
#define MOST_INSNS  8192u
#define MOST_DROPS  2048u
#define MOST_SLOTS  64u
#define SPARE_INSNS 32u /* the longest piece and the end */
#define DATA_WORDS  16u
#define UNLOAD_NS   1000000 /* for each program */

static const char usage_text[] =
	"usage: mkprogs [options] [DEV...]\n"
	"\n"
	"Load tc programs in objects: the programs of one object share a program array, an array,\n"
	"constant data and BTF, and call each other through the array. The first program of each\n"
	"object becomes a filter of a DEV, which needs a clsact; ingress and egress in turn.\n"
	"Prints `ready PROGRAMS INSTRUCTIONS`, keeps everything until standard input ends or "
	"SIGTERM\n"
	"comes, then takes it down object by object, which takes as long as loading. Do not kill "
	"it\n"
	"otherwise: a kernel that has to free more than about a thousand programs at once may "
	"never\n"
	"come to an end of it (6.18: all workers of one queue wait for one that the queue holds "
	"up).\n"
	"\n"
	"  --programs N   default 6000\n"
	"  --streams N    different programs but for ids of maps; default 60\n"
	"  --object N     programs of one object; default 20\n"
	"  --shortest N   instructions, about; default 20\n"
	"  --longest N    default 4000\n"
	"  --attach N     objects that get a filter; default all, if a DEV is given\n"
	"  --no-btf       without BTF\n"
	"  --no-calls     no helper but the tail call, so no program needs a name of the kernel's\n"
	"  --no-tails     no tail calls: each object's first program alone is used\n"
	"  --own-data     constant data differ from object to object\n";

struct options {
	uint32_t programs, streams, object, shortest, longest, attach;
	bool no_btf, no_calls, no_tails, own_data;
	char **devs;
	uint32_t n_devs;
};

/** Maps and BTF of one object; descriptors. The program array keeps the programs. */
struct object {
	int progs, values, data;
	int btf;
	bool attached;
};

/** A program while it is written. */
struct text {
	struct bpf_insn insns[MOST_INSNS];
	uint32_t n;
	uint32_t drops[MOST_DROPS]; /**< Jumps to the end that drops. */
	uint32_t n_drops;
	uint64_t random;
	const struct options *opts;
	const struct object *object;
	uint32_t place; /**< In its object. */
};

static const char func_name[] = "handle_packet_of_this_endpoint";

static int fail(const char *what)
{
	int code = errno;

	(void)fprintf(stderr, "mkprogs: %s: %s\n", what, strerror(code));
	return code == EPERM || code == EOPNOTSUPP ? EXIT_SKIP : 1;
}

/* --- writing programs --------------------------------------------------------------------------
 */

/** xorshift: the same streams each time. */
static uint32_t below(struct text *t, uint32_t n)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return (uint32_t)(t->random >> 32) % n;
}

static void put(struct text *t, uint8_t code, uint8_t dst, uint8_t src, int32_t imm)
{
	t->insns[t->n++] = (struct bpf_insn){
		.code = code, .dst_reg = dst & 15u, .src_reg = src & 15u, .imm = imm};
}

static void put_mem(struct text *t, uint8_t code, uint8_t dst, uint8_t src, int32_t off)
{
	put(t, code, dst, src, 0);
	t->insns[t->n - 1].off = (int16_t)off;
}

static void put_jump(struct text *t, uint8_t op, uint8_t reg, int32_t imm, int32_t off)
{
	put(t, (uint8_t)(BPF_JMP | BPF_K | op), reg, 0, imm);
	t->insns[t->n - 1].off = (int16_t)off;
}

static void put_map(struct text *t, uint8_t reg, uint8_t kind, int map)
{
	put(t, BPF_LD | BPF_IMM | BPF_DW, reg, kind, map);
	put(t, 0, 0, 0, 0);
}

#define MOV_K (BPF_ALU64 | BPF_MOV | BPF_K)
#define MOV_X (BPF_ALU64 | BPF_MOV | BPF_X)
#define ADD_K (BPF_ALU64 | BPF_ADD | BPF_K)
#define XOR_X (BPF_ALU64 | BPF_XOR | BPF_X)
#define LOAD  (BPF_LDX | BPF_MEM | BPF_W)
#define STORE (BPF_STX | BPF_MEM | BPF_W)

/** A field of the packet's context is compared; the counter in r8 remembers. */
static void put_field(struct text *t)
{
	static const uint8_t fields[] = {0, 4, 8, 12, 16, 40, 48, 52};

	put_mem(t, LOAD, 2, 6, fields[below(t, COUNT_OF(fields))]);
	put_jump(t, BPF_JNE, 2, (int32_t)below(t, 64), 2);
	put(t, MOV_K, 3, 0, (int32_t)below(t, 1024));
	put(t, XOR_X, 8, 3, 0);
}

/** A number goes to the stack and comes back later. */
static void put_stack(struct text *t)
{
	int32_t off = -8 * (int32_t)(2 + below(t, 12));

	put_mem(t, STORE, 10, 8, off);
	put_mem(t, LOAD, 4, 10, off);
	put(t, XOR_X, 8, 4, 0);
}

static void put_data(struct text *t)
{
	put_map(t, 1, BPF_PSEUDO_MAP_VALUE, t->object->data);
	put_mem(t, LOAD, 2, 1, 4 * (int32_t)below(t, DATA_WORDS));
	put_jump(t, BPF_JEQ, 2, (int32_t)below(t, DATA_WORDS), 1);
	put(t, XOR_X, 8, 2, 0);
}

/** A helper whose error drops the packet. */
static void put_helper(struct text *t)
{
	if (t->opts->no_calls || t->n_drops == MOST_DROPS) {
		put_stack(t);
		return;
	}
	put(t, MOV_X, 1, 6, 0);
	put(t, MOV_K, 2, 0, (int32_t)below(t, 64));
	put(t, BPF_JMP | BPF_CALL, 0, 0, BPF_FUNC_skb_pull_data);
	t->drops[t->n_drops++] = t->n;
	put_jump(t, BPF_JSLT, 0, 0, 0);
}

static void put_lookup(struct text *t)
{
	put(t, BPF_ALU64 | BPF_AND | BPF_K, 8, 0, 15);
	put_mem(t, STORE, 10, 8, -4);
	put(t, MOV_X, 2, 10, 0);
	put(t, ADD_K, 2, 0, -4);
	put_map(t, 1, BPF_PSEUDO_MAP_FD, t->object->values);
	put(t, BPF_JMP | BPF_CALL, 0, 0, BPF_FUNC_map_lookup_elem);
	put_jump(t, BPF_JEQ, 0, 0, 2);
	put_mem(t, LOAD, 2, 0, 0);
	put(t, XOR_X, 8, 2, 0);
}

/** Leave for a later program of the object, or go on. */
static void put_tail(struct text *t)
{
	uint32_t left = t->opts->object - t->place - 1;

	if (left == 0 || t->opts->no_tails) {
		put_stack(t);
		return;
	}
	put(t, MOV_X, 1, 6, 0);
	put_map(t, 2, BPF_PSEUDO_MAP_FD, t->object->progs);
	put(t, MOV_K, 3, 0, (int32_t)(t->place + 1 + below(t, left < 4 ? left : 4)));
	put(t, BPF_JMP | BPF_CALL, 0, 0, BPF_FUNC_tail_call);
}

static void put_end(struct text *t)
{
	static const int32_t codes[] = {0, 2, 7, -1};

	put(t, MOV_K, 0, 0, codes[below(t, COUNT_OF(codes))]);
	put(t, BPF_JMP | BPF_EXIT, 0, 0, 0);
	for (uint32_t i = 0; i < t->n_drops; i++) {
		t->insns[t->drops[i]].off = (int16_t)(t->n - t->drops[i] - 1);
	}
	if (t->n_drops > 0) {
		put(t, MOV_K, 0, 0, 2);
		put(t, BPF_JMP | BPF_EXIT, 0, 0, 0);
	}
}

/** Lengths are spread evenly over orders of magnitude, as those of real programs are. */
static uint32_t length(struct text *t)
{
	uint32_t doublings = 0;

	while (t->opts->shortest << (doublings + 1) < t->opts->longest) {
		doublings++;
	}
	uint32_t base = t->opts->shortest << below(t, doublings + 1);
	uint32_t size = base + below(t, base);

	return size < t->opts->longest ? size : t->opts->longest;
}

/** Write stream number @p stream with the maps of @p object. */
static void write_text(struct text *t, uint32_t stream)
{
	static void (*const pieces[])(struct text * t) = {
		put_field, put_field, put_stack, put_data, put_helper, put_lookup, put_field};

	t->n = 0;
	t->n_drops = 0;
	t->random = (stream + 1) * UINT64_C(0x9E3779B97F4A7C15);
	(void)below(t, 1);
	const uint32_t size = length(t);
	const uint32_t tail_at = size / 2;
	bool tail = false;

	put(t, MOV_X, 6, 1, 0);
	put(t, MOV_K, 8, 0, (int32_t)stream);
	put_mem(t, LOAD, 8, 6, 8);
	for (int32_t off = 2; off < 14; off++) {
		put_mem(t, STORE, 10, 8, -8 * off);
	}
	while (t->n + SPARE_INSNS < size) {
		if (!tail && t->n >= tail_at) {
			put_tail(t);
			tail = true;
		}
		pieces[below(t, COUNT_OF(pieces))](t);
	}
	put_tail(t);
	put_end(t);
}

/* --- loading -----------------------------------------------------------------------------------
 */

static int new_btf(uint32_t *ret_type)
{
	struct btf *btf = btf__new_empty();
	uint32_t len = 0;

	if (!btf) {
		return -1;
	}
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int skb = btf__add_struct(btf, "__sk_buff", 192);
	int pointer = btf__add_ptr(btf, skb);
	int proto = btf__add_func_proto(btf, number);
	int r = btf__add_func_param(btf, "skb", pointer);

	*ret_type = (uint32_t)btf__add_func(btf, func_name, BTF_FUNC_GLOBAL, proto);
	const void *data = btf__raw_data(btf, &len);
	int fd = r == 0 && data ? bpf_btf_load(data, len, NULL) : -1;

	btf__free(btf);
	return fd;
}

static int new_data(const struct options *o, uint32_t number)
{
	const struct bpf_map_create_opts opts = {.sz = sizeof(opts),
	                                         .map_flags = BPF_F_RDONLY_PROG};
	const uint32_t zero = 0;
	uint32_t words[DATA_WORDS];
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "endpoint_data", 4, sizeof(words), 1, &opts);

	for (uint32_t i = 0; i < DATA_WORDS; i++) {
		words[i] = o->own_data ? number * DATA_WORDS + i : i;
	}
	return fd < 0 || bpf_map_update_elem(fd, &zero, words, BPF_ANY) < 0 ||
	                       bpf_map_freeze(fd) < 0
	               ? -1
	               : fd;
}

static bool object_open(const struct options *o, uint32_t number, struct object *ret,
                        uint32_t *ret_type)
{
	*ret = (struct object){.btf = -1};
	ret->progs =
		bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "endpoint_calls", 4, 4, MOST_SLOTS, NULL);
	ret->values = bpf_map_create(BPF_MAP_TYPE_ARRAY, "endpoint_values", 4, 4, 16, NULL);
	ret->data = new_data(o, number);
	if (!o->no_btf) {
		ret->btf = new_btf(ret_type);
	}
	return ret->progs >= 0 && ret->values >= 0 && ret->data >= 0 &&
	       (o->no_btf || ret->btf >= 0);
}

static int load(const struct text *t, uint32_t type)
{
	const struct bpf_func_info func = {.type_id = type};
	struct bpf_prog_load_opts opts = {.sz = sizeof(opts)};

	if (t->object->btf >= 0) {
		opts.prog_btf_fd = (uint32_t)t->object->btf;
		opts.func_info = &func;
		opts.func_info_cnt = 1;
		opts.func_info_rec_size = sizeof(func);
	}
	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, func_name, "GPL", t->insns, t->n, &opts);
}

static struct bpf_tc_hook hook_of(const struct options *o, uint32_t number)
{
	return (struct bpf_tc_hook){
		.sz = sizeof(struct bpf_tc_hook),
		.ifindex = (int)if_nametoindex(o->devs[number % o->n_devs]),
		.attach_point = number / o->n_devs % 2 == 0 ? BPF_TC_INGRESS : BPF_TC_EGRESS,
	};
}

/** The object's first program becomes a filter. @return 0 or a negative errno. */
static int attach(const struct options *o, uint32_t number, int prog)
{
	const struct bpf_tc_hook hook = hook_of(o, number);
	struct bpf_tc_opts opts = {.sz = sizeof(opts),
	                           .prog_fd = prog,
	                           .priority = number / o->n_devs / 2 + 1,
	                           .handle = 1};

	return bpf_tc_attach(&hook, &opts);
}

/** @return instructions loaded, or -1 with errno. */
static int64_t load_object(const struct options *o, struct text *t, uint32_t number,
                           struct object *object)
{
	uint32_t type = 0;
	int64_t total = 0;

	t->object = object;
	if (!object_open(o, number, object, &type)) {
		return -1;
	}
	for (uint32_t i = 0; i < o->object && number * o->object + i < o->programs; i++) {
		t->place = i;
		write_text(t, (number * o->object + i) % o->streams);
		int prog = load(t, type);

		if (prog < 0 || bpf_map_update_elem(object->progs, &i, &prog, BPF_ANY) < 0) {
			return -1;
		}
		total += t->n;
		int r = i == 0 && number < o->attach ? attach(o, number, prog) : 0;

		if (r < 0) {
			errno = -r;
			return -1;
		}
		object->attached = object->attached || (i == 0 && number < o->attach);
		(void)close(prog);
	}
	return total;
}

/** Take an object down and give the kernel time to free its programs. */
static void unload_object(const struct options *o, uint32_t number, const struct object *object)
{
	const struct timespec moment = {.tv_nsec = (long)o->object * UNLOAD_NS};

	if (object->attached) {
		const struct bpf_tc_hook hook = hook_of(o, number);
		const struct bpf_tc_opts opts = {
			.sz = sizeof(opts), .priority = number / o->n_devs / 2 + 1, .handle = 1};

		(void)bpf_tc_detach(&hook, &opts);
	}
	for (uint32_t i = 0; i < o->object; i++) {
		(void)bpf_map_delete_elem(object->progs, &i);
	}
	(void)close(object->progs);
	(void)close(object->values);
	(void)close(object->data);
	if (object->btf >= 0) {
		(void)close(object->btf);
	}
	(void)nanosleep(&moment, NULL);
}

static volatile sig_atomic_t ended;

static void end(int number)
{
	ended = number;
}

/** Load until all are there or a signal comes. @return instructions, or -1 with errno. */
static int64_t load_all(const struct options *o, struct object *objects, uint32_t n,
                        uint32_t *ret_loaded)
{
	struct text *t = calloc(1, sizeof(*t));
	int64_t total = 0;

	if (!t) {
		return -1;
	}
	t->opts = o;
	for (uint32_t i = 0; i < n && !ended && total >= 0; i++) {
		int64_t insns = load_object(o, t, i, &objects[i]);

		total = insns < 0 ? -1 : total + insns;
		*ret_loaded = i + 1;
	}
	free(t);
	return total;
}

static int run(const struct options *o)
{
	const uint32_t n = (o->programs + o->object - 1) / o->object;
	const struct rlimit files = {.rlim_cur = 4 * n + 256, .rlim_max = 4 * n + 256};
	const struct sigaction action = {.sa_handler = end};
	struct object *objects = calloc(n, sizeof(*objects));
	uint32_t n_loaded = 0;
	int status = 0;
	char byte;

	if (!objects || setrlimit(RLIMIT_NOFILE, &files) < 0 ||
	    sigaction(SIGTERM, &action, NULL) < 0 || sigaction(SIGINT, &action, NULL) < 0) {
		free(objects);
		return fail("room for descriptors");
	}
	int64_t total = load_all(o, objects, n, &n_loaded);

	if (total < 0) {
		status = fail("loading or attaching");
	} else {
		(void)printf("ready %u %lld\n", o->programs, (long long)total);
		(void)fflush(stdout);
		while (!ended && read(STDIN_FILENO, &byte, 1) > 0) {
		}
	}
	for (uint32_t i = 0; i < n_loaded; i++) {
		unload_object(o, i, &objects[i]);
	}
	free(objects);
	return status;
}

static bool parse(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {
		{"programs", required_argument, NULL, 'p'},
		{"streams", required_argument, NULL, 's'},
		{"object", required_argument, NULL, 'o'},
		{"shortest", required_argument, NULL, 'm'},
		{"longest", required_argument, NULL, 'l'},
		{"attach", required_argument, NULL, 'a'},
		{"no-btf", no_argument, NULL, 'B'},
		{"no-calls", no_argument, NULL, 'C'},
		{"no-tails", no_argument, NULL, 'T'},
		{"own-data", no_argument, NULL, 'D'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		uint32_t number = optarg ? (uint32_t)strtoul(optarg, NULL, 0) : 0;

		switch (c) {
		case 'p':
			o->programs = number;
			break;
		case 's':
			o->streams = number;
			break;
		case 'o':
			o->object = number;
			break;
		case 'm':
			o->shortest = number;
			break;
		case 'l':
			o->longest = number;
			break;
		case 'a':
			o->attach = number;
			break;
		case 'B':
			o->no_btf = true;
			break;
		case 'C':
			o->no_calls = true;
			break;
		case 'T':
			o->no_tails = true;
			break;
		case 'D':
			o->own_data = true;
			break;
		default:
			return false;
		}
	}
	o->devs = argv + optind;
	o->n_devs = (uint32_t)(argc - optind);
	o->attach = o->n_devs > 0 ? o->attach : 0;
	return o->programs > 0 && o->streams > 0 && o->object > 0 && o->object <= MOST_SLOTS &&
	       o->shortest > 0 && o->shortest <= o->longest &&
	       o->longest + 2 * SPARE_INSNS <= MOST_INSNS;
}

int main(int argc, char **argv)
{
	struct options o = {.programs = 6000,
	                    .streams = 60,
	                    .object = 20,
	                    .shortest = 20,
	                    .longest = 4000,
	                    .attach = UINT32_MAX};
	bool help = argc == 2 && strcmp(argv[1], "--help") == 0;

	if (help || !parse(argc, argv, &o)) {
		(void)fputs(usage_text, help ? stdout : stderr);
		return help ? 0 : 2;
	}
	return run(&o);
}
