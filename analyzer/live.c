/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/cfg.h"

#include <errno.h>
#include <string.h>

#define ARGUMENTS 0x3eu  /* r1 to r5 */
#define CLOBBERED 0x3fu  /* r0 to r5 */
#define HIDDEN    0x800u /* r11 */
#define BIT(reg)  ((uint16_t)(1u << (reg)))

/** Live in and out of blocks, while they still change. */
struct flow {
	const struct decoded *code;
	const struct reads *reads;
	const struct cfg *cfg;
	bool keeps_ctx; /**< Functions exist: the context goes on after an exit. */
};

static void all_stack(struct live *l)
{
	memset(l->stack, 0xff, sizeof(l->stack));
}

/** Group of eight stack bytes; -1 when there is none for it. */
static int group_of(int64_t off)
{
	return off >= (int64_t)LIVE_LOWEST && off < 0 ? (int)((off - (int64_t)LIVE_LOWEST) / 8)
	                                              : -1;
}

static void use(struct live *l, const struct insn *in, bool dst, bool src)
{
	if (dst) {
		l->regs |= BIT(in->dst);
	}
	if (src && !in->has_imm) {
		l->regs |= BIT(in->src);
	}
}

static void read_memory(const struct flow *f, uint32_t at, struct live *l)
{
	if (!f->reads) {
		all_stack(l);
		l->ctx = UINT64_MAX;
		return;
	}
	for (size_t i = 0; i < COUNT_OF(l->stack); i++) {
		l->stack[i] |= f->reads[at].stack[i];
	}
	l->ctx |= f->reads[at].ctx;
}

/** A whole group written through the frame pointer is dead before. */
static void kill_store(const struct insn *in, struct live *l)
{
	int group = group_of(in->off);

	if (in->op == OP_STORE && in->dst == INSN_FRAME && in->bits == 64 && in->off % 8 == 0 &&
	    group >= 0) {
		l->stack[group / 64] &= ~(UINT64_C(1) << (group % 64));
	}
}

static void before_call(const struct flow *f, const struct insn *in, uint32_t at, struct live *l)
{
	l->regs = (uint16_t)((l->regs & ~(CLOBBERED | HIDDEN)) | ARGUMENTS);
	if (in->op == OP_CALL_HELPER || in->op == OP_CALL_KFUNC) {
		l->regs |= HIDDEN; /* one call of the kernel's takes and gives it */
	}
	if (in->op == OP_CALL_OWN || (in->op != OP_TAIL_CALL && f->code->has_func_ptr)) {
		all_stack(l);
	}
	if (in->op == OP_CALL_OWN || in->op == OP_TAIL_CALL) {
		l->ctx = UINT64_MAX;
	} else {
		read_memory(f, at, l);
	}
}

/** What is live before an instruction, from what is live after it. */
static void before(const struct flow *f, uint32_t at, struct live *l)
{
	const struct insn *in = &f->code->insns[at];

	switch ((enum insn_op)in->op) {
	case OP_NOP:
	case OP_SECOND:
	case OP_JA:
		break;
	case OP_BAD:
		*l = (struct live){0};
		break;
	case OP_EXIT:
		*l = (struct live){.regs = BIT(0), .ctx = f->keeps_ctx ? UINT64_MAX : 0};
		break;
	case OP_CALL_HELPER:
	case OP_CALL_KFUNC:
	case OP_CALL_OWN:
	case OP_TAIL_CALL:
		before_call(f, in, at, l);
		break;
	case OP_MOV:
	case OP_SEXT:
	case OP_PERCPU:
		l->regs &= (uint16_t)~BIT(in->dst);
		use(l, in, false, true);
		break;
	case OP_OPAQUE:
	case OP_CONST:
	case OP_MAP:
	case OP_MAP_VALUE:
	case OP_FUNC:
		l->regs &= (uint16_t)~BIT(in->dst);
		break;
	case OP_LOAD:
	case OP_LOAD_SEXT:
		l->regs &= (uint16_t)~BIT(in->dst);
		use(l, in, false, true);
		read_memory(f, at, l);
		break;
	case OP_STORE:
		kill_store(in, l);
		use(l, in, true, true);
		break;
	default:
		use(l, in, true, true);
		if (in->op >= OP_ATOMIC_ADD && in->op <= OP_ATOMIC_CMPXCHG) {
			l->regs |= (uint16_t)(in->op == OP_ATOMIC_CMPXCHG);
			read_memory(f, at, l);
		}
	}
}

