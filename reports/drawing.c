/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/drawing.h"

#include "model/text.h"
#include "reports/entry_text.h"
#include "reports/lines.h"
#include "reports/shapes.h"
#include "reports/spot.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/** What is drawn without -v; the rest is counted. */
#define MAX_GROUPS   20u
#define MAX_WAY_ROWS 12u

/** Widest names in the drawing without -v, and on a narrow page; `scan` shows them whole. */
#define MAX_NAME        24u
#define MAX_NARROW_NAME 16u

#define LINK_INDENT 2u
#define ROW_INDENT  4u
#define GUTTER      2u /**< Between columns. */
#define WAY_COLUMNS 8u
#define POS_COLUMNS 4u

enum column {
	COLUMN_HOOK,
	COLUMN_SLOT,
	COLUMN_NAME,
	COLUMN_ID,
	COLUMN_EFFECT,
};
#define N_COLUMNS (COLUMN_EFFECT + 1)

/** One row in words. */
struct cells {
	const char *text[N_COLUMNS];
	const char *does;
	enum out_style style; /**< Of the effect. */
};

/** Ids of the programs that stand in one row of a group. */
struct id_range {
	uint32_t min, max;
};

struct drawing {
	const struct report *rep;
	const struct shapes *shapes;
	struct arena scratch;
	uint32_t width[N_COLUMNS];
	bool has_place; /**< The Agent's place is drawn somewhere without the Agent. */
	struct out *o;
};

static const struct snap_link *first_link(const struct drawing *d, const struct group *group)
{
	return &d->rep->snap->links[d->shapes->shape[group->first].link];
}

/** @p text cut to @p columns, with dots in place of the rest. */
static const char *shorten(struct arena *arena, const char *text, uint32_t columns)
{
	size_t used = 0;
	size_t len = 0;

	if (text == NULL || text_columns(text) <= columns) {
		return text;
	}
	while (text[len] != '\0') {
		char one[5] = "";
		uint32_t cp;
		size_t step = text_utf8_next(text + len, strlen(text + len), &cp);

		step = step == 0 ? 1 : step;
		memcpy(one, text + len, step);
		used += text_columns(one);
		if (used + 2 > columns) {
			break;
		}
		len += step;
	}
	return arena_printf(arena, "%.*s..", (int)len, text);
}

static const char *effect_text(enum effect effect, enum out_style *ret_style)
{
	switch (effect) {
	case EFFECT_NEVER:
		*ret_style = OUT_DIM;
		return "never runs";
	case EFFECT_ON:
		*ret_style = OUT_PLAIN;
		return "goes on";
	case EFFECT_MAY_END:
		*ret_style = OUT_YELLOW;
		return "may end";
	case EFFECT_ENDS:
		*ret_style = OUT_RED;
		return "ends";
	case EFFECT_DROPS:
		*ret_style = OUT_RED;
		return "drops";
	}
	return "";
}

static const char *outlook_text(struct arena *arena, const struct row *row,
                                enum out_style *ret_style)
{
	*ret_style = OUT_RED;
	switch (row->outlook) {
	case OUTLOOK_SEES:
		*ret_style = OUT_GREEN;
		return "sees every packet";
	case OUTLOOK_UNSURE:
		*ret_style = OUT_YELLOW;
		return arena_printf(arena, "maybe hidden by %" PRIu32, row->by);
	case OUTLOOK_HIDDEN:
		return arena_printf(arena, "not reached: hidden by %" PRIu32, row->by);
	case OUTLOOK_TAKEN:
		return arena_printf(arena, "cannot attach: %" PRIu32 " holds its priority",
		                    row->by);
	case OUTLOOK_SHARED:
		*ret_style = OUT_YELLOW;
		return arena_printf(arena, "shares its priority with %" PRIu32, row->by);
	case OUTLOOK_BLOCK:
		return arena_printf(arena, "cannot attach: shared block %" PRIu32,
		                    row->hook->block);
	case OUTLOOK_NO_WAY:
		return "cannot attach: ingress qdisc";
	}
	return "";
}

