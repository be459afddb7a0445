/* SPDX-License-Identifier: Apache-2.0 */
#include "model/text.h"
#include "model/version.h"
#include "reports/advice_text.h"
#include "reports/checklist_text.h"
#include "reports/drawing.h"
#include "reports/lines.h"
#include "reports/place_text.h"
#include "reports/report.h"
#include "reports/spot.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/** Places listed under a finding; more are counted. With -v all that were kept. */
#define MAX_PLACES 3u
/** Findings of one code that are only good to know. */
#define MAX_INFOS 3u

#define INDENT 2u
/** Column of a finding's text, after its code. */
#define TEXT 9u
/** Column of labelled lines under it. */
#define LABELLED (TEXT + 5u)

static enum out_style verdict_style(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASS:
		return OUT_GREEN;
	case VERDICT_WARN:
	case VERDICT_INCOMPLETE:
		return OUT_YELLOW;
	case VERDICT_FAIL:
		return OUT_RED;
	}
	return OUT_PLAIN;
}

static const char *verdict_title(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASS:
		return "PASS";
	case VERDICT_WARN:
		return "WARN";
	case VERDICT_FAIL:
		return "FAIL";
	case VERDICT_INCOMPLETE:
		return "INCOMPLETE";
	}
	return "";
}

/** Append one count to a list such as "2 problems, 1 caution". */
static bool add_count(struct out *o, bool first, uint32_t n, const char *one)
{
	if (n == 0) {
		return first;
	}
	out_str(o, first ? "" : ", ");
	lines_count(o, n, one, NULL);
	return false;
}

static void write_sight(const struct findings *f, struct out *o)
{
	const struct recommendation *advice = &f->advice;
	uint32_t blind = advice->hooks_total - advice->seen_now;

	out_fmt(o, ": the Agent at priority %" PRIu32, f->agent_priority);
	if (advice->hooks_total == 0) {
		out_str(o, " has no interface to attach to");
	} else if (blind == 0) {
		out_fmt(o, " sees all %" PRIu32 " hooks", advice->hooks_total);
	} else {
		out_fmt(o, " does not fully see %" PRIu32 " of ", blind);
		lines_count(o, advice->hooks_total, "hook", NULL);
	}
}

/** What was counted, on which node, and what the Agent has of it. */
static void make_verdict(const void *ctx, struct out *o)
{
	const struct report *rep = ctx;
	const struct findings *f = rep->findings;
	uint32_t suppressed = suppressed_count(f);
	bool first = true;

	first = add_count(o, first, f->n_fail, "problem");
	first = add_count(o, first, f->n_warn, "caution");
	first = add_count(o, first, rep->snap->n_gaps, "gap");
	if (first) {
		out_str(o, suppressed == 0 ? "nothing in the way" : "nothing open");
	}
	if (suppressed > 0) {
		out_fmt(o, ", %" PRIu32 " suppressed", suppressed);
	}
	out_str(o, " on ");
	out_term(o, rep->snap->hostname != NULL ? rep->snap->hostname : "this node");
	write_sight(f, o);
}

/** The one line that says it all. */
static void write_verdict(const struct report *rep, struct out *o)
{
	const char *title = verdict_title(rep->verdict);

	out_style(o, OUT_BOLD);
	out_style(o, verdict_style(rep->verdict));
	out_str(o, title);
	out_style(o, OUT_PLAIN);
	out_str(o, "  ");
	lines_wrap_made(o, (uint32_t)strlen(title) + 2, lines_width(rep), make_verdict, rep);
}

/** What the verdict is about: node, time, Agent. */
static void make_subject(const void *ctx, struct out *o)
{
	const struct report *rep = ctx;
	const struct findings *f = rep->findings;
	const struct snapshot *snap = rep->snap;

	node_write(snap, o);
	out_str(o, "; Agent ");
	out_term(o, f->agent_version != NULL ? f->agent_version : "version unknown");
	out_fmt(o, ", priority %" PRIu32 " (%s)", f->agent_priority,
	        priority_source_word(f->agent_source));
}

static void write_subject(const struct report *rep, struct out *o)
{
	lines_indent(o, INDENT);
	out_style(o, OUT_DIM);
	lines_wrap_made(o, INDENT, lines_width(rep), make_subject, rep);
	out_style(o, OUT_PLAIN);
}

/** Does the message name the only place already? */
static bool names_place(const struct report *rep, const struct finding *row)
{
	struct spot spot;

	if (row->count > 1 || row->n_places == 0) {
		return row->n_places == 0;
	}
	spot = spot_of(rep->snap, &row->places[0]);
	return spot.link != NULL && spot.link->name != NULL && row->message != NULL &&
	       strstr(row->message, spot.link->name) != NULL;
}

