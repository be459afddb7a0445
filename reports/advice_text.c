/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/advice_text.h"

#include "reports/lines.h"
#include "reports/place_text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/** Causes spelled out; more are counted. With -v all are. */
#define MAX_BLOCKERS 5u

/** Excluded values listed. */
#define MAX_EXCLUDED 16u

#define INDENT  2u
#define SNIPPET 6u

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
		out_str(o, "Upgrade the Agent.");
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
	if (advice->action == ACTION_SET_PRIORITY || advice->priority == 0) {
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

static void write_blocker(const struct report *rep, const struct blocker *blocker, struct out *o)
{
	struct blocker_line line = {.snap = rep->snap, .blocker = blocker};

	lines_indent(o, INDENT + 2);
	out_style(o, blocker->proven ? OUT_RED : OUT_YELLOW);
	out_str(o, blocker->proven ? "proven   " : "caution  ");
	out_style(o, OUT_PLAIN);
	lines_wrap_made(o, INDENT + 11, lines_width(rep), make_blocker, &line);
	if (blocker->why != NULL) {
		lines_indent(o, INDENT + 11);
		lines_wrap(o, INDENT + 11, lines_width(rep), blocker->why);
	}
}

static void write_blockers(const struct report *rep, struct out *o)
{
	const struct recommendation *advice = &rep->findings->advice;
	uint32_t n = advice->n_blocked_by;

	if (n == 0) {
		return;
	}
	lines_indent(o, INDENT);
	out_str(o, "In the way:\n");
	if (!rep->verbose && n > MAX_BLOCKERS) {
		n = MAX_BLOCKERS;
	}
	for (uint32_t i = 0; i < n; i++) {
		write_blocker(rep, &advice->blocked_by[i], o);
	}
	if (n < advice->n_blocked_by) {
		lines_indent(o, INDENT + 2);
		out_fmt(o, "and %" PRIu32 " more; -v lists them\n", advice->n_blocked_by - n);
	}
}

typedef void snippet_fn(uint32_t priority, const char *agent_version, struct out *o);

/** One snippet under its title, every line indented. */
static void write_snippet(const struct findings *f, const char *title, snippet_fn *snippet,
                          struct out *o)
{
	struct out_mem mem = {0};
	struct out so;

	out_init(&so, out_mem_write, &mem);
	snippet(f->advice.priority, f->agent_version, &so);
	if (out_flush(&so) < 0) {
		out_mem_done(&mem);
		o->error = o->error == 0 ? -ENOMEM : o->error;
		return;
	}
	out_str(o, "\n");
	lines_indent(o, INDENT);
	out_str(o, title);
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

static void write_snippets(const struct report *rep, struct out *o)
{
	const struct findings *f = rep->findings;

	if (f->advice.priority == 0) {
		return;
	}
	write_snippet(f, "system-probe.yaml, on a host:", snippet_system_probe_yaml, o);
	write_snippet(f, "Helm, values.yaml:", snippet_helm_values, o);
	if (rep->verbose) {
		write_snippet(f, "Operator:", snippet_operator, o);
		write_snippet(f, "Environment:", snippet_environment, o);
		return;
	}
	out_str(o, "\n");
	lines_indent(o, INDENT);
	lines_wrap(o, INDENT, lines_width(rep),
	           "Operator: the same variable, in spec.override.nodeAgent.containers."
	           "system-probe.env (-v)");
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
	}
	write_snippets(rep, o);
}