static const char *slot_text(struct drawing *d, const struct row *row)
{
	if (row->entry == NULL) {
		return arena_printf(&d->scratch, "pref %" PRIu32, d->rep->findings->agent_priority);
	}
	return entry_slot(&d->scratch, row->entry);
}

static const char *name_text(struct drawing *d, const struct row *row, const struct group *group)
{
	const char *name;

	if (row->agent) {
		return row->entry != NULL ? "the Agent" : "(the Agent)";
	}
	name = group->n > 1 ? shapes_name(&d->scratch, d->rep->snap, row, first_link(d, group))
	                    : entry_name(d->rep->snap, row->entry);
	name = entry_vendor_name(&d->scratch, d->rep, row->entry, name);
	if (d->rep->verbose) {
		return name;
	}
	return shorten(&d->scratch, name,
	               lines_width(d->rep) < LINES_DEFAULT_COLUMNS ? MAX_NARROW_NAME : MAX_NAME);
}

static const char *id_text(struct drawing *d, struct id_range ids)
{
	if (ids.max == 0) {
		return "";
	}
	if (ids.min == ids.max) {
		return arena_printf(&d->scratch, "id %" PRIu32, ids.min);
	}
	return arena_printf(&d->scratch, "id %" PRIu32 "..%" PRIu32, ids.min, ids.max);
}

/** The returns stand in a column of their own; the word would only repeat itself. */
static const char *does_text(struct drawing *d, const struct row *row)
{
	static const char prefix[] = "returns ";

	if (row->agent || row->entry == NULL) {
		return "";
	}

	const char *does = entry_does(&d->scratch, d->rep->snap, row->entry);

	return does != NULL && text_starts(does, prefix) ? does + sizeof(prefix) - 1 : does;
}

static int fill_cells(struct drawing *d, const struct row *row, const struct group *group,
                      struct id_range ids, struct cells *ret)
{
	struct cells cells = {
		.text =
			{
				[COLUMN_HOOK] = shapes_hook(&d->scratch, row),
				[COLUMN_SLOT] = slot_text(d, row),
				[COLUMN_NAME] = name_text(d, row, group),
				[COLUMN_ID] = id_text(d, ids),
			},
		.does = does_text(d, row),
	};

	cells.text[COLUMN_EFFECT] = row->agent ? outlook_text(&d->scratch, row, &cells.style)
	                                       : effect_text(row->effect, &cells.style);
	for (uint32_t i = 0; i < N_COLUMNS; i++) {
		if (cells.text[i] == NULL) {
			return -ENOMEM;
		}
	}
	if (cells.does == NULL) {
		return -ENOMEM;
	}
	*ret = cells;
	return 0;
}

static void widen(struct id_range *range, uint32_t id)
{
	if (id == 0) {
		return;
	}
	if (range->max == 0 || id < range->min) {
		range->min = id;
	}
	if (id > range->max) {
		range->max = id;
	}
}

/** Smallest and largest program id in each row over all links of the group. */
static int collect_ids(struct drawing *d, const struct group *group, struct id_range *ids,
                       uint32_t n)
{
	for (uint32_t m = 0; m < group->n; m++) {
		struct arena_mark mark = arena_mark(&d->scratch);
		uint32_t link = d->shapes->shape[group->first + m].link;
		struct rows rows;

		if (rows_of_link(d->rep, &d->rep->snap->links[link], &d->scratch, &rows) < 0) {
			return -ENOMEM;
		}
		for (uint32_t i = 0; i < n && i < rows.n; i++) {
			const struct snap_entry *entry = rows.row[i].entry;

			widen(&ids[i], entry != NULL ? entry->prog_id : 0);
		}
		arena_rewind(&d->scratch, mark);
	}
	return 0;
}

/**
 * The last cell: beside the others, @p gap behind them, where it fits; else on a line of its own
 * under them. @p column is where it would begin.
 */
static void write_last(struct drawing *d, uint32_t column, uint32_t gap, const char *text)
{
	uint32_t width = lines_width(d->rep);

	if (column + text_columns(text) > width) {
		column = ROW_INDENT + WAY_COLUMNS + POS_COLUMNS + d->width[COLUMN_HOOK];
		out_str(d->o, "\n");
		lines_indent(d->o, column);
	} else {
		lines_indent(d->o, gap);
	}
	lines_wrap(d->o, column, width, text);
}

