/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/*
 * Any bytes as instructions: what the decoder hands on must be whole, because nothing behind it
 * looks at raw bytes again. Registers, widths and targets exist or the instruction says why it is
 * not understood; each has a text; the graph has sound edges; equal programs are found equal.
 *
 * Input: one byte of choices, then instructions.
 */
#include "analyzer/cfg.h"
#include "analyzer/insn.h"
#include "analyzer/insn_text.h"
#include "analyzer/verdict.h"
#include "tests/fuzz/fuzz.h"

#define MUTATE_HEAD 1u
#include "tests/fuzz/mutate_insns.h"

#include <errno.h>
#include <string.h>

/** Longest program. */
#define MOST_INSNS MUTATE_MOST

#define LIMIT_BYTES ((size_t)32 << 20)

/** Bits of the first byte. */
#define CHOICE_SMALL (1u << 0) /**< An arena that may be too small. */
#define CHOICE_FUNCS (1u << 1) /**< With starts of functions. */
#define CHOICE_LONG  (1u << 2) /**< Many times the same: calls whose distance was cut. */

#define LONG_INSNS 33000u
#define LONG_MARK  0x5au /**< Last byte of the only instruction. */

static bool is_jump(const struct insn *in)
{
	return in->op == OP_JA || insn_is_branch(in) || in->op == OP_CALL_OWN || in->op == OP_FUNC;
}

static bool is_memory(const struct insn *in)
{
	return in->op >= OP_LOAD && in->op <= OP_ATOMIC_CMPXCHG;
}

static void check_widths(const struct insn *in)
{
	bool whole = in->bits == 32 || in->bits == 64;

	if (is_memory(in)) {
		FUZZ_PROMISE(whole || in->bits == 8 || in->bits == 16);
		FUZZ_PROMISE(in->op < OP_ATOMIC_ADD || whole);
		FUZZ_PROMISE(!in->fetch || in->op >= OP_ATOMIC_ADD);
	} else if ((in->op >= OP_MOV && in->op <= OP_SWAP) || insn_is_branch(in)) {
		FUZZ_PROMISE(whole);
	}
	if (in->op == OP_SEXT || in->op == OP_TRUNC || in->op == OP_SWAP) {
		FUZZ_PROMISE(in->from == 8 || in->from == 16 || in->from == 32 || in->from == 64);
		FUZZ_PROMISE(!in->has_imm || in->op == OP_SEXT);
	}
	if (in->op == OP_SEXT) {
		FUZZ_PROMISE(in->from < in->bits);
	}
	if ((in->op == OP_LSH || in->op == OP_RSH || in->op == OP_ARSH) && in->has_imm) {
		FUZZ_PROMISE(in->imm >= INT32_MIN && in->imm <= INT32_MAX);
	}
}

static void check_insn(const struct decoded *code, uint32_t i)
{
	const struct insn *in = &code->insns[i];

	FUZZ_PROMISE(in->op < N_INSN_OPS);
	FUZZ_PROMISE(in->slots == 1 || in->slots == 2);
	if (in->op == OP_BAD) {
		FUZZ_PROMISE(in->why && in->why[0]);
		return;
	}
	if (in->op == OP_SECOND) {
		FUZZ_PROMISE(i > 0 && code->insns[i - 1].slots == 2);
	}
	if (in->slots == 2) {
		FUZZ_PROMISE(i + 1 < code->n && code->insns[i + 1].op == OP_SECOND);
	}
	if (in->op != OP_NOP && in->op != OP_SECOND) {
		FUZZ_PROMISE(in->dst < INSN_REGS);
		FUZZ_PROMISE(in->has_imm || in->slots == 2 || in->src < INSN_REGS);
		FUZZ_PROMISE(insn_ends(in) || i + in->slots < code->n);
	}
	if (is_jump(in)) {
		FUZZ_PROMISE(in->target < code->n && code->insns[in->target].op != OP_SECOND);
		FUZZ_PROMISE(code->has_functions || in->op == OP_JA || insn_is_branch(in));
		FUZZ_PROMISE(code->has_func_ptr || in->op != OP_FUNC);
	} else {
		FUZZ_PROMISE(in->target == INSN_NOWHERE);
	}
	check_widths(in);
}

