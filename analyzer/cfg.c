/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/cfg.h"

#include <errno.h>

/** State of a block in the walk. */
enum visit {
	VISIT_NEW,
	VISIT_OPEN, /**< On the path from the entry. */
	VISIT_DONE,
};

struct walk {
	struct cfg *cfg;
	uint8_t *visit;  /**< enum visit, by block. */
	uint8_t *edge;   /**< Edges of an open block already followed. */
	uint32_t *stack; /**< Open blocks. */
	uint32_t next;   /**< Place to give, counting down. */
};

static bool ends_block(const struct insn *in)
{
	return insn_ends(in) || insn_is_branch(in) || in->op == OP_CALL_OWN;
}

/** Mark the first instructions of blocks. @return how many. */
static uint32_t mark_leaders(const struct decoded *code, uint32_t *block_of)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < code->n; i++) {
		block_of[i] = CFG_NONE;
	}
	block_of[0] = 0;
	for (uint32_t i = 0; i < code->n; i++) {
		const struct insn *in = &code->insns[i];

		if (in->op != OP_BAD && in->target < code->n) {
			block_of[in->target] = 0;
		}
		if (ends_block(in) && i + 1 < code->n) {
			block_of[i + 1] = 0;
		}
	}
	for (uint32_t i = 0; i < code->n; i++) {
		n += block_of[i] == 0;
	}
	return n;
}

static void fill_blocks(const struct decoded *code, struct cfg *cfg)
{
	uint32_t b = 0;

	for (uint32_t i = 0; i < code->n; i++) {
		if (cfg->block_of[i] != CFG_NONE) {
			cfg->block_of[i] = b;
			cfg->blocks[b++] = (struct block){
				.first = i, .fall = CFG_NONE, .jump = CFG_NONE, .order = CFG_NONE};
		}
		cfg->blocks[b - 1].last = i;
	}
	for (b = 0; b < cfg->n; b++) {
		struct block *block = &cfg->blocks[b];
		const struct insn *in = &code->insns[block->last];

		/* the second slot of a load is no instruction of its own */
		if (in->op == OP_SECOND && block->last > block->first) {
			in = &code->insns[block->last - 1];
		}
		if (in->op == OP_JA || insn_is_branch(in)) {
			block->jump = cfg->block_of[in->target];
		}
		if (!insn_ends(in) && block->last + 1 < code->n) {
			block->fall = cfg->block_of[block->last + 1];
			/* a function may come back in several states: they meet behind the call */
			cfg->blocks[block->fall].n_preds += in->op == OP_CALL_OWN ? 1 : 0;
		}
	}
}

static void walk_from(struct walk *w, uint32_t entry)
{
	uint32_t depth = 0;

	w->cfg->blocks[entry].n_preds++;
	if (w->visit[entry] != VISIT_NEW) {
		return;
	}
	w->stack[depth++] = entry;
	w->visit[entry] = VISIT_OPEN;
	while (depth > 0) {
		uint32_t at = w->stack[depth - 1];
		struct block *block = &w->cfg->blocks[at];

		if (w->edge[at] == 2) {
			w->visit[at] = VISIT_DONE;
			block->order = w->next--;
			depth--;
			continue;
		}
		/* the jump first, so that what falls through comes earlier in the order */
		uint32_t to = w->edge[at]++ == 0 ? block->jump : block->fall;

		if (to == CFG_NONE) {
			continue;
		}
		w->cfg->blocks[to].n_preds++;
		w->cfg->blocks[to].loop_head |= w->visit[to] == VISIT_OPEN;
		if (w->visit[to] == VISIT_NEW) {
			w->visit[to] = VISIT_OPEN;
			w->stack[depth++] = to;
		}
	}
}

static int order_blocks(const struct decoded *code, struct arena *arena, struct cfg *cfg)
{
	struct walk w = {.cfg = cfg, .next = cfg->n};

	w.visit = arena_alloc(arena, cfg->n);
	w.edge = arena_alloc(arena, cfg->n);
	w.stack = arena_alloc(arena, (size_t)cfg->n * sizeof(*w.stack));
	if (!w.visit || !w.edge || !w.stack) {
		return -ENOMEM;
	}
	walk_from(&w, 0);
	for (uint32_t i = 0; i < code->n; i++) {
		const struct insn *in = &code->insns[i];

		if (in->op == OP_CALL_OWN || in->op == OP_FUNC) {
			walk_from(&w, cfg->block_of[in->target]);
		}
	}
	/* No jump or call leads to exception handlers. */
	for (uint32_t b = 0; b < cfg->n; b++) {
		if (w.visit[b] == VISIT_NEW) {
			cfg->blocks[b].orphan = true;
			walk_from(&w, b);
		}
	}
	return 0;
}

int cfg_build(const struct decoded *code, struct arena *arena, struct cfg *ret_cfg)
{
	struct cfg cfg = {0};

	cfg.block_of = arena_alloc(arena, (size_t)code->n * sizeof(*cfg.block_of));
	if (!cfg.block_of) {
		return -ENOMEM;
	}
	cfg.n = mark_leaders(code, cfg.block_of);
	cfg.blocks = arena_alloc(arena, (size_t)cfg.n * sizeof(*cfg.blocks));
	if (!cfg.blocks) {
		return -ENOMEM;
	}
	fill_blocks(code, &cfg);
	if (order_blocks(code, arena, &cfg) < 0) {
		return -ENOMEM;
	}
	*ret_cfg = cfg;
	return 0;
}
