/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elements of per-CPU arrays as scratch memory, which programs hand to those they tail-call.
 *
 * This CPU's elements of an array are one space of cells, one after the other. What is known there
 * holds as long as nobody else writes them while the program runs (user space could, a program on
 * the same CPU that interrupts could), so a verdict that used it says that it assumes this.
 *
 * A pointer to an element is either tracked (VAL_ELEM) or a number that may be any pointer; no
 * other number leads here. Sources: percpu_array_map_lookup_elem(), percpu_array_map_gen_lookup(),
 * bpf_percpu_array_update() in kernel/bpf/arraymap.c.
 */
#include "analyzer/engine.h"
#include "model/abi.h"

#include <string.h>

/** Larger arrays are not scratch memory; offsets stay far from where they would wrap. */
#define MOST_BYTES (1u << 24)

/** Registers of a lookup's arguments. */
#define ARG_MAP 1u
#define ARG_KEY 2u

#define KEY_BYTES 4u

/** How the names of functions for dynamic pointers begin. */
#define DYNAMIC "bpf_dynptr_"

/** An element's distance from the next one; 0 when the map is no per-CPU array that is tracked. */
static uint32_t stride_of(const struct verdict_map *map)
{
	uint64_t stride = map ? ((uint64_t)map->value_size + 7) / 8 * 8 : 0;

	if (!map || map->type != ABI_MAP_PERCPU_ARRAY || map->id >= SPACE_ELEMS || stride == 0 ||
	    map->max_entries == 0 || stride * map->max_entries > MOST_BYTES) {
		return 0;
	}
	return (uint32_t)stride;
}

/** The map that a value is the address of; NULL when that is not known. */
static const struct verdict_map *map_at(const struct engine *e, const struct value *v)
{
	return v->kind == VAL_MAP && v->n == 1 && v->set[0] == 0 ? engine_map(e, v->ref) : NULL;
}

/** The pointer that a lookup of @p index gives. NULL: this array is not tracked. */
static vref element(const struct place *at, const struct verdict_map *map, vref index)
{
	struct pool *pool = &at->e->pool;
	uint32_t stride = stride_of(map);
	struct comparison inside = {.op = OP_JLT, .bits = 64};
	vref most = pool_const(pool, map->max_entries);
	bool surely = index->v.kind == VAL_NUM && !index->v.any && index->v.umax < map->max_entries;

	if (stride == 0 || index->v.kind != VAL_NUM || index->v.any) {
		return NULL;
	}
	if (!pool_refine(pool, inside, &index, &most)) {
		return pool->zero;
	}
	struct value elem = pool_binary(pool, OP_MUL, 64, index, pool_const(pool, stride))->v;

	if (elem.kind != VAL_NUM || elem.any || elem.umax > MOST_BYTES) {
		return NULL; /* the pool is full */
	}
	elem.kind = surely ? VAL_ELEM : VAL_ELEM_OR_NULL;
	elem.ref = map->id;
	return pool_put(pool, &elem);
}

/** An address that is not null and otherwise unknown. @param any of whatever. */
static vref some_address(struct pool *pool, bool any)
{
	struct value v = val_top();

	v.umin = 1;
	v.any = any;
	return pool_put(pool, &v);
}

/* --- lookups -----------------------------------------------------------------------------------
 */

vref scratch_lookup(const struct place *at, const struct helper *h, struct state *st)
{
	struct engine *e = at->e;
	const struct verdict_map *map = map_at(e, &st->regs[ARG_MAP].v->v);

	if (map && map->type != ABI_MAP_PERCPU_ARRAY && map->type != ABI_MAP_ARRAY) {
		return e->pool.top;
	}
	if (h->role == HELPER_LOOKS_UP_CPU) {
		return map && map->type == ABI_MAP_ARRAY ? e->pool.top : e->pool.any;
	}
	if (!map) {
		return e->pool.any; /* perhaps the array inside a map, perhaps a hardened address */
	}
	vref index = memory_load(at, st, ARG_KEY, 0, KEY_BYTES).v;

	if (map->type == ABI_MAP_ARRAY) {
		return index->v.kind == VAL_NUM && index->v.umax < map->max_entries
		               ? some_address(&e->pool, false)
		               : e->pool.top;
	}
	vref found = element(at, map, index);

	return found ? found : e->pool.any;
}

