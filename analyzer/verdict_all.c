/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many programs: those that cannot differ in their verdict are judged once.
 *
 * Two programs are of one class when their instructions are equal but for the ids of maps, the
 * maps at equal places have equal facts, and equal slots hold programs of one class. Classes begin
 * with all that can be seen in a program itself and are split until nothing changes. What frozen
 * maps hold is looked at when one of the class has been judged and it is known what of it counts.
 */
#include "analyzer/insn.h"
#include "analyzer/verdict.h"
#include "model/abi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** Memory for classes. */
#define CLASS_BYTES ((size_t)64 << 20)

#define NO_CLASS UINT32_MAX

/** A program on the way to its class. */
struct member {
	const struct verdict_prog *prog;
	const uint32_t *ids;             /**< Of its maps: used ones by place, then the others. */
	const struct verdict_map **maps; /**< The same; NULL for those that are not known. */
	uint32_t n_maps;
	uint32_t n_used;
	uint64_t hash;  /**< Of what the current round looks at. */
	uint32_t class; /**< Place of its first member. */
	uint32_t next;  /**< Class of the coming round. */
};

/** Programs in the slots of a map, found once. */
struct targets {
	struct member **rows; /**< By slot; NULL for programs that are not known. */
	uint64_t hash;        /**< Of their classes in the current round. */
};

struct classes {
	const struct verdict_env *env;
	struct targets *targets; /**< In the order of env->maps. */
	struct member *rows;     /**< In the order of env->progs. */
	struct member **by_hash;
	struct arena arena;
};

static uint64_t mix(uint64_t hash, uint64_t x)
{
	hash = (hash ^ x) * UINT64_C(0x9E3779B97F4A7C15);
	return hash ^ hash >> 32;
}

static const struct verdict_map *find_map(const struct verdict_env *env, uint32_t id)
{
	uint32_t lo = 0;
	uint32_t hi = env->n_maps;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (env->maps[mid].id < id) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return lo < env->n_maps && env->maps[lo].id == id ? &env->maps[lo] : NULL;
}

static struct member *find_member(const struct classes *c, uint32_t prog_id)
{
	uint32_t lo = 0;
	uint32_t hi = c->env->n_progs;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (c->env->progs[mid].id < prog_id) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return lo < c->env->n_progs && c->env->progs[lo].id == prog_id ? &c->rows[lo] : NULL;
}

static uint32_t class_of(const struct classes *c, uint32_t prog_id)
{
	const struct member *m = find_member(c, prog_id);

	return m ? m->class : NO_CLASS;
}

/* --- what can be seen in a program itself ------------------------------------------------------
 */

static bool same_map(const struct verdict_map *a, const struct verdict_map *b)
{
	if (!a || !b) {
		return a == b;
	}
	if (a == b) {
		return true;
	}
	if (a->type != b->type || a->value_size != b->value_size ||
	    a->max_entries != b->max_entries || a->slots_read != b->slots_read ||
	    a->n_slots != b->n_slots || !a->frozen != !b->frozen) {
		return false;
	}
	for (uint32_t i = 0; i < a->n_slots; i++) {
		if (a->slots[i].index != b->slots[i].index) {
			return false;
		}
	}
	return true;
}

static bool same_functions(const struct verdict_prog *a, const struct verdict_prog *b)
{
	if (a->n_func_insns != b->n_func_insns || a->n_replaced != b->n_replaced ||
	    (a->n_func_insns > 0 &&
	     memcmp(a->func_insns, b->func_insns, a->n_func_insns * sizeof(uint32_t)) != 0)) {
		return false;
	}
	for (uint32_t i = 0; i < a->n_replaced; i++) {
		if (a->replaced[i].insn != b->replaced[i].insn) {
			return false;
		}
	}
	return true;
}

static bool same_itself(const struct member *x, const struct member *y)
{
	const struct verdict_prog *a = x->prog;
	const struct verdict_prog *b = y->prog;

	if (a->lang != b->lang || a->n_insns != b->n_insns || !a->insns != !b->insns ||
	    a->has_globals != b->has_globals || a->links_read != b->links_read ||
	    x->n_maps != y->n_maps || x->n_used != y->n_used || !same_functions(a, b)) {
		return false;
	}
	if (!a->insns) { /* the reason is part of the verdict */
		return a->unreadable == b->unreadable ||
		       (a->unreadable && b->unreadable &&
		        strcmp(a->unreadable, b->unreadable) == 0);
	}
	for (uint32_t i = 0; i < x->n_maps; i++) {
		if (!same_map(x->maps[i], y->maps[i])) {
			return false;
		}
	}
	return insn_equal(a->insns, x->ids, b->insns, y->ids, a->n_insns, x->n_used);
}