static void write_places(const struct report *rep, const struct finding *row, struct out *o)
{
	uint32_t n = row->n_places < FINDING_MAX_PLACES ? row->n_places : FINDING_MAX_PLACES;

	if (!rep->verbose && n > MAX_PLACES) {
		n = MAX_PLACES;
	}
	if (!rep->verbose && names_place(rep, row)) {
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		lines_indent(o, TEXT);
		out_str(o, i == 0 ? "at   " : "     ");
		place_write(rep->snap, &row->places[i], o);
		out_str(o, "\n");
	}
	if (n > 0 && row->count > n) {
		lines_indent(o, LABELLED);
		out_fmt(o, "and %" PRIu32 " more\n", row->count - n);
	}
}

/** Label, then a paragraph beside it. */
static void write_labelled(const struct report *rep, const char *label, const char *text,
                           struct out *o)
{
	if (text != NULL && *text != '\0') {
		lines_indent(o, TEXT);
		lines_pad(o, label, LABELLED - TEXT);
		lines_wrap(o, LABELLED, lines_width(rep), text);
	}
}

static void write_details(const struct report *rep, const struct finding *row, struct out *o)
{
	for (uint32_t i = 0; i < row->n_evidence; i++) {
		lines_indent(o, TEXT);
		out_str(o, i == 0 ? "seen " : "     ");
		out_term(o, row->evidence[i].key);
		out_str(o, ": ");
		out_term(o, row->evidence[i].value);
		out_str(o, "\n");
	}
	for (const char *const *link = row->links; link != NULL && *link != NULL; link++) {
		write_labelled(rep, link == row->links ? "see" : "", *link, o);
	}
}

/** @param fix print the remedy; findings with the same one share it. */
static void write_finding(const struct report *rep, const struct finding *row, bool fix,
                          struct out *o)
{
	lines_indent(o, INDENT);
	out_style(o, OUT_BOLD);
	out_term(o, row->code);
	out_style(o, OUT_PLAIN);
	out_str(o, "  ");
	lines_wrap(o, TEXT, lines_width(rep), row->message);
	if (row->severity == SEV_INFO && !rep->verbose) {
		if (row->count > 1) {
			lines_indent(o, TEXT);
			out_fmt(o, "and %" PRIu32 " more\n", row->count - 1);
		}
		return;
	}
	write_places(rep, row, o);
	if (rep->verbose) {
		write_details(rep, row, o);
	}
	if (fix) {
		write_labelled(rep, "fix", row->remedy, o);
	}
}

/** Next open finding of the same severity after row @p i, or NULL; rows are sorted by both. */
static const struct finding *next_alike(const struct findings *f, uint32_t i)
{
	const struct finding *next = i + 1 < f->n ? &f->rows[i + 1] : NULL;

	if (next == NULL || next->state != FINDING_OPEN || next->severity != f->rows[i].severity) {
		return NULL;
	}
	return next;
}

static bool same_code(const struct finding *a, const struct finding *b)
{
	return a->state == b->state && a->severity == b->severity && text_eq(a->code, b->code);
}

/** @return how many rows from @p i on are left to -v: what is only good to know must not drown the
 * rest. */
static uint32_t count_unshown(const struct report *rep, uint32_t i)
{
	const struct findings *f = rep->findings;
	const struct finding *row = &f->rows[i];
	uint32_t n = 0;

	if (rep->verbose || row->severity != SEV_INFO || i < MAX_INFOS ||
	    !same_code(&f->rows[i - MAX_INFOS], row)) {
		return 0;
	}
	while (i + n < f->n && same_code(&f->rows[i + n], row)) {
		n++;
	}
	return n;
}

static void write_unshown(const char *code, uint32_t n, struct out *o)
{
	lines_indent(o, INDENT);
	out_style(o, OUT_BOLD);
	out_term(o, code);
	out_style(o, OUT_PLAIN);
	out_fmt(o, "  %" PRIu32 " more; -v lists them\n", n);
}

static void write_severity(const struct report *rep, enum severity severity, struct out *o)
{
	static const char *const titles[] = {
		[SEV_FAIL] = "PROBLEMS",
		[SEV_WARN] = "CAUTION",
		[SEV_INFO] = "GOOD TO KNOW",
	};
	bool first = true;

	for (uint32_t i = 0; i < rep->findings->n; i++) {
		const struct finding *row = &rep->findings->rows[i];

		if (row->state != FINDING_OPEN || row->severity != severity) {
			continue;
		}
		if (first) {
			out_str(o, "\n");
			out_style(o, OUT_BOLD);
			out_str(o, "WHY: ");
			out_str(o, titles[severity]);
			out_style(o, OUT_PLAIN);
			out_str(o, "\n");
			first = false;
		}

		const struct finding *next = next_alike(rep->findings, i);
		uint32_t unshown = count_unshown(rep, i);

		if (unshown > 1) {
			write_unshown(row->code, unshown, o);
			i += unshown - 1;
			continue;
		}
		write_finding(rep, row, next == NULL || !text_eq(next->remedy, row->remedy), o);
	}
}