static void check_text(const struct insn *in)
{
	char *text = malloc(INSN_TEXT_BYTES); /* on the heap, where running over is noticed */

	if (!text) {
		return;
	}
	memset(text, 'x', INSN_TEXT_BYTES);
	FUZZ_PROMISE(insn_text(in, text) == text);

	size_t len = strnlen(text, INSN_TEXT_BYTES);

	FUZZ_PROMISE(len > 0 && len < INSN_TEXT_BYTES - 1); /* nothing was cut off */
	FUZZ_PROMISE(!strstr(text, "(null)"));
	FUZZ_PROMISE(!strstr(text, "something") || in->op == OP_OPAQUE || in->op == OP_PERCPU);
	FUZZ_PROMISE(insn_word(in)[0]);
	free(text);
}

/** An edge leads to the beginning of a block, and forward unless that is the head of a loop. */
static void check_edge(const struct cfg *cfg, const struct block *from, uint32_t to)
{
	if (to == CFG_NONE) {
		return;
	}
	FUZZ_PROMISE(to < cfg->n);
	FUZZ_PROMISE(cfg->blocks[to].n_preds > 0);
	FUZZ_PROMISE(from->order < cfg->blocks[to].order || cfg->blocks[to].loop_head);
}

static void check_block(const struct decoded *code, const struct cfg *cfg, uint32_t b)
{
	const struct block *block = &cfg->blocks[b];
	const struct insn *last = &code->insns[block->last];

	FUZZ_PROMISE(block->first == (b ? cfg->blocks[b - 1].last + 1 : 0));
	FUZZ_PROMISE(block->last >= block->first && block->last < code->n);
	FUZZ_PROMISE(cfg->block_of[block->first] == b);
	for (uint32_t i = block->first + 1; i <= block->last; i++) {
		FUZZ_PROMISE(cfg->block_of[i] == CFG_NONE);
	}
	FUZZ_PROMISE(block->n_preds > 0); /* orphans count as entered */
	check_edge(cfg, block, block->fall);
	check_edge(cfg, block, block->jump);
	if (insn_is_branch(last)) {
		FUZZ_PROMISE(block->fall == b + 1 && block->jump == cfg->block_of[last->target]);
	} else if (last->op == OP_JA) {
		FUZZ_PROMISE(block->fall == CFG_NONE);
		FUZZ_PROMISE(block->jump == cfg->block_of[last->target]);
	} else if (last->op == OP_EXIT || last->op == OP_BAD) {
		FUZZ_PROMISE(block->fall == CFG_NONE && block->jump == CFG_NONE);
	}
}

static void check_cfg(const struct decoded *code, struct arena *arena)
{
	struct cfg cfg;

	if (cfg_build(code, arena, &cfg) < 0) {
		return;
	}
	uint8_t *seen = arena_alloc(arena, cfg.n + 1u);

	FUZZ_PROMISE(cfg.n > 0 && cfg.n <= code->n);
	FUZZ_PROMISE(cfg.blocks[cfg.n - 1].last == code->n - 1);
	for (uint32_t b = 0; b < cfg.n; b++) {
		check_block(code, &cfg, b);
		FUZZ_PROMISE(cfg.blocks[b].order <= cfg.n); /* each place once */
		if (seen) {
			FUZZ_PROMISE(!seen[cfg.blocks[b].order]);
			seen[cfg.blocks[b].order] = 1;
		}
	}
	if (live_compute(code, NULL, arena, &cfg) < 0) {
		return;
	}
	for (uint32_t b = 0; b < cfg.n; b++) {
		FUZZ_PROMISE(cfg.blocks[b].in.regs < 1u << INSN_REGS);
	}
}

static void count_call(int32_t imm, void *arg)
{
	uint32_t *n = arg;

	(void)imm;
	++*n;
}

/**
 * The functions that look at raw bytes: they see the same maps and calls as the decoder. But for
 * programs that no kernel hands out, in which half a two-slot load hides the slot behind it.
 */
static void check_raw(const uint8_t *raw, const struct decoded *code)
{
	uint32_t ids[INSN_MAPS];
	uint32_t n_maps = 0;
	uint32_t n_visits = 0;
	uint32_t n_calls = insn_calls(raw, code->n, count_call, &n_visits);
	uint32_t n_seen = 0;
	uint32_t n_loads = 0;
	bool whole = true;

	(void)insn_hash(raw, code->n, ids, &n_maps);
	for (uint32_t i = 0; i < code->n; i++) {
		uint8_t op = code->insns[i].op;

		n_seen += op == OP_CALL_HELPER || op == OP_CALL_KFUNC;
		n_loads += op == OP_MAP || op == OP_MAP_VALUE;
		whole &= op != OP_BAD;
	}
	FUZZ_PROMISE(n_calls == n_visits && n_calls <= code->n && n_maps <= code->n &&
	             n_maps <= INSN_MAPS);
	if (whole) {
		FUZZ_PROMISE(n_calls == n_seen);
		FUZZ_PROMISE(n_maps <= n_loads && (n_maps > 0) == (n_loads > 0));
	}
	FUZZ_PROMISE(insn_equal(raw, ids, raw, ids, code->n, n_maps));
}