/** Fill what is compared: the hash of the instructions and the maps. */
static int look_at(struct classes *c, struct member *m)
{
	const struct verdict_prog *p = m->prog;
	uint32_t used[INSN_MAPS];
	uint32_t n = 0;
	uint32_t *ids = NULL;

	m->hash = p->insns ? insn_hash(p->insns, p->n_insns, used, &n) : 0;
	m->n_used = n;
	ids = arena_alloc(&c->arena, (n + p->n_map_ids + 1u) * sizeof(*ids));
	m->maps = arena_alloc(&c->arena, (n + p->n_map_ids + 1u) * sizeof(struct verdict_map *));
	if (!ids || !m->maps) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++) {
		ids[i] = used[i];
	}
	for (uint32_t i = 0; i < p->n_map_ids; i++) {
		uint32_t known = 0;

		while (known < n && ids[known] != p->map_ids[i]) {
			known++;
		}
		if (known == n) {
			ids[n++] = p->map_ids[i];
		}
	}
	for (uint32_t i = 0; i < n; i++) {
		m->maps[i] = find_map(c->env, ids[i]);
	}
	m->ids = ids;
	m->n_maps = n;
	return 0;
}

/* --- what its slots hold -----------------------------------------------------------------------
 */

/** Look up once what is in the slots of all maps. */
static int find_targets(struct classes *c)
{
	c->targets = arena_alloc(&c->arena, (c->env->n_maps + 1u) * sizeof(*c->targets));
	for (uint32_t i = 0; c->targets && i < c->env->n_maps; i++) {
		const struct verdict_map *map = &c->env->maps[i];
		/* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers */
		struct member **rows = arena_alloc(&c->arena, (map->n_slots + 1u) * sizeof(*rows));

		if (!rows) {
			return -ENOMEM;
		}
		for (uint32_t k = 0; k < map->n_slots; k++) {
			rows[k] = find_member(c, map->slots[k].prog_id);
		}
		c->targets[i].rows = rows;
	}
	return c->targets ? 0 : -ENOMEM;
}

static const struct targets *targets_of(const struct classes *c, const struct verdict_map *map)
{
	return &c->targets[map - c->env->maps];
}

static void hash_slots(struct classes *c)
{
	for (uint32_t i = 0; i < c->env->n_maps; i++) {
		struct targets *t = &c->targets[i];

		t->hash = 0;
		for (uint32_t k = 0; k < c->env->maps[i].n_slots; k++) {
			t->hash = mix(t->hash, t->rows[k] ? t->rows[k]->class : NO_CLASS);
		}
	}
}

static uint64_t hash_targets(const struct classes *c, const struct member *m)
{
	uint64_t hash = m->class;

	for (uint32_t i = 0; i < m->n_maps; i++) {
		hash = m->maps[i] ? mix(hash, targets_of(c, m->maps[i])->hash) : hash;
	}
	for (uint32_t i = 0; i < m->prog->n_replaced; i++) {
		hash = mix(hash, class_of(c, m->prog->replaced[i].prog_id));
	}
	return hash;
}

/** Given that they have slots of the same index. */
static bool same_slots(const struct classes *c, const struct verdict_map *a,
                       const struct verdict_map *b)
{
	for (uint32_t k = 0; a && b && a != b && k < a->n_slots; k++) {
		const struct member *x = targets_of(c, a)->rows[k];
		const struct member *y = targets_of(c, b)->rows[k];

		if ((x ? x->class : NO_CLASS) != (y ? y->class : NO_CLASS)) {
			return false;
		}
	}
	return true;
}

static bool same_targets(const struct classes *c, const struct member *x, const struct member *y)
{
	if (x->class != y->class) {
		return false;
	}
	for (uint32_t i = 0; i < x->n_maps; i++) {
		if (!same_slots(c, x->maps[i], y->maps[i])) {
			return false;
		}
	}
	for (uint32_t i = 0; i < x->prog->n_replaced; i++) {
		if (class_of(c, x->prog->replaced[i].prog_id) !=
		    class_of(c, y->prog->replaced[i].prog_id)) {
			return false;
		}
	}
	return true;
}

/* --- classes -----------------------------------------------------------------------------------
 */

static int by_hash(const void *a, const void *b)
{
	const struct member *x = *(struct member *const *)a;
	const struct member *y = *(struct member *const *)b;

	if (x->hash != y->hash) {
		return x->hash < y->hash ? -1 : 1;
	}
	return x < y ? -1 : x > y;
}

