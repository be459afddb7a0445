/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs that take part: those that tail calls and replaced functions lead to.
 */
#include "analyzer/engine.h"
#include "model/abi.h"

#include <errno.h>

static const struct verdict_prog *find_prog(const struct verdict_env *env, uint32_t id)
{
	uint32_t lo = 0;
	uint32_t hi = env->n_progs;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (env->progs[mid].id < id) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return lo < env->n_progs && env->progs[lo].id == id ? &env->progs[lo] : NULL;
}

const struct verdict_map *engine_map(const struct engine *e, uint32_t id)
{
	uint32_t lo = 0;
	uint32_t hi = e->env->n_maps;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (e->env->maps[mid].id < id) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return lo < e->env->n_maps && e->env->maps[lo].id == id ? &e->env->maps[lo] : NULL;
}

uint32_t engine_replaced(const struct unit *u, uint32_t insn)
{
	for (uint32_t i = 0; i < u->prog->n_replaced; i++) {
		if (u->prog->replaced[i].insn == insn) {
			return u->prog->replaced[i].prog_id;
		}
	}
	return 0;
}

/* --- which programs, in which order ------------------------------------------------------------
 */

/** A program whose successors are being looked through. */
struct open_prog {
	struct unit *u;
	uint32_t map;  /**< Place in its map_ids; behind them its replaced functions. */
	uint32_t slot; /**< Place in that map. */
};

struct closing {
	struct engine *e;
	struct open_prog *stack;
	uint32_t n, cap;
	uint32_t next_order; /**< Counting down as programs are left. */
	uint32_t n_slots;
};

static int open_unit(struct closing *c, uint32_t id)
{
	struct engine *e = c->e;
	const struct verdict_prog *prog = find_prog(e->env, id);

	if (!prog || e->by_prog[prog - e->env->progs] || e->n_units == ENGINE_PROGS) {
		return 0;
	}
	if (arena_reserve(&e->keep, (void **)&e->units, e->n_units, &e->cap_units,
	                  sizeof(struct unit *)) < 0 ||
	    arena_reserve(&e->keep, (void **)&c->stack, c->n, &c->cap, sizeof(*c->stack)) < 0) {
		return -ENOMEM;
	}
	struct unit *u = arena_alloc(&e->keep, sizeof(*u));

	if (!u) {
		return -ENOMEM;
	}
	*u = (struct unit){.prog = prog, .idx = e->n_units};
	e->units[e->n_units++] = u;
	e->by_prog[prog - e->env->progs] = u;
	c->stack[c->n++] = (struct open_prog){.u = u};
	return 0;
}

/** The next program that the topmost one may lead to; 0 when there is none left. */
static uint32_t next_target(struct closing *c, struct open_prog *top)
{
	const struct verdict_prog *prog = top->u->prog;

	for (; top->map < prog->n_map_ids; top->map++, top->slot = 0) {
		const struct verdict_map *map = engine_map(c->e, prog->map_ids[top->map]);

		if (map && map->type == ABI_MAP_PROG_ARRAY && map->slots_read &&
		    top->slot < map->n_slots && c->n_slots < ENGINE_SLOTS) {
			c->n_slots++;
			return map->slots[top->slot++].prog_id;
		}
	}
	if (top->slot < prog->n_replaced) {
		return prog->replaced[top->slot++].prog_id;
	}
	return 0;
}

int engine_close(struct engine *e)
{
	struct closing c = {.e = e, .next_order = UINT32_MAX};
	int r = 0;

	e->by_prog = arena_alloc(&e->keep, (e->env->n_progs + 1u) * sizeof(struct unit *));
	r = e->by_prog ? open_unit(&c, e->root->id) : -ENOMEM;
	while (r == 0 && c.n > 0) {
		struct open_prog *top = &c.stack[c.n - 1];
		uint32_t id = next_target(&c, top);

		if (id != 0) {
			r = open_unit(&c, id);
		} else {
			top->u->order = c.next_order--;
			c.n--;
		}
	}
	arena_release(&e->keep, (void **)&c.stack, &c.cap, sizeof(*c.stack));
	return r;
}

/* --- one program -------------------------------------------------------------------------------
 */

static void refuse(struct unit *u, enum verdict_cause cause, const char *why)
{
	u->usable = false;
	u->cause = cause;
	u->why_not = why;
}