static void move_group(struct live *l, int group, uint8_t reg, bool to_group)
{
	uint64_t bit = group >= 0 ? UINT64_C(1) << (group % 64) : 0;

	if (group < 0) {
		return;
	}
	if (to_group && (l->regs & BIT(reg))) {
		l->regs &= (uint16_t)~BIT(reg);
		l->stack[group / 64] |= bit;
	} else if (!to_group && (l->stack[group / 64] & bit)) {
		l->regs |= BIT(reg);
	}
}

/** What may become the result, before an instruction, from what may after it. */
static void result_before(const struct insn *in, struct live *l)
{
	switch ((enum insn_op)in->op) {
	case OP_EXIT:
		*l = (struct live){.regs = BIT(0)};
		return;
	case OP_MOV:
	case OP_SEXT:
		if (l->regs & BIT(in->dst)) {
			l->regs &= (uint16_t)~BIT(in->dst);
			use(l, in, false, true);
		}
		return;
	case OP_LOAD:
	case OP_LOAD_SEXT:
		if (in->src == INSN_FRAME) {
			move_group(l, group_of(in->off), in->dst, true);
		} else {
			l->regs &= (uint16_t)~BIT(in->dst);
		}
		return;
	case OP_STORE:
		if (in->dst == INSN_FRAME && !in->has_imm) {
			move_group(l, group_of(in->off), in->src, false);
		}
		return;
	case OP_CALL_HELPER:
	case OP_CALL_KFUNC:
	case OP_CALL_OWN:
	case OP_TAIL_CALL:
		l->regs &= (uint16_t)~CLOBBERED;
		return;
	case OP_CONST:
	case OP_OPAQUE:
		l->regs &= (uint16_t)~BIT(in->dst);
		return;
	default:
		return;
	}
}

static bool merge(struct live *to, const struct live *from)
{
	bool more = (from->regs & ~to->regs) != 0 || (from->ctx & ~to->ctx) != 0;

	to->regs |= from->regs;
	to->ctx |= from->ctx;
	for (size_t i = 0; i < COUNT_OF(to->stack); i++) {
		more |= (from->stack[i] & ~to->stack[i]) != 0;
		to->stack[i] |= from->stack[i];
	}
	return more;
}

static void live_out(const struct cfg *cfg, uint32_t b, struct live *ret, struct live *ret_result)
{
	uint32_t next[] = {cfg->blocks[b].fall, cfg->blocks[b].jump};

	memset(ret, 0, sizeof(*ret));
	memset(ret_result, 0, sizeof(*ret_result));
	for (size_t i = 0; i < COUNT_OF(next); i++) {
		if (next[i] != CFG_NONE) {
			(void)merge(ret, &cfg->blocks[next[i]].in);
			(void)merge(ret_result, &cfg->blocks[next[i]].result);
		}
	}
}

static bool update_block(const struct flow *f, struct cfg *cfg, uint32_t b)
{
	struct block *block = &cfg->blocks[b];
	struct live in;
	struct live result;

	live_out(cfg, b, &in, &result);
	for (uint32_t i = block->last + 1; i-- > block->first;) {
		before(f, i, &in);
		result_before(&f->code->insns[i], &result);
	}
	bool changed = merge(&block->in, &in);

	return merge(&block->result, &result) || changed;
}

int live_compute(const struct decoded *code, const struct reads *reads, struct arena *arena,
                 struct cfg *cfg)
{
	struct flow f = {
		.code = code, .reads = reads, .cfg = cfg, .keeps_ctx = code->has_functions};
	uint32_t *by_order = arena_alloc(arena, ((size_t)cfg->n + 1) * sizeof(*by_order));
	bool changed = true;

	if (!by_order) {
		return -ENOMEM;
	}
	for (uint32_t b = 0; b <= cfg->n; b++) {
		by_order[b] = CFG_NONE;
	}
	for (uint32_t b = 0; b < cfg->n; b++) {
		memset(&cfg->blocks[b].in, 0, sizeof(cfg->blocks[b].in));
		memset(&cfg->blocks[b].result, 0, sizeof(cfg->blocks[b].result));
		if (cfg->blocks[b].order != CFG_NONE) {
			by_order[cfg->blocks[b].order] = b;
		}
	}
	/* Ends by itself: bits are only ever added. */
	while (changed) {
		changed = false;
		for (uint32_t i = cfg->n + 1; i-- > 0;) {
			changed |= by_order[i] != CFG_NONE && update_block(&f, cfg, by_order[i]);
		}
	}
	return 0;
}
