/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/checklist_text.h"

#include "model/text.h"
#include "reports/lines.h"

#include <inttypes.h>

#define INDENT 2u
/** Column of the questions, behind the longest status. */
#define TEXT 11u

/** As short as a column wants it; the words of the contract are in the JSON. */
static const char *status_cell(enum check_status status)
{
	return status == CHECK_NOT_APPLICABLE ? "n/a" : check_status_word(status);
}

static enum out_style status_style(enum check_status status)
{
	switch (status) {
	case CHECK_PASS:
		return OUT_GREEN;
	case CHECK_WARN:
	case CHECK_UNKNOWN:
		return OUT_YELLOW;
	case CHECK_FAIL:
		return OUT_RED;
	case CHECK_NOT_APPLICABLE:
		return OUT_DIM;
	}
	return OUT_PLAIN;
}

/** One item and the findings that it points to. */
struct item_line {
	const struct check_item *item;
	const struct findings *f;
};

/** Codes, each once: findings are sorted by severity first, so equal codes can lie apart. */
static void write_codes(const struct item_line *line, struct out *o)
{
	const struct check_item *item = line->item;
	const struct finding *rows = line->f->rows;
	const char *separator = " (";

	for (uint32_t i = 0; i < item->n_because; i++) {
		const char *code = rows[item->because[i]].code;
		bool again = false;

		for (uint32_t k = 0; k < i && !again; k++) {
			again = text_eq(rows[item->because[k]].code, code);
		}
		if (!again) {
			out_str(o, separator);
			out_term(o, code);
			separator = ", ";
		}
	}
	out_str(o, separator[0] == ',' ? ")" : "");
}

static void make_item(const void *ctx, struct out *o)
{
	const struct item_line *line = ctx;

	out_term(o, line->item->question != NULL ? line->item->question : line->item->item);
	out_str(o, " ");
	out_term(o, line->item->answer);
	write_codes(line, o);
}

void checklist_write(const struct report *rep, struct out *o)
{
	const struct findings *f = rep->findings;

	if (f->n_checklist == 0) {
		return;
	}
	lines_heading(o, "CHECKLIST");
	for (uint32_t i = 0; i < f->n_checklist; i++) {
		struct item_line line = {.item = &f->checklist[i], .f = f};

		lines_indent(o, INDENT);
		lines_pad_styled(o, status_style(line.item->status), status_cell(line.item->status),
		                 TEXT - INDENT);
		lines_wrap_made(o, TEXT, lines_width(rep), make_item, &line);
	}
}

uint32_t suppressed_count(const struct findings *f)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < f->n; i++) {
		n += f->rows[i].state == FINDING_SUPPRESSED ? 1 : 0;
	}
	return n;
}

/** Smallest code of a suppressed finding that comes after @p last (NULL: the first), or NULL. */
static const char *next_code(const struct findings *f, const char *last)
{
	const char *best = NULL;

	for (uint32_t i = 0; i < f->n; i++) {
		const struct finding *row = &f->rows[i];

		if (row->state == FINDING_SUPPRESSED && text_cmp(row->code, last) > 0 &&
		    (best == NULL || text_cmp(row->code, best) < 0)) {
			best = row->code;
		}
	}
	return best;
}

static void make_summary(const void *ctx, struct out *o)
{
	const struct report *rep = ctx;
	const char *separator = " ";

	lines_count(o, suppressed_count(rep->findings), "finding", NULL);
	out_str(o, " suppressed:");
	for (const char *code = next_code(rep->findings, NULL); code != NULL;
	     code = next_code(rep->findings, code)) {
		out_str(o, separator);
		out_term(o, code);
		separator = ", ";
	}
	out_str(o, rep->verbose ? "" : "; -v says why");
}

static void make_reason(const void *ctx, struct out *o)
{
	const struct finding *row = ctx;

	out_term(o, row->message);
	out_fmt(o, ", on %" PRIu32 " ", row->count);
	out_str(o, row->count == 1 ? "place. Suppressed: " : "places. Suppressed: ");
	out_term(o, row->suppressed);
}

void suppressed_write(const struct report *rep, uint32_t indent, struct out *o)
{
	const struct findings *f = rep->findings;

	if (suppressed_count(f) == 0) {
		return;
	}
	lines_indent(o, indent);
	lines_wrap_made(o, indent, lines_width(rep), make_summary, rep);
	for (uint32_t i = 0; i < f->n && rep->verbose; i++) {
		if (f->rows[i].state == FINDING_SUPPRESSED) {
			lines_indent(o, indent + 2);
			lines_pad(o, f->rows[i].code, TEXT - INDENT - 2);
			lines_wrap_made(o, indent + TEXT - INDENT, lines_width(rep), make_reason,
			                &f->rows[i]);
		}
	}
}

void expired_write(const struct report *rep, uint32_t indent, struct out *o)
{
	for (uint32_t i = 0; i < rep->findings->n_expired; i++) {
		lines_indent(o, indent);
		lines_wrap(o, indent, lines_width(rep), rep->findings->expired[i]);
	}
}
