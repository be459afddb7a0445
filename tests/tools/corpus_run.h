/* SPDX-License-Identifier: Apache-2.0 */
/*
 * corpus_run.h - part of bpfcorpus: runs programs with random packets.
 */
#ifndef TCAUDIT_TESTS_TOOLS_CORPUS_RUN_H
#define TCAUDIT_TESTS_TOOLS_CORPUS_RUN_H

#include "tests/tools/corpus_load.h"

#include <linux/if_ether.h>
#include <time.h>

static uint64_t seed = 0x9e3779b97f4a7c15u;

static uint32_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 11);
}

/** Numbers on which programs branch come often, others now and then. */
static uint32_t rnd_word(void)
{
	static const uint32_t edges[] = {0,          1,          0x7f,       0x80,       0xff,
	                                 0x100,      0x7fff,     0x8000,     0xffff,     0x10000,
	                                 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 64};

	switch (rnd() % 4) {
	case 0:
		return edges[rnd() % COUNT_OF(edges)];
	case 1:
		return rnd();
	default:
		return rnd() % 12;
	}
}

static void rnd_bytes(uint8_t *buf, uint32_t n)
{
	uint32_t mode = rnd() % 3;

	for (uint32_t i = 0; i < n; i++) {
		buf[i] = (uint8_t)(mode == 0 ? rnd() : mode == 1 ? rnd() % 12 : rnd_word());
	}
	if (n > ETH_HLEN && rnd() % 2 == 0) {
		static const uint16_t types[] = {ETH_P_IP, ETH_P_IPV6, ETH_P_ARP, ETH_P_8021Q};
		uint16_t type = types[rnd() % COUNT_OF(types)];

		buf[12] = (uint8_t)(type >> 8);
		buf[13] = (uint8_t)type;
		buf[14] = type == ETH_P_IP ? 0x45 : 0x60;
	}
}

/** Give maps named rnd* other content: elements that come, go and change. */
static void refill(const struct session *s)
{
	static uint64_t value[MOST_VALUE * 8];
	struct bpf_map *map = NULL;

	bpf_object__for_each_map(map, s->obj)
	{
		uint32_t max = bpf_map__max_entries(map);

		if (strncmp(bpf_map__name(map), "rnd", 3) != 0) {
			continue;
		}
		for (uint32_t key = 0; key < max; key++) {
			uint64_t word = (uint64_t)rnd_word() << 32 | rnd_word();

			for (size_t i = 0; i < COUNT_OF(value); i++) {
				value[i] = word;
			}
			if (bpf_map__type(map) == BPF_MAP_TYPE_HASH && rnd() % 2 == 0) {
				(void)bpf_map_delete_elem(bpf_map__fd(map), &key);
			} else {
				(void)bpf_map_update_elem(bpf_map__fd(map), &key, value, BPF_ANY);
			}
		}
	}
}

/** One packet. @return what the program returns; false when the kernel refused to run it. */
static bool run_once(const struct session *s, int32_t *ret)
{
	uint8_t in[MOST_PACKET] = {0}, out[4096];
	struct __sk_buff ctx = {.mark = rnd_word(), .priority = rnd_word()};
	struct bpf_test_run_opts opts = {.sz = sizeof(opts),
	                                 .data_in = in,
	                                 .data_out = out,
	                                 .data_size_out = sizeof(out),
	                                 .repeat = 1};

	for (size_t i = 0; i < COUNT_OF(ctx.cb); i++) {
		ctx.cb[i] = rnd_word();
	}
	opts.data_size_in = ETH_HLEN + (rnd() % 2 ? rnd() % 16 : rnd() % (MOST_PACKET - ETH_HLEN));
	rnd_bytes(in, opts.data_size_in);
	if (!s->progs[0].xdp) {
		opts.ctx_in = &ctx;
		opts.ctx_size_in = sizeof(ctx);
	}
	if (bpf_prog_test_run_opts(s->progs[0].fd, &opts) < 0) {
		return false;
	}
	*ret = (int32_t)opts.retval;
	return true;
}

/** @return the codes seen; @p refused counts packets that the kernel did not take. */
static uint32_t run(const struct session *s, unsigned long *refused)
{
	uint32_t seen = 0;
	time_t end = time(NULL) + RUN_SECONDS;

	for (unsigned long i = 0; i < s->opt->runs && time(NULL) <= end; i++) {
		int32_t ret = 0;

		if (i % REFILL == 0) {
			refill(s);
		}
		if (run_once(s, &ret)) {
			seen |= CODE_BIT(s->progs[0].xdp ? code_of_xdp_result(ret)
			                                 : code_of_result(ret));
		} else {
			++*refused;
		}
	}
	return seen;
}

static void print_codes(const char *word, uint32_t set)
{
	if (set == 0) {
		return;
	}
	printf(" %s:", word);
	for (uint32_t c = 0; c < N_CODES; c++) {
		if (set & CODE_BIT(c)) {
			printf(" %s", code_word((enum code)c));
		}
	}
}

/** @return false when the program returned what is not expected, or never what is. */
static bool check_runs(const struct session *s)
{
	unsigned long refused = 0;
	uint32_t seen = run(s, &refused);
	uint32_t wrong = seen & ~s->want->codes;
	uint32_t missing = s->want->codes & ~seen & ~s->want->unseen;
	bool ok = wrong == 0 && missing == 0 && refused < s->opt->runs;

	printf("%s %s", ok ? "ok   " : "FAIL ", s->want->name);
	print_codes("seen", seen);
	print_codes("NOT EXPECTED", wrong);
	print_codes("never seen", missing);
	if (refused > 0) {
		printf(" (%lu packets refused)", refused);
	}
	printf("\n");
	return ok;
}

#endif
