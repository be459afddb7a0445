/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/*
 * Any bytes as a program: decoding and analysis must end, within their limits, without a crash.
 * The first byte chooses limits and surroundings, the rest is instructions.
 */
#include "analyzer/verdict.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct verdict_symbol symbols[] = {
	{1, "bpf_redirect"},
	{2, "bpf_skb_load_bytes"},
	{3, "bpf_loop"},
	{4, "bpf_throw"},
	{5, "bpf_some_helper"},
	{6, "bpf_for_each_array_elem"},
	{7, "arch_bpf_timed_may_goto"},
};
static const unsigned char frozen[16] = {1, 2, 3};
static const struct verdict_slot slots[] = {{0, 1}, {1, 2}};
static const struct verdict_map maps[] = {
	{.id = 1, .type = 2, .value_size = sizeof(frozen), .max_entries = 1, .frozen = frozen},
	{.id = 2,
         .type = 3,
         .value_size = 4,
         .max_entries = 2,
         .slots_read = true,
         .slots = slots,
         .n_slots = 2},
	{.id = 3, .type = 6, .value_size = 16, .max_entries = 1},
};
static const uint32_t map_ids[] = {1, 2, 3};
static const unsigned char ok[] = {0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verdict_prog progs[] = {
		{.id = 1, .links_read = true, .map_ids = map_ids, .n_map_ids = 3},
		{.id = 2, .links_read = true, .insns = ok, .n_insns = 2},
	};
	struct verdict_env env = {.progs = progs,
	                          .n_progs = 2,
	                          .maps = maps,
	                          .n_maps = 3,
	                          .symbols = symbols,
	                          .n_symbols = COUNT_OF(symbols)};
	struct verdict_limits limits = {.steps = 2000, .bytes = 8u << 20};
	struct verdict verdict;
	struct arena arena;

	if (size < 1 + 8) {
		return 0;
	}
	limits.states = data[0] & 1 ? 4 : 0;
	limits.bytes >>= data[0] >> 1 & 3;
	env.n_symbols = data[0] & 8 ? 0 : env.n_symbols;
	progs[0].lang = data[0] & 16 ? VERDICT_XDP : VERDICT_TC;
	progs[0].insns = data + 1;
	progs[0].n_insns = (uint32_t)((size - 1) / 8);
	arena_init(&arena, 8u << 20);
	if (verdict_run(&env, 1, &limits, &arena, &verdict) == 0 &&
	    (verdict.codes == 0 || (verdict.exact && verdict.reason) || verdict.passes > 3)) {
		abort(); /* an empty set, or a claim with a doubt */
	}
	arena_done(&arena);
	return 0;
}
