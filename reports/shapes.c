/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/shapes.h"

#include "model/text.h"
#include "reports/entry_text.h"
#include "reports/spot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/** Letters at the start of an interface's name that keep families such as lxc and eth apart. */
#define STEM_BYTES 3

/** Shortest name of a link that is looked for in names of filters; "lo" would hit by chance. */
#define MIN_LINK_NAME 3

const char *shapes_hook(struct arena *arena, const struct row *row)
{
	char word[SPOT_WORD_BYTES];

	if (row->hook == NULL) {
		return hook_type_word(row->way == WAY_RECEIVE ? HOOK_CLSACT_INGRESS
		                                              : HOOK_CLSACT_EGRESS);
	}
	(void)snap_hook_word(row->hook, word, sizeof(word));
	return arena_strndup(arena, word, strlen(word));
}

const char *shapes_name(struct arena *arena, const struct snapshot *snap, const struct row *row,
                        const struct snap_link *link)
{
	const char *name = entry_name(snap, row->entry);
	const char *hit = NULL;

	if (link->name != NULL && strlen(link->name) >= MIN_LINK_NAME) {
		hit = strstr(name, link->name);
	}
	if (hit == NULL) {
		return name;
	}
	return arena_printf(arena, "%.*s*%s", (int)(hit - name), name, hit + strlen(link->name));
}

bool shapes_draws(const struct shapes *shapes, const struct report *rep, uint32_t link,
                  const struct rows *rows, enum way way)
{
	if (rows->n_way[way] == 0) {
		return false;
	}
	return rep->verbose || rows->n_foreign[way] > 0 || shapes->flagged[link];
}

/** Text of unknown bytes: its length in front makes the key unambiguous. */
static void key_text(struct out *o, const char *text)
{
	out_fmt(o, "%zu:", strlen(text));
	out_str(o, text);
}

static int key_row(struct out *o, struct arena *scratch, const struct snapshot *snap,
                   const struct row *row, const struct snap_link *link)
{
	const char *hook = shapes_hook(scratch, row);

	if (hook == NULL) {
		return -ENOMEM;
	}
	out_fmt(o, "%d,%s,%d,%d,%d,%" PRIu32 ",", (int)row->way, hook, (int)row->effect,
	        row->agent ? 1 : 0, (int)row->outlook, row->by);
	if (row->entry != NULL) {
		const char *slot = entry_slot(scratch, row->entry);
		const char *does = entry_does(scratch, snap, row->entry);
		const char *name = row->agent ? "" : shapes_name(scratch, snap, row, link);

		if (slot == NULL || does == NULL || name == NULL) {
			return -ENOMEM;
		}
		key_text(o, slot);
		key_text(o, does);
		key_text(o, name);
	}
	return 0;
}

/** How bad a row of the Agent looks. */
static uint32_t rank_of(enum outlook outlook)
{
	switch (outlook) {
	case OUTLOOK_SEES:
		return 0;
	case OUTLOOK_UNSURE:
	case OUTLOOK_SHARED:
		return 1;
	case OUTLOOK_HIDDEN:
	case OUTLOOK_TAKEN:
	case OUTLOOK_BLOCK:
	case OUTLOOK_NO_WAY:
		return 2;
	}
	return 0;
}

static int add_shape(struct shapes *shapes, const char *key, uint32_t link, uint32_t rank)
{
	void *rows = shapes->shape;

	if (arena_reserve(&shapes->arena, &rows, shapes->n, &shapes->cap, sizeof(*shapes->shape)) <
	    0) {
		return -ENOMEM;
	}
	shapes->shape = rows;
	shapes->shape[shapes->n++] = (struct shape){.key = key, .link = link, .rank = rank};
	return 0;
}

static int add_group(struct shapes *shapes, uint32_t first)
{
	void *rows = shapes->group;

	if (arena_reserve(&shapes->arena, &rows, shapes->n_groups, &shapes->cap_groups,
	                  sizeof(*shapes->group)) < 0) {
		return -ENOMEM;
	}
	shapes->group = rows;
	shapes->group[shapes->n_groups++] = (struct group){.first = first, .n = 1};
	return 0;
}

static int stem_len(const char *name)
{
	int n = 0;

	while (n < STEM_BYTES && ((name[n] >= 'a' && name[n] <= 'z') ||
	                          (name[n] >= 'A' && name[n] <= 'Z') || name[n] == '_')) {
		n++;
	}
	return n;
}

