/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/advice_text.h"

#include "model/text.h"
#include "reports/lines.h"
#include "reports/place_text.h"
#include "reports/snippets.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/** Causes spelled out; more are counted. With -v all are. */
#define MAX_BLOCKERS 5u

/** Excluded values listed. */
#define MAX_EXCLUDED 16u

#define INDENT  2u
#define SNIPPET 6u

/** Longer lines to paste are broken; no setting has one. */
#define PASTE_LINE_BYTES 512u

static void write_headline(const struct findings *f, struct out *o)
{
	const struct recommendation *advice = &f->advice;

	lines_indent(o, INDENT);
	out_style(o, OUT_BOLD);
	switch (advice->action) {
	case ACTION_NONE:
		out_fmt(o, "Nothing: keep classifier_priority at %" PRIu32 ".", f->agent_priority);
		break;
	case ACTION_SET_PRIORITY:
		out_fmt(o, "Set the Agent's classifier_priority to %" PRIu32 ".", advice->priority);
		break;
	case ACTION_FIX_VENDOR:
		out_str(o, "Change the other software: no classifier_priority gives full sight.");
		break;
	case ACTION_UPGRADE_AGENT:
		out_str(o, "Upgrade the Agent to " SNIPPET_UPGRADE_TO
		           " or later; until then, switch its network detections off.");
		break;
	case ACTION_DISABLE_NETWORK:
		out_str(o, "Last resort: switch the Agent's network detections off.");
		break;
	case ACTION_INVESTIGATE:
		out_str(o,
		        "First find out what the software in the way returns: nothing is proven.");
		break;
	}
	out_style(o, OUT_PLAIN);
	out_str(o, "\n");
}

/** A value that helps although it does not solve everything. */
static void write_second_best(const struct recommendation *advice, struct out *o)
{
	bool off =
		advice->action == ACTION_UPGRADE_AGENT || advice->action == ACTION_DISABLE_NETWORK;

	if (advice->action == ACTION_SET_PRIORITY || advice->priority == 0) {
		return;
	}
	if (off) {
		lines_indent(o, INDENT);
		out_fmt(o, "After that the best classifier_priority is %" PRIu32 ".\n",
		        advice->priority);
		return;
	}
	lines_indent(o, INDENT);
	out_fmt(o,
	        "Until then the best classifier_priority is %" PRIu32 ": full sight on %" PRIu32
	        " of ",
	        advice->priority, advice->seen_after);
	lines_count(o, advice->hooks_total, "hook", NULL);
	out_fmt(o, ", now %" PRIu32 ".\n", advice->seen_now);
}

static void write_feasible(const struct recommendation *advice, struct out *o)
{
	if (!advice->feasible || advice->priority == 0) {
		return;
	}
	lines_indent(o, INDENT);
	if (advice->feasible_min == advice->feasible_max) {
		out_fmt(o, "It is the only value that serves every hook.\n");
		return;
	}
	out_fmt(o, "Every hook is served by %" PRIu32 " to %" PRIu32, advice->feasible_min,
	        advice->feasible_max);
	for (uint32_t i = 0; i < advice->n_excluded && i < MAX_EXCLUDED; i++) {
		out_fmt(o, "%s%" PRIu32, i == 0 ? ", but not by " : ", ", advice->excluded[i]);
	}
	if (advice->n_excluded > MAX_EXCLUDED) {
		out_fmt(o, " and %" PRIu32 " more", advice->n_excluded - MAX_EXCLUDED);
	}
	out_str(o, ".\n");
}

/** One blocker with the snapshot its place is in. */
struct blocker_line {
	const struct snapshot *snap;
	const struct blocker *blocker;
};

static void make_blocker(const void *ctx, struct out *o)
{
	const struct blocker_line *line = ctx;
	const struct blocker *blocker = line->blocker;

	if (blocker->vendor != NULL) {
		out_term(o, blocker->vendor);
		out_str(o, ", ");
	}
	if (blocker->pref != 0) {
		out_fmt(o, "priority %" PRIu32 ", ", blocker->pref);
	}
	lines_count(o, blocker->count, "hook", NULL);
	out_str(o, blocker->count > 1 ? ", for example " : ", ");
	place_write(line->snap, &blocker->place, o);
}

/** Does the recommendation's reason quote it already? */
static bool is_told(const struct recommendation *advice, const struct blocker *blocker)
{
	return advice->reason != NULL && blocker->why != NULL &&
	       strstr(advice->reason, blocker->why) != NULL;
}

/** @param why print the reason; of blockers in a row with the same one the first does. */
static void write_blocker(const struct report *rep, const struct blocker *blocker, bool why,
                          struct out *o)
{
	struct blocker_line line = {.snap = rep->snap, .blocker = blocker};

	lines_indent(o, INDENT + 2);
	out_style(o, blocker->proven ? OUT_RED : OUT_YELLOW);
	out_str(o, blocker->proven ? "proven   " : "caution  ");
	out_style(o, OUT_PLAIN);
	lines_wrap_made(o, INDENT + 11, lines_width(rep), make_blocker, &line);
	if (why && blocker->why != NULL) {
		lines_indent(o, INDENT + 11);
		lines_wrap(o, INDENT + 11, lines_width(rep), blocker->why);
	}
}