vref scratch_each(const struct place *at, const struct state *st)
{
	struct pool *pool = &at->e->pool;
	const struct verdict_map *map = map_at(at->e, &st->regs[ARG_MAP].v->v);

	if (map && map->type != ABI_MAP_PERCPU_ARRAY) {
		return pool->top;
	}
	if (!map || map->max_entries == 0) {
		return pool->any;
	}
	struct value all = val_range(0, (int64_t)map->max_entries - 1);
	vref found = element(at, map, pool_put(pool, &all));

	return found ? found : pool->any;
}

/* --- lookups that the kernel writes in place ---------------------------------------------------
 */

static const struct insn *insn_at(const struct place *at, int64_t distance)
{
	int64_t pc = (int64_t)at->pc + distance;

	return pc >= 0 && pc < at->u->code.n ? &at->u->code.insns[pc] : NULL;
}

static bool is_load(const struct insn *in)
{
	return in && in->op == OP_LOAD && in->bits == 64 && in->off == 0 && in->src == in->dst;
}

static bool is_add(const struct insn *in, uint8_t dst)
{
	return in && in->op == OP_ADD && in->bits == 64 && in->dst == dst;
}

/** Is here the load of "r0 <<= 3; r0 += r1; r0 = *(u64 *)r0; r0 = per-CPU r0"? */
static bool is_table_load(const struct place *at)
{
	const struct insn *load = &at->u->code.insns[at->pc];
	const struct insn *move = insn_at(at, 1);
	const struct insn *add = insn_at(at, -1);
	const struct insn *shift = insn_at(at, -2);

	return is_load(load) && move && move->op == OP_PERCPU && move->dst == load->dst &&
	       move->src == load->dst && is_add(add, load->dst) && !add->has_imm &&
	       add->src != load->dst && shift && shift->op == OP_LSH && shift->bits == 64 &&
	       shift->has_imm && shift->imm == 3 && shift->dst == load->dst;
}

/**
 * Where the table begins is the kernel's secret, but it adds that to the map's address right before
 * the index is loaded and tested, and masked when loaded without CAP_PERFMON.
 */
static bool is_table(const struct place *at, uint8_t reg, const struct value *table)
{
	for (int64_t distance = -5; distance >= -6; distance--) {
		const struct insn *add = insn_at(at, distance);

		if (is_add(add, reg) && add->has_imm && table->n == 1 &&
		    table->set[0] == (uint64_t)add->imm) {
			return true;
		}
	}
	return false;
}

vref scratch_table(const struct place *at, const struct state *st)
{
	struct pool *pool = &at->e->pool;
	const struct insn *load = &at->u->code.insns[at->pc];
	const struct insn *add = insn_at(at, -1);

	if (!is_table_load(at) || !add) {
		return NULL;
	}
	const struct value *table = &st->regs[add->src].v->v;
	const struct value *entry = &st->regs[load->dst].v->v;
	const struct verdict_map *map =
		table->kind == VAL_MAP ? engine_map(at->e, table->ref) : NULL;

	if (!map || !is_table(at, add->src, table) || entry->kind != VAL_MAP ||
	    entry->ref != table->ref || map->type != ABI_MAP_PERCPU_ARRAY) {
		return NULL;
	}
	vref distance = pool_binary(pool, OP_SUB, 64, st->regs[load->dst].v, st->regs[add->src].v);
	vref index = pool_binary(pool, OP_RSH, 64, distance, pool_const(pool, 3));
	vref found = element(at, map, index);

	return found && found->v.kind == VAL_ELEM ? found : NULL;
}

vref scratch_percpu(const struct place *at, const struct state *st)
{
	struct pool *pool = &at->e->pool;
	const struct insn *move = &at->u->code.insns[at->pc];
	vref src = st->regs[move->src].v;
	const struct insn *load = insn_at(at, -1);
	const struct insn *add = insn_at(at, -2);

	if (src->v.kind == VAL_ELEM) {
		return src;
	}
	/* A variable of the kernel's; or the element of a hash, which is behind its key. */
	bool variable = src->v.kind == VAL_NUM && src->v.n > 0;
	bool hash = is_load(load) && load->dst == move->src && is_add(add, load->dst) &&
	            add->has_imm && !src->v.any;

	return some_address(pool, !variable && !hash);
}

/* --- loads and stores --------------------------------------------------------------------------
 */

/** Bit of a place in engine.elem_reads: four bytes, others may share it. */
static uint32_t read_bit(uint32_t map_id, int64_t off)
{
	return (map_id * 2654435761u + (uint32_t)(off >> 2)) % ENGINE_ELEM_BITS;
}