/** What is printed of the link, and nothing that only tells links apart (ids, its own name). */
static int make_key(struct shapes *shapes, const struct report *rep, uint32_t index,
                    const struct rows *rows, struct arena *scratch)
{
	const struct snap_link *link = &rep->snap->links[index];
	const char *name = link->name != NULL ? link->name : "";
	struct out_mem mem = {0};
	struct out o;
	uint32_t rank = 0;
	int r = 0;

	out_init(&o, out_mem_write, &mem);
	out_fmt(&o, "%d,%.*s,", rep->snap->netns[link->netns].host ? 1 : 0, stem_len(name), name);
	for (uint32_t i = 0; i < rows->n && r == 0; i++) {
		if (shapes_draws(shapes, rep, index, rows, rows->row[i].way)) {
			uint32_t row_rank = rows->row[i].agent ? rank_of(rows->row[i].outlook) : 0;

			rank = row_rank > rank ? row_rank : rank;
			r = key_row(&o, scratch, rep->snap, &rows->row[i], link);
		}
	}
	if (out_flush(&o) < 0 || r < 0) {
		out_mem_done(&mem);
		return -ENOMEM;
	}

	const char *key = arena_strndup(&shapes->arena, mem.bytes, mem.len);

	out_mem_done(&mem);
	return key != NULL ? add_shape(shapes, key, index, rank) : -ENOMEM;
}

static int add_link(struct shapes *shapes, const struct report *rep, uint32_t index,
                    struct arena *scratch)
{
	const struct snap_link *link = &rep->snap->links[index];
	struct rows rows;
	bool draws = false;

	if (link->n_hooks == 0 && link->peer == SNAP_NONE) {
		return 0;
	}
	if (rows_of_link(rep, link, scratch, &rows) < 0) {
		return -ENOMEM;
	}
	for (uint32_t way = 0; way < N_WAYS; way++) {
		draws = draws || shapes_draws(shapes, rep, index, &rows, (enum way)way);
	}
	return draws ? make_key(shapes, rep, index, &rows, scratch) : 0;
}

static int by_key(const void *a, const void *b)
{
	const struct shape *x = a;
	const struct shape *y = b;
	int r = strcmp(x->key, y->key);

	return r != 0 ? r : (x->link > y->link) - (x->link < y->link);
}

/** What is bad comes first, so that it is drawn where not everything is. */
static int by_rank(const void *a, const void *b, void *ctx)
{
	const struct shapes *shapes = ctx;
	const struct group *x = a;
	const struct group *y = b;
	const struct shape *shape_x = &shapes->shape[x->first];
	const struct shape *shape_y = &shapes->shape[y->first];

	if (shape_x->rank != shape_y->rank) {
		return shape_x->rank < shape_y->rank ? 1 : -1;
	}
	return (shape_x->link > shape_y->link) - (shape_x->link < shape_y->link);
}

static int make_groups(struct shapes *shapes)
{
	qsort(shapes->shape, shapes->n, sizeof(*shapes->shape), by_key);
	for (uint32_t i = 0; i < shapes->n; i++) {
		if (i > 0 && text_eq(shapes->shape[i].key, shapes->shape[i - 1].key)) {
			shapes->group[shapes->n_groups - 1].n++;
			continue;
		}
		if (add_group(shapes, i) < 0) {
			return -ENOMEM;
		}
	}
	if (shapes->n_groups > 0) {
		qsort_r(shapes->group, shapes->n_groups, sizeof(*shapes->group), by_rank, shapes);
	}
	return 0;
}

static void flag_links(struct shapes *shapes, const struct report *rep)
{
	for (uint32_t i = 0; i < rep->findings->n; i++) {
		const struct finding *row = &rep->findings->rows[i];

		for (uint32_t k = 0; row->state == FINDING_OPEN && k < row->n_places; k++) {
			struct spot spot = spot_of(rep->snap, &row->places[k]);

			if (spot.link != NULL) {
				shapes->flagged[spot.link - rep->snap->links] = true;
			}
		}
	}
}

int shapes_init(struct shapes *shapes, const struct report *rep)
{
	const struct snapshot *snap = rep->snap;
	struct arena scratch = {0};
	int r = 0;

	*shapes = (struct shapes){0};
	arena_init(&shapes->arena, SHAPES_ARENA_BYTES);
	if (snap->n_links == 0) {
		return 0;
	}
	shapes->flagged = arena_alloc(&shapes->arena, snap->n_links * sizeof(*shapes->flagged));
	if (shapes->flagged == NULL) {
		return -ENOMEM;
	}
	flag_links(shapes, rep);
	arena_init(&scratch, SHAPES_ARENA_BYTES);
	for (uint32_t i = 0; i < snap->n_links && r == 0; i++) {
		struct arena_mark mark = arena_mark(&scratch);

		r = add_link(shapes, rep, i, &scratch);
		arena_rewind(&scratch, mark);
	}
	arena_done(&scratch);
	return r < 0 || shapes->n == 0 ? r : make_groups(shapes);
}

void shapes_done(struct shapes *shapes)
{
	void *shape = shapes->shape;
	void *group = shapes->group;

	arena_release(&shapes->arena, &shape, &shapes->cap, sizeof(*shapes->shape));
	arena_release(&shapes->arena, &group, &shapes->cap_groups, sizeof(*shapes->group));
	arena_done(&shapes->arena);
	shapes->shape = NULL;
	shapes->group = NULL;
}