static void write_blockers(const struct report *rep, struct out *o)
{
	const struct recommendation *advice = &rep->findings->advice;
	uint32_t n = advice->n_blocked_by;

	/* A single cause stands in the reason, and its place in the finding below. */
	if (n == 0 || (n == 1 && !rep->verbose && is_told(advice, &advice->blocked_by[0]))) {
		return;
	}
	lines_indent(o, INDENT);
	out_str(o, "In the way:\n");
	if (!rep->verbose && n > MAX_BLOCKERS) {
		n = MAX_BLOCKERS;
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct blocker *blocker = &advice->blocked_by[i];
		bool first = i == 0 || !text_eq(blocker->why, advice->blocked_by[i - 1].why);

		write_blocker(rep, blocker, first, o);
	}
	if (n < advice->n_blocked_by) {
		lines_indent(o, INDENT + 2);
		out_fmt(o, "and %" PRIu32 " more; -v lists them\n", advice->n_blocked_by - n);
	}
}

/** One snippet under its title, every line indented. */
static void write_snippet(const struct snippet_row *row, const struct snippet *what, struct out *o)
{
	struct out_mem mem = {0};
	struct out so;

	out_init(&so, out_mem_write, &mem);
	row->write(what, &so);
	if (out_flush(&so) < 0) {
		out_mem_done(&mem);
		o->error = o->error == 0 ? -ENOMEM : o->error;
		return;
	}
	out_str(o, "\n");
	lines_indent(o, INDENT);
	out_str(o, row->title);
	out_str(o, "\n");
	for (char *line = mem.bytes; line != NULL && *line != '\0';) {
		size_t len = strcspn(line, "\n");

		lines_indent(o, SNIPPET);
		out_style(o, line[0] == '#' ? OUT_DIM : OUT_CYAN);
		out_bytes(o, line, len);
		out_style(o, OUT_PLAIN);
		out_str(o, "\n");
		line += len + (line[len] != '\0');
	}
	out_mem_done(&mem);
}

/** Two by default: the others differ in syntax only, and can be had alone. */
static void write_snippets(const struct report *rep, struct out *o)
{
	struct snippet what = snippet_of(rep);

	if (what.goal == SNIPPET_NOTHING) {
		return;
	}
	for (size_t i = 0; i < N_SNIPPETS; i++) {
		if (rep->verbose || i == SNIPPET_YAML || i == SNIPPET_HELM) {
			write_snippet(&snippet_rows[i], &what, o);
		}
	}
	if (!rep->verbose) {
		out_str(o, "\n");
		lines_indent(o, INDENT);
		lines_wrap(o, INDENT, lines_width(rep),
		           "Operator and plain environment: `tcaudit -f operator`, `tcaudit -f "
		           "env`.");
	}
}

static void make_setting(const void *ctx, struct out *o)
{
	const struct vendor_advice *row = ctx;

	out_term(o, row->name != NULL ? row->name : row->vendor);
	out_str(o, ": ");
	if (row->setting != NULL) {
		out_term(o, row->setting);
		out_str(o, ". ");
	}
	if (row->how != NULL) {
		out_term(o, row->how);
	}
}

/** Text to paste, line by line: its line ends count, everything else comes from a file. */
static void write_paste(const char *text, struct out *o)
{
	char line[PASTE_LINE_BYTES];

	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, "\n");
		size_t kept = len < sizeof(line) ? len : sizeof(line) - 1;

		memcpy(line, text, kept);
		line[kept] = '\0';
		lines_indent(o, SNIPPET);
		out_style(o, OUT_CYAN);
		out_term(o, line);
		out_style(o, OUT_PLAIN);
		out_str(o, "\n");
		text += kept;
		text += *text == '\n' ? 1 : 0;
	}
}

static void write_setting(const struct report *rep, const struct vendor_advice *row, struct out *o)
{
	lines_indent(o, INDENT);
	lines_wrap_made(o, INDENT, lines_width(rep), make_setting, row);
	write_paste(row->paste, o);
}

/** What the software in the way offers. */
static void write_settings(const struct report *rep, struct out *o)
{
	const struct recommendation *advice = &rep->findings->advice;

	for (uint32_t i = 0; i < advice->n_settings; i++) {
		write_setting(rep, &advice->settings[i], o);
	}
}

void advice_write(const struct report *rep, struct out *o)
{
	const struct recommendation *advice = &rep->findings->advice;

	lines_heading(o, "WHAT TO DO");
	write_headline(rep->findings, o);
	if (advice->reason != NULL) {
		lines_indent(o, INDENT);
		lines_wrap(o, INDENT, lines_width(rep), advice->reason);
	}
	if (advice->action != ACTION_NONE) {
		write_second_best(advice, o);
		write_feasible(advice, o);
		write_blockers(rep, o);
		write_settings(rep, o);
	}
	write_snippets(rep, o);
}