/** The Agent's rows have no id, and end with what becomes of it. */
static void write_outlook(struct drawing *d, uint32_t column, uint32_t gap,
                          const struct cells *cells)
{
	out_style(d->o, cells->style);
	write_last(d, column, gap, cells->text[COLUMN_EFFECT]);
	out_style(d->o, OUT_PLAIN);
}

static void write_row(struct drawing *d, const struct row *row, const struct cells *cells,
                      bool first)
{
	struct out *o = d->o;
	uint32_t column = ROW_INDENT + WAY_COLUMNS + POS_COLUMNS;
	const char *way = row->way == WAY_RECEIVE ? "receive" : "send";
	uint32_t last = row->agent ? COLUMN_NAME : COLUMN_EFFECT;
	const char *text = cells->text[last];
	uint32_t used = (uint32_t)text_columns(text);
	uint32_t gap = used < d->width[last] ? d->width[last] - used : 0;

	lines_indent(o, ROW_INDENT);
	lines_pad(o, first ? way : "", WAY_COLUMNS);
	out_fmt(o, "%2" PRIu32 "  ", row->position);
	for (uint32_t i = 0; i < last; i++) {
		lines_pad(o, cells->text[i], d->width[i]);
		column += d->width[i];
	}
	lines_pad_styled(o, row->agent ? OUT_PLAIN : cells->style, text, 0);
	column += used + gap;
	if (row->agent) {
		write_outlook(d, column, gap, cells);
	} else if (*cells->does != '\0') {
		write_last(d, column, gap, cells->does);
	} else {
		out_str(o, "\n");
	}
}

static void measure_row(struct drawing *d, const struct row *row, const struct cells *cells)
{
	/* The Agent's rows have no id, and end with what becomes of it. */
	uint32_t n = row->agent ? COLUMN_ID : N_COLUMNS;

	d->has_place = d->has_place || row->entry == NULL;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t used = (uint32_t)text_columns(cells->text[i]);

		if (used > 0 && used + GUTTER > d->width[i]) {
			d->width[i] = used + GUTTER;
		}
	}
}

static void write_left_out(struct drawing *d, uint32_t n)
{
	if (n > 0) {
		lines_indent(d->o, ROW_INDENT + WAY_COLUMNS + POS_COLUMNS);
		out_str(d->o, "... ");
		lines_count(d->o, n, "more entry", "more entries");
		out_str(d->o, "\n");
	}
}

/** Go through the rows of a group that are drawn: to measure them, or to write them. */
static int each_row(struct drawing *d, const struct group *group, const struct rows *rows,
                    const struct id_range *ids, bool measure)
{
	uint32_t link = d->shapes->shape[group->first].link;
	uint32_t left_out = 0;

	for (uint32_t i = 0; i < rows->n; i++) {
		const struct row *row = &rows->row[i];
		struct cells cells;

		if (!shapes_draws(d->shapes, d->rep, link, rows, row->way)) {
			continue;
		}
		if (row->position == 1 && !measure) {
			write_left_out(d, left_out);
			left_out = 0;
		}
		if (!d->rep->verbose && !row->agent && row->position > MAX_WAY_ROWS) {
			left_out++;
			continue;
		}
		if (fill_cells(d, row, group, ids[i], &cells) < 0) {
			return -ENOMEM;
		}
		if (measure) {
			measure_row(d, row, &cells);
			continue;
		}
		write_left_out(d, left_out);
		left_out = 0;
		write_row(d, row, &cells, row->position == 1);
	}
	if (!measure) {
		write_left_out(d, left_out);
	}
	return 0;
}

/** Bytes that the names of all links of the group begin with, whole characters only. */
static size_t common_prefix(const struct drawing *d, const struct group *group)
{
	const char *first = first_link(d, group)->name;
	size_t len = strlen(first);

	for (uint32_t m = 1; m < group->n; m++) {
		uint32_t link = d->shapes->shape[group->first + m].link;
		const char *name = d->rep->snap->links[link].name;
		size_t same = 0;

		while (same < len && name[same] == first[same]) {
			same++;
		}
		len = same;
	}
	while (len > 0 && first[len] != '\0' && ((unsigned char)first[len] & 0xC0) == 0x80) {
		len--;
	}
	return len;
}

