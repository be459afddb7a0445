/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/place_text.h"

#include "model/text.h"
#include "reports/entry_text.h"
#include "reports/lines.h"
#include "reports/spot.h"

#include <inttypes.h>

/** Gaps that are spelled out; more are counted. With -v all are. */
#define MAX_GAPS 10u

/** Arena for one slot in words. */
#define SLOT_ARENA_BYTES ((size_t)64 << 10)

static void write_slot(const struct snap_entry *entry, struct out *o)
{
	struct arena arena = {0};
	const char *slot;

	arena_init(&arena, SLOT_ARENA_BYTES);
	slot = entry_slot(&arena, entry);
	out_str(o, " ");
	out_term(o, slot);
	arena_done(&arena);
}

void place_write(const struct snapshot *snap, const struct place *at, struct out *o)
{
	struct spot spot = spot_of(snap, at);
	char word[SPOT_WORD_BYTES];
	char label[SPOT_LABEL_BYTES];

	if (spot.link != NULL) {
		out_term(o, spot.link->name);
	}
	if (spot.hook != NULL) {
		out_fmt(o, " %s", snap_hook_word(spot.hook, word, sizeof(word)));
	}
	if (spot.entry != NULL && spot.entry->is_filter) {
		write_slot(spot.entry, o);
	}
	if (spot.prog_id != 0) {
		out_fmt(o, "%sid %" PRIu32, spot.link != NULL ? " " : "program ", spot.prog_id);
	}
	if (spot.netns != NULL) {
		out_str(o, spot.link != NULL || spot.prog_id != 0 ? " in " : "");
		out_term(o, snap_netns_label(spot.netns, label, sizeof(label)));
	} else if (spot.link == NULL && spot.prog_id == 0) {
		out_str(o, "-");
	}
}

void coverage_counts(const struct snapshot *snap, struct out *o)
{
	if (snap->namespaces_found > snap->namespaces_read) {
		out_fmt(o, "%" PRIu32 " of ", snap->namespaces_read);
		lines_count(o, snap->namespaces_found, "namespace", NULL);
	} else {
		lines_count(o, snap->namespaces_read, "namespace", NULL);
	}
	out_str(o, ", ");
	lines_count(o, snap->links_read, "link", NULL);
}

/** Gaps with the same hint follow each other: they are sorted by kind. */
static void write_gaps(const struct report *rep, uint32_t indent, struct out *o)
{
	const struct snapshot *snap = rep->snap;
	uint32_t n = snap->n_gaps;

	if (!rep->verbose && n > MAX_GAPS) {
		n = MAX_GAPS;
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct snap_gap *gap = &snap->gaps[i];
		bool last = i + 1 == n || !text_eq(gap->hint, snap->gaps[i + 1].hint);

		lines_indent(o, indent);
		out_style(o, OUT_YELLOW);
		out_str(o, "gap ");
		out_style(o, OUT_PLAIN);
		out_term(o, gap->word);
		if (gap->where != NULL) {
			out_str(o, ": ");
			out_term(o, gap->where);
		}
		if (gap->error != NULL) {
			out_str(o, ": ");
			out_term(o, gap->error);
		}
		out_str(o, "\n");
		if (last && gap->hint != NULL) {
			lines_indent(o, indent + 4);
			lines_wrap(o, indent + 4, lines_width(rep), gap->hint);
		}
	}
	if (n < snap->n_gaps) {
		lines_indent(o, indent);
		out_fmt(o, "and %" PRIu32 " more; -v lists them\n", snap->n_gaps - n);
	}
}

void node_write(const struct snapshot *snap, struct out *o)
{
	out_str(o, "Linux ");
	out_term(o, snap->kernel != NULL ? snap->kernel : "of unknown version");
	if (snap->arch != NULL) {
		out_str(o, " ");
		out_term(o, snap->arch);
	}
	if (snap->taken_at != NULL) {
		out_str(o, ", ");
		out_term(o, snap->taken_at);
	}
}

void prog_facts_write(const struct snap_prog *prog, struct out *o)
{
	out_term(o, prog->type != NULL ? prog->type : "type unknown");
	if (prog->tag != NULL) {
		out_str(o, ", tag ");
		out_term(o, prog->tag);
	}
	if (prog->loaded_at != NULL) {
		out_str(o, ", loaded ");
		out_term(o, prog->loaded_at);
	}
}

void coverage_write(const struct report *rep, uint32_t indent, struct out *o)
{
	lines_indent(o, indent);
	out_str(o, "read ");
	coverage_counts(rep->snap, o);
	if (rep->snap->n_gaps == 0) {
		out_str(o, rep->snap->namespaces_read < rep->snap->namespaces_found
		                   ? "; the others were not asked for\n"
		                   : "; nothing was left out\n");
		return;
	}
	out_str(o, "; ");
	lines_count(o, rep->snap->n_gaps, "thing", NULL);
	out_str(o, " could not be read\n");
	write_gaps(rep, indent, o);
}