static void mark_read(struct engine *e, uint32_t map_id, int64_t off, uint32_t bytes)
{
	uint32_t from = read_bit(map_id, off);
	uint32_t to = read_bit(map_id, off + bytes - 1);

	e->elem_reads[from / 64] |= UINT64_C(1) << (from % 64);
	e->elem_reads[to / 64] |= UINT64_C(1) << (to % 64);
}

static bool is_read(const struct engine *e, uint32_t map_id, int64_t off, uint32_t bytes)
{
	uint32_t from = read_bit(map_id, off);
	uint32_t to = read_bit(map_id, off + bytes - 1);

	return ((e->elem_reads[from / 64] >> (from % 64)) & 1) != 0 ||
	       ((e->elem_reads[to / 64] >> (to % 64)) & 1) != 0;
}

/** Does the load at hand only count: load, add, store at the same place? */
static bool is_counter(const struct place *at)
{
	const struct insn *load = &at->u->code.insns[at->pc];
	const struct insn *add = insn_at(at, 1);
	const struct insn *store = insn_at(at, 2);

	return add && store && load->op == OP_LOAD && add->op == OP_ADD && add->dst == load->dst &&
	       store->op == OP_STORE && !store->has_imm && store->src == load->dst &&
	       store->dst == load->src && store->off == load->off && store->bits == load->bits &&
	       load->dst != load->src;
}

bool scratch_load(const struct place *at, struct state *st, const struct value *ptr, int64_t off,
                  uint32_t bytes)
{
	struct engine *e = at->e;
	uint32_t space = SPACE_ELEMS | ptr->ref;
	bool known = false;

	for (uint32_t i = 0; i < ptr->n; i++) {
		int64_t from = (int64_t)(ptr->set[i] + (uint64_t)off);

		mark_read(e, ptr->ref, from, bytes);
		known = known || state_has(st, space, from, bytes);
	}
	if (known && is_counter(at)) {
		return false;
	}
	if (known && !e->scratch_used) {
		e->scratch_used = true;
		e->scratch_prog = at->u->prog->id;
		e->scratch_pc = at->pc;
	}
	return true;
}

bool scratch_store(const struct place *at, struct state *st, const struct value *ptr, int64_t off,
                   uint32_t bytes)
{
	int64_t from = (int64_t)(ptr->set[0] + (uint64_t)off);

	if (!at->e->use_live || ptr->n != 1 || is_read(at->e, ptr->ref, from, bytes)) {
		return true;
	}
	state_forget(st, &at->e->pool, SPACE_ELEMS | ptr->ref, from, from + bytes);
	return false;
}

void scratch_clobber(const struct place *at, struct state *st, const struct value *ptr,
                     int64_t bytes)
{
	uint32_t stride = stride_of(engine_map(at->e, ptr->ref));
	uint32_t space = SPACE_ELEMS | ptr->ref;
	int64_t to = ptr->smax;

	if (stride == 0 || ptr->smin < 0 || ptr->smax > MOST_BYTES) {
		state_forget_elems(st, space);
		return;
	}
	to = bytes >= 0 && bytes < MOST_BYTES ? to + bytes : (to / stride + 1) * stride;
	state_forget(st, &at->e->pool, space, ptr->smin, to);
}

/* --- other calls -------------------------------------------------------------------------------
 */

vref scratch_call(const struct place *at, const struct helper *h, const char *name, vref result,
                  struct state *st)
{
	struct engine *e = at->e;
	const struct value *map = &st->regs[ARG_MAP].v->v;

	switch ((enum helper_role)h->role) {
	case HELPER_UPDATES:
		state_forget_elems(st, map_at(e, map) && map->ref < SPACE_ELEMS
		                               ? SPACE_ELEMS | map->ref
		                               : SPACE_ELEMS);
		return result;
	case HELPER_RUNS_OTHERS:
		state_forget_elems(st, SPACE_ELEMS);
		return result;
	case HELPER_LOOKS_UP:
	case HELPER_LOOKS_UP_CPU:
		return result;
	case HELPER_PLAIN:
		break;
	}
	/* Dynamic pointers may lead to an element; functions without a row could do anything. */
	bool dynamic = name && strncmp(name, DYNAMIC, sizeof(DYNAMIC) - 1) == 0;

	if (h == &helper_unlisted || dynamic) {
		state_forget_elems(st, SPACE_ELEMS);
	}
	return dynamic && h->result == HELPER_ANYTHING ? e->pool.any : result;
}