/** Number of different namespaces; members are in order of namespaces. */
static uint32_t count_netns(const struct drawing *d, const struct group *group)
{
	uint32_t n = 0;
	uint32_t last = SNAP_NONE;

	for (uint32_t m = 0; m < group->n; m++) {
		uint32_t link = d->shapes->shape[group->first + m].link;
		uint32_t netns = d->rep->snap->links[link].netns;

		n += netns != last;
		last = netns;
	}
	return n;
}

static int write_group_title(struct drawing *d, const struct group *group)
{
	const struct snap_link *link = first_link(d, group);
	char label[SPOT_LABEL_BYTES];
	size_t prefix = common_prefix(d, group);
	bool equal = prefix == strlen(link->name);
	uint32_t n_netns = count_netns(d, group);
	const char *name = link->name;

	if (!equal) {
		name = arena_printf(&d->scratch, "%.*s*", (int)prefix, link->name);
	}
	if (name == NULL) {
		return -ENOMEM;
	}
	lines_indent(d->o, LINK_INDENT);
	lines_pad_styled(d->o, OUT_BOLD, name, 0);
	if (group->n > 1) {
		out_fmt(d->o, " x %" PRIu32, group->n);
	}
	out_str(d->o, " in ");
	if (n_netns == 1) {
		out_term(d->o,
		         snap_netns_label(&d->rep->snap->netns[link->netns], label, sizeof(label)));
	} else {
		lines_count(d->o, n_netns, "namespace", NULL);
	}
	out_str(d->o, "\n");
	return 0;
}

static int draw_group(struct drawing *d, const struct group *group, bool measure)
{
	struct arena_mark mark = arena_mark(&d->scratch);
	struct rows rows;
	struct id_range *ids;
	int r = rows_of_link(d->rep, first_link(d, group), &d->scratch, &rows);

	if (r < 0) {
		return r;
	}
	ids = arena_alloc(&d->scratch, (size_t)rows.n * sizeof(*ids));
	if (ids == NULL) {
		return -ENOMEM;
	}
	r = collect_ids(d, group, ids, rows.n);
	if (r == 0 && !measure) {
		r = write_group_title(d, group);
	}
	if (r == 0) {
		r = each_row(d, group, &rows, ids, measure);
	}
	arena_rewind(&d->scratch, mark);
	return r;
}

static int draw_groups(struct drawing *d)
{
	const struct shapes *shapes = d->shapes;
	uint32_t n = shapes->n_groups;
	uint32_t links = 0;
	int r = 0;

	if (!d->rep->verbose && n > MAX_GROUPS) {
		n = MAX_GROUPS;
	}
	for (uint32_t i = 0; i < n && r == 0; i++) {
		r = draw_group(d, &shapes->group[i], true);
	}
	if (r == 0) {
		lines_heading(
			d->o,
			d->has_place
				? "HOOKS in order of execution; (the Agent): where it would attach"
				: "HOOKS in order of execution");
	}
	for (uint32_t i = 0; i < n && r == 0; i++) {
		r = draw_group(d, &shapes->group[i], false);
	}
	for (uint32_t i = n; i < shapes->n_groups; i++) {
		links += shapes->group[i].n;
	}
	if (links > 0 && r == 0) {
		lines_indent(d->o, LINK_INDENT);
		out_str(d->o, "and ");
		lines_count(d->o, links, "more link", NULL);
		out_str(d->o, " on which other things run; -v draws them\n");
	}
	return r;
}

void drawing_write(const struct report *rep, struct out *o)
{
	struct shapes shapes;
	struct drawing d = {.rep = rep, .shapes = &shapes, .o = o};
	int r = shapes_init(&shapes, rep);

	arena_init(&d.scratch, SHAPES_ARENA_BYTES);
	if (r == 0 && shapes.n_groups > 0) {
		r = draw_groups(&d);
	}
	if (r < 0 && o->error == 0) {
		o->error = r;
	}
	arena_done(&d.scratch);
	shapes_done(&shapes);
}