/** Give each member the class of the first one it equals. @return how many classes there are. */
static uint32_t split(struct classes *c, bool first)
{
	uint32_t n = c->env->n_progs;
	uint32_t n_classes = 0;
	uint32_t start = 0; /* of those with the same hash */

	/* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers */
	qsort(c->by_hash, n, sizeof(*c->by_hash), by_hash);
	for (uint32_t i = 0; i < n; i++) {
		struct member *m = c->by_hash[i];

		start = m->hash == c->by_hash[start]->hash ? start : i;
		m->next = (uint32_t)(m - c->rows);
		for (uint32_t k = start; k < i;
		     k++) { /* the first of them is the first of a class */
			const struct member *o = c->by_hash[k];

			if (o->next == (uint32_t)(o - c->rows) &&
			    (first ? same_itself(m, o) : same_targets(c, m, o))) {
				m->next = o->next;
				break;
			}
		}
		n_classes += m->next == (uint32_t)(m - c->rows);
	}
	for (uint32_t i = 0; i < n; i++) {
		c->rows[i].class = c->rows[i].next;
	}
	return n_classes;
}

static int make_classes(struct classes *c)
{
	uint32_t n = c->env->n_progs;
	uint32_t n_classes = 0;
	uint32_t was = 0;

	c->rows = arena_alloc(&c->arena, (n + 1u) * sizeof(*c->rows));
	c->by_hash = arena_alloc(&c->arena, (n + 1u) * sizeof(struct member *));
	if (!c->rows || !c->by_hash) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++) {
		struct member *m = &c->rows[i];

		m->prog = &c->env->progs[i];
		if (look_at(c, m) < 0) {
			return -ENOMEM;
		}
		c->by_hash[i] = m;
	}
	if (find_targets(c) < 0) {
		return -ENOMEM;
	}
	n_classes = split(c, true);
	while (n_classes != was) { /* each round makes more classes, or is the last */
		was = n_classes;
		hash_slots(c);
		for (uint32_t i = 0; i < n; i++) {
			c->rows[i].hash = hash_targets(c, &c->rows[i]);
		}
		n_classes = split(c, false);
	}
	return 0;
}

/* --- what was judged, and whether it holds for another one --------------------------------------
 *
 * A class says what each program does, not what frozen maps hold, nor which programs use the same
 * per-CPU array: what one of them leaves there the next one reads. So two of a class are judged
 * together only when the programs they lead to, gone through side by side, pair these arrays one to
 * one, and frozen maps are equal where the content of the first one's was consulted.
 */

/** What something is paired with in the walk that bears this number. */
struct partner {
	uint32_t walk;
	uint32_t with;
};

struct pairing {
	struct classes *c;
	uint32_t walk;
	struct partner *progs;        /**< By place in env->progs. */
	struct partner *maps, *backs; /**< By place in env->maps, both ways. */
	uint32_t *stack;              /**< Programs to look at, by place. */
	uint32_t n_stack;
	const struct verdict *known; /**< Of the first program; NULL: only look for arrays. */
	bool found;                  /**< A per-CPU array was seen. */
	bool same;
};

static int pairing_init(struct pairing *p, struct classes *c)
{
	size_t n_progs = c->env->n_progs + (size_t)1;
	size_t n_maps = c->env->n_maps + (size_t)1;

	*p = (struct pairing){.c = c};
	p->progs = arena_alloc(&c->arena, n_progs * sizeof(*p->progs));
	p->maps = arena_alloc(&c->arena, n_maps * sizeof(*p->maps));
	p->backs = arena_alloc(&c->arena, n_maps * sizeof(*p->backs));
	p->stack = arena_alloc(&c->arena, n_progs * sizeof(*p->stack));
	return p->progs && p->maps && p->backs && p->stack ? 0 : -ENOMEM;
}

/** @return false when it already has another partner. */
static bool pair_up(const struct pairing *p, struct partner *one, uint32_t with)
{
	if (one->walk == p->walk) {
		return one->with == with;
	}
	*one = (struct partner){.walk = p->walk, .with = with};
	return true;
}

static void pair_progs(struct pairing *p, const struct member *x, const struct member *y)
{
	if (!x || !y) {
		p->same = p->same && x == y;
		return;
	}
	uint32_t at = (uint32_t)(x - p->c->rows);
	bool known = p->progs[at].walk == p->walk;

	p->same = pair_up(p, &p->progs[at], (uint32_t)(y - p->c->rows)) && p->same;
	if (!known) {
		p->stack[p->n_stack++] = at;
	}
}

/** Do two maps of equal facts hold the same where the content of the first one was consulted? */
static bool same_content(const struct verdict *known, const struct verdict_map *a,
                         const struct verdict_map *b)
{
	const unsigned char *x = a->frozen;
	const unsigned char *y = b->frozen;
	uint32_t row = 0;

	while (known && row < known->n_frozen_maps && known->frozen_maps[row] != a->id) {
		row++;
	}
	if (a == b || !known || row == known->n_frozen_maps) {
		return true;
	}
	for (uint32_t i = 0; i < a->value_size; i++) {
		if ((known->frozen_bytes[row][i / 64] >> (i % 64) & 1) != 0 && x[i] != y[i]) {
			return false;
		}
	}
	return true;
}