/** With other ids of maps it is the same program; with another instruction it is not. */
static void check_equal(const uint8_t *raw, uint32_t n, struct arena *arena)
{
	uint8_t *other = arena_alloc(arena, (size_t)n * INSN_BYTES);
	uint32_t ids[INSN_MAPS];
	uint32_t other_ids[INSN_MAPS];
	uint32_t n_ids = 0;
	uint32_t n_other = 0;

	if (!other) {
		return;
	}
	memcpy(other, raw, (size_t)n * INSN_BYTES);
	for (uint32_t i = 0; i < n; i++) {
		uint8_t *at = other + (size_t)i * INSN_BYTES;
		struct slot8 in;

		memcpy(&in, at, sizeof(in));
		if (in.op != 0x18) {
			continue;
		}
		if ((in.regs & 0xf0) == 0x10 || (in.regs & 0xf0) == 0x20) {
			in.imm ^= 0x5a5a;
			memcpy(at, &in, sizeof(in));
		}
		i++;
	}

	uint64_t hash = insn_hash(raw, n, ids, &n_ids);

	if (n_ids == INSN_MAPS) {
		return; /* further ones count by their id */
	}
	FUZZ_PROMISE(hash == insn_hash(other, n, other_ids, &n_other) && n_ids == n_other);
	FUZZ_PROMISE(insn_equal(raw, ids, other, other_ids, n, n_ids) &&
	             insn_equal(other, other_ids, raw, ids, n, n_ids));
	other[1] ^= 1; /* a register of the first instruction */
	FUZZ_PROMISE(!insn_equal(raw, ids, other, other_ids, n, n_ids));
}

/** A program longer than distances of calls reach, of copies of the input. */
static const uint8_t *make_long(const uint8_t *raw, uint32_t *n, struct arena *arena)
{
	uint8_t *big = arena_alloc(arena, (size_t)LONG_INSNS * INSN_BYTES);

	if (!big) {
		return raw;
	}
	for (uint32_t i = 0; i < LONG_INSNS; i++) {
		memcpy(big + (size_t)i * INSN_BYTES, raw + (size_t)(i % *n) * INSN_BYTES,
		       INSN_BYTES);
	}
	*n = LONG_INSNS;
	return big;
}

static void check_decoded(const uint8_t *raw, const struct decoded *code, struct arena *arena)
{
	for (uint32_t i = 0; i < code->n; i++) {
		check_insn(code, i);
	}
	for (uint32_t i = 0; i < code->n && i < 512; i++) {
		check_text(&code->insns[i]);
	}
	if (code->n == LONG_INSNS) {
		return; /* all the same: a hundredth of the time for what can differ */
	}
	check_cfg(code, arena);
	check_raw(raw, code);
	check_equal(raw, code->n, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decoded code;
	struct arena arena;
	uint32_t funcs[3];
	uint32_t n = 0;

	if (size < 1 + INSN_BYTES) {
		return 0;
	}
	n = (uint32_t)((size - 1) / INSN_BYTES);
	n = n < MOST_INSNS ? n : MOST_INSNS;
	arena_init(&arena, data[0] & CHOICE_SMALL ? (size_t)n * 40 + data[0] * 8 : LIMIT_BYTES);

	/* hard to hit, so that few are tried: each takes a hundred times as long */
	bool is_long =
		(data[0] & ~CHOICE_FUNCS) == CHOICE_LONG && n == 1 && data[INSN_BYTES] == LONG_MARK;
	const uint8_t *raw = is_long ? make_long(data + 1, &n, &arena) : data + 1;

	for (uint32_t i = 0; i < COUNT_OF(funcs); i++) {
		funcs[i] = i * (n / 2);
	}
	int r = insn_decode(raw, n, funcs, data[0] & CHOICE_FUNCS ? COUNT_OF(funcs) : 0, &arena,
	                    &code);

	FUZZ_PROMISE(r == 0 || (r == -ENOMEM && (data[0] & CHOICE_SMALL)));
	if (r == 0) {
		FUZZ_PROMISE(code.n == n);
		check_decoded(raw, &code, &arena);
	}
	arena_done(&arena);
	return 0;
}