static void make_ready(struct engine *e, struct unit *u)
{
	const struct verdict_prog *prog = u->prog;

	u->ready = true;
	if (!prog->insns || prog->n_insns == 0) {
		refuse(u, VERDICT_CAUSE_UNREADABLE,
		       prog->unreadable ? prog->unreadable : "instructions not readable");
		return;
	}
	if (prog->has_globals && !prog->links_read) {
		refuse(u, VERDICT_CAUSE_REPLACED,
		       "has global functions, and links that may replace them could not be listed");
		return;
	}
	e->n_insns += prog->n_insns;
	if (e->n_insns > e->limits.insns || prog->n_insns >= 1u << ORIGIN_PC_BITS) {
		refuse(u, VERDICT_CAUSE_LIMIT, "instructions of one analysis");
		return;
	}
	u->reads = arena_alloc(&e->keep, (size_t)prog->n_insns * sizeof(*u->reads));
	if (!u->reads ||
	    insn_decode(prog->insns, prog->n_insns, prog->func_insns, prog->n_func_insns, &e->keep,
	                &u->code) < 0 ||
	    cfg_build(&u->code, &e->keep, &u->cfg) < 0 ||
	    live_compute(&u->code, NULL, &e->keep, &u->cfg) < 0) {
		refuse(u, VERDICT_CAUSE_LIMIT, "memory for instructions");
		return;
	}
	u->usable = true;
}

struct unit *engine_unit(struct engine *e, uint32_t prog_id)
{
	const struct verdict_prog *prog = find_prog(e->env, prog_id);
	struct unit *u = prog ? e->by_prog[prog - e->env->progs] : NULL;

	if (u && !u->ready) {
		make_ready(e, u);
	}
	return u;
}

/* --- where tail calls lead ---------------------------------------------------------------------
 */

static bool note_followed(struct engine *e, uint32_t map_id, const struct verdict_slot *slot)
{
	for (uint32_t i = 0; i < e->n_followed; i++) {
		if (e->followed[i].map_id == map_id && e->followed[i].index == slot->index) {
			return true;
		}
	}
	if (e->n_followed == ENGINE_SLOTS ||
	    arena_reserve(&e->keep, (void **)&e->followed, e->n_followed, &e->cap_followed,
	                  sizeof(*e->followed)) < 0) {
		engine_limit(e, "slots of program arrays followed");
		return false;
	}
	e->followed[e->n_followed++] =
		(struct followed){.map_id = map_id, .index = slot->index, .prog_id = slot->prog_id};
	return true;
}

static bool visit_slot(const struct place *at, uint32_t map_id, const struct verdict_slot *slot,
                       engine_target_fn *visit, void *arg)
{
	struct unit *u = engine_unit(at->e, slot->prog_id);
	uint32_t by = u && u->usable ? engine_replaced(u, 0) : 0;

	u = by ? engine_unit(at->e, by) : u;
	if (!note_followed(at->e, map_id, slot)) {
		return false;
	}
	if (!u || !u->usable) {
		enum verdict_cause cause = VERDICT_CAUSE_TARGET;

		if (u && u->cause != VERDICT_CAUSE_UNREADABLE) {
			cause = u->cause;
		}
		engine_stop(at, cause,
		            u && u->why_not ? u->why_not
		                            : "program behind a tail call is not readable");
		return false;
	}
	visit(u, arg);
	return !at->e->stop;
}

static bool visit_map(const struct place *at, uint32_t map_id, const struct value *index,
                      engine_target_fn *visit, void *arg)
{
	const struct verdict_map *map = engine_map(at->e, map_id);

	if (!map) {
		engine_stop(at, VERDICT_CAUSE_ARRAY, "map of a tail call is not readable");
		return false;
	}
	if (map->type != ABI_MAP_PROG_ARRAY) {
		return true;
	}
	if (!map->slots_read) {
		engine_stop(at, VERDICT_CAUSE_ARRAY, "program array is not readable");
		return false;
	}
	for (uint32_t i = 0; i < map->n_slots; i++) {
		if (val_has(index, map->slots[i].index) &&
		    !visit_slot(at, map_id, &map->slots[i], visit, arg)) {
			return false;
		}
	}
	return true;
}

bool engine_targets(const struct place *at, const struct state *st, engine_target_fn *visit,
                    void *arg)
{
	const struct value *array = &st->regs[2].v->v;
	struct value index = val_low(&st->regs[3].v->v);
	const struct verdict_prog *prog = at->u->prog;

	if (array->kind == VAL_MAP && array->n == 1 && array->set[0] == 0) {
		return visit_map(at, array->ref, &index, visit, arg);
	}
	/* Which array is not known (a choice of two, or a hardened address): all it has. */
	engine_note(at, VERDICT_CAUSE_MERGED,
	            "tail call through an array that is not one constant");
	at->e->merged = true;
	if (prog->n_map_ids == 0) {
		engine_stop(at, VERDICT_CAUSE_ARRAY, "maps of the program are not known");
		return false;
	}
	for (uint32_t i = 0; i < prog->n_map_ids; i++) {
		if (!visit_map(at, prog->map_ids[i], &index, visit, arg)) {
			return false;
		}
	}
	return true;
}