static void pair_maps(struct pairing *p, const struct verdict_map *a, const struct verdict_map *b)
{
	if (!a || !b || !same_map(a, b)) {
		p->same = p->same && a == b;
		return;
	}
	uint32_t at = (uint32_t)(a - p->c->env->maps);
	uint32_t to = (uint32_t)(b - p->c->env->maps);

	if (p->maps[at].walk == p->walk && p->maps[at].with == to) {
		return;
	}
	bool one_to_one = pair_up(p, &p->maps[at], to) && pair_up(p, &p->backs[to], at);

	if (a->type == ABI_MAP_PERCPU_ARRAY) {
		p->found = true;
		p->same = p->same && one_to_one;
	}
	p->same = p->same && same_content(p->known, a, b);
	for (uint32_t i = 0; i < a->n_slots && p->same; i++) {
		pair_progs(p, targets_of(p->c, a)->rows[i], targets_of(p->c, b)->rows[i]);
	}
}

/** Go through all that two programs of a class lead to. With itself it only looks for arrays. */
static bool shares_alike(struct pairing *p, const struct verdict *known, const struct member *x,
                         const struct member *y)
{
	p->walk++;
	p->n_stack = 0;
	p->known = known;
	p->found = false;
	p->same = true;
	pair_progs(p, x, y);
	while (p->n_stack > 0 && p->same) {
		uint32_t at = p->stack[--p->n_stack];
		const struct member *a = &p->c->rows[at];
		const struct member *b = &p->c->rows[p->progs[at].with];

		p->same = a->n_maps == b->n_maps && a->prog->n_replaced == b->prog->n_replaced;
		for (uint32_t i = 0; i < a->n_maps && p->same; i++) {
			pair_maps(p, a->maps[i], b->maps[i]);
		}
		for (uint32_t i = 0; i < a->prog->n_replaced && p->same; i++) {
			pair_progs(p, find_member(p->c, a->prog->replaced[i].prog_id),
			           find_member(p->c, b->prog->replaced[i].prog_id));
		}
	}
	return p->same;
}

/** One of a class that was judged. */
struct judged {
	struct judged *next;
	const struct member *member;
	uint32_t at;  /**< Place in ids. */
	bool scratch; /**< It leads to per-CPU arrays. */
};

/** Find one that was judged whose verdict holds for @p m. */
static const struct judged *find_judged(struct pairing *p, const struct judged *j,
                                        const struct member *m, const struct verdict *verdicts)
{
	for (; j; j = j->next) {
		const struct verdict *v = &verdicts[j->at];

		if (j->member == m || (!j->scratch && v->n_frozen_maps == 0) ||
		    shares_alike(p, v, j->member, m)) {
			return j;
		}
	}
	return NULL;
}

/** Remember that a program was judged. @return 0 or -ENOMEM. */
static int add_judged(struct pairing *p, struct judged **list, const struct member *m, uint32_t at)
{
	struct judged *j = arena_alloc(&p->c->arena, sizeof(*j));

	if (!j) {
		return -ENOMEM;
	}
	*j = (struct judged){.next = *list, .member = m, .at = at};
	j->scratch = !shares_alike(p, NULL, m, m) || p->found;
	*list = j;
	return 0;
}

/* NOLINTNEXTLINE(readability-function-size): what it takes and gives are seven things */
int verdict_run_all(const struct verdict_env *env, const uint32_t *ids, uint32_t n,
                    const struct verdict_limits *limits, struct arena *arena,
                    struct verdict *ret_verdicts, uint32_t *ret_same)
{
	struct classes c = {.env = env};
	struct pairing pairing;
	int r = 0;

	arena_init(&c.arena, CLASS_BYTES);
	r = make_classes(&c);
	struct judged **judged =
		arena_alloc(&c.arena, (env->n_progs + 1u) * sizeof(struct judged *));

	r = judged && pairing_init(&pairing, &c) == 0 ? r : -ENOMEM;
	for (uint32_t i = 0; r == 0 && i < n; i++) {
		const struct member *m = find_member(&c, ids[i]);
		const struct judged *j =
			m ? find_judged(&pairing, judged[m->class], m, ret_verdicts) : NULL;
		uint32_t same = j ? j->at : i;

		if (!m) {
			r = -ENOENT;
		} else if (j) {
			ret_verdicts[i] = ret_verdicts[same];
		} else {
			r = verdict_run(env, ids[i], limits, arena, &ret_verdicts[i]);
			r = r == 0 ? add_judged(&pairing, &judged[m->class], m, i) : r;
		}
		if (r == 0 && ret_same) {
			ret_same[i] = same;
		}
	}
	arena_done(&c.arena);
	return r;
}