/** Smallest code of a rule that could not look everywhere, after @p last (NULL: the first). */
static const char *next_unjudged(const struct findings *f, const char *last)
{
	const char *best = NULL;

	for (uint32_t i = 0; i < f->n; i++) {
		const struct finding *row = &f->rows[i];

		if (row->state == FINDING_NOT_EVALUATED && text_cmp(row->code, last) > 0 &&
		    (best == NULL || text_cmp(row->code, best) < 0)) {
			best = row->code;
		}
	}
	return best;
}

/** "TC101", with a code of the same group: 101. */
static unsigned long number_of(const char *code)
{
	return strtoul(code + strcspn(code, "0123456789"), NULL, 10);
}

/** "TC101 to TC107, TC201, TC202". */
static void write_unjudged_codes(const struct findings *f, struct out *o)
{
	const char *first = next_unjudged(f, NULL);

	for (const char *separator = " "; first != NULL; separator = ", ") {
		const char *last = first;
		const char *next = next_unjudged(f, last);

		while (next != NULL && number_of(next) == number_of(last) + 1) {
			last = next;
			next = next_unjudged(f, last);
		}
		out_str(o, separator);
		out_term(o, first);
		if (last != first) {
			out_str(o, number_of(last) - number_of(first) > 1 ? " to " : ", ");
			out_term(o, last);
		}
		first = next;
	}
}

static void make_unjudged(const void *ctx, struct out *o)
{
	const struct report *rep = ctx;
	uint32_t missing = FACETS_ALL & ~rep->snap->facets;
	const char *separator = "; not all could be read of: ";

	out_str(o, "not evaluated everywhere:");
	write_unjudged_codes(rep->findings, o);
	for (uint32_t facet = 1; facet <= missing; facet <<= 1) {
		if ((missing & facet) != 0) {
			out_str(o, separator);
			out_str(o, facet_words((enum snap_facet)facet));
			separator = ", ";
		}
	}
}

/** Codes of the rules that could not look everywhere, each once, in one short paragraph. */
static void write_unjudged(const struct report *rep, struct out *o)
{
	if (next_unjudged(rep->findings, NULL) != NULL) {
		lines_indent(o, INDENT);
		lines_wrap_made(o, INDENT, lines_width(rep), make_unjudged, rep);
	}
}

/** Does a hook hold anything, or keep the Agent out? */
static bool is_occupied(const struct snap_hook *hook)
{
	return hook->n_entries > 0 || hook->block != 0 || hook->type == HOOK_INGRESS;
}

/** A node with nothing on it and nothing to say needs no sections. */
static bool is_plain(const struct report *rep)
{
	const struct findings *f = rep->findings;

	for (uint32_t i = 0; i < rep->snap->n_hooks; i++) {
		if (is_occupied(&rep->snap->hooks[i])) {
			return false;
		}
	}
	return rep->snap->n_gaps == 0 && f->n_fail + f->n_warn + f->n_info == 0 &&
	       f->advice.action == ACTION_NONE && f->advice.priority == 0 && !rep->verbose;
}

static void write_coverage(const struct report *rep, struct out *o)
{
	lines_heading(o, "COVERAGE");
	coverage_write(rep, INDENT, o);
	write_unjudged(rep, o);
	suppressed_write(rep, INDENT, o);
}

void render_check_text(const struct report *rep, struct out *o)
{
	const struct findings *f = rep->findings;

	write_verdict(rep, o);
	write_subject(rep, o);
	if (is_plain(rep)) {
		coverage_write(rep, INDENT, o);
		suppressed_write(rep, INDENT, o);
		expired_write(rep, INDENT, o);
		return;
	}
	advice_write(rep, o);
	write_severity(rep, SEV_FAIL, o);
	write_severity(rep, SEV_WARN, o);
	write_severity(rep, SEV_INFO, o);
	drawing_write(rep, o);
	checklist_write(rep, o);
	write_coverage(rep, o);
	expired_write(rep, INDENT, o);
	if (f->n > 0) {
		out_str(o, "\n");
		out_fmt(o, "`%s explain %s` says more about a code.\n", TCAUDIT_NAME,
		        f->rows[0].code);
	}
}
