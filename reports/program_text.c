/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/program_text.h"

#include "model/text.h"
#include "reports/lines.h"
#include "reports/place_text.h"

#include <inttypes.h>
#include <string.h>

#define INDENT 2u

/** Places that are spelled out; the rest is counted. */
#define MAX_PLACES 16u

/** Steps of a path that are shown: the first and the last ones. */
#define MAX_FIRST 24u
#define MAX_LAST  40u

/** Columns of an instruction's number and of what happens there. */
#define PC_COLUMNS   6
#define WHAT_COLUMNS 15u

/** Longest part of a source line that is shown. */
#define MAX_SOURCE 160

static const char *const step_texts[] = {
	[VERDICT_STEP_TAKEN] = "taken",
	[VERDICT_STEP_NOT_TAKEN] = "not taken",
	[VERDICT_STEP_CALL] = "call",
	[VERDICT_STEP_RETURN] = "back",
	[VERDICT_STEP_TAIL] = "tail call",
	[VERDICT_STEP_TAIL_FAIL] = "tail call fails",
	[VERDICT_STEP_THROW] = "throw, ends it",
	[VERDICT_STEP_EXIT] = "exit",
};

static void write_title(const struct snap_prog *prog, struct out *o)
{
	out_style(o, OUT_BOLD);
	out_fmt(o, "program %" PRIu32 " ", prog->id);
	out_term(o, prog->name);
	out_style(o, OUT_PLAIN);
	out_str(o, "  ");
	prog_facts_write(prog, o);
	if (prog->bytes_xlated != 0) {
		out_fmt(o, ", %" PRIu32 " instructions", prog->bytes_xlated / 8);
	}
	if (prog->vendor != NULL) {
		out_str(o, ", vendor ");
		out_term(o, prog->vendor);
	}
	out_str(o, "\n");
}

/** One line of where it is; counts beyond the bound. */
static void write_place(const struct program_report *rep, const char *lead, uint32_t entry,
                        uint32_t n, struct out *o)
{
	const struct place at = {
		.netns = SNAP_NONE, .link = SNAP_NONE, .hook = SNAP_NONE, .entry = entry};

	if (n < MAX_PLACES) {
		lines_indent(o, INDENT);
		out_str(o, lead);
		place_write(rep->snap, &at, o);
		out_str(o, "\n");
	}
}

static uint32_t write_entries(const struct program_report *rep, struct out *o)
{
	const struct snapshot *snap = rep->snap;
	uint32_t n = 0;

	for (uint32_t i = 0; i < snap->n_entries; i++) {
		if (snap->entries[i].prog_id == rep->prog->id) {
			write_place(rep, "attached: ", i, n++, o);
		}
	}
	for (uint32_t i = 0; i < snap->n_actions; i++) {
		if (snap->actions[i].prog_id == rep->prog->id) {
			write_place(rep, "action of: ", snap->actions[i].entry, n++, o);
		}
	}
	return n;
}

static bool calls(const struct snap_prog *caller, uint32_t id)
{
	for (uint32_t i = 0; i < caller->n_tail_calls; i++) {
		if (caller->tail_calls[i] == id) {
			return true;
		}
	}
	return false;
}

static uint32_t write_callers(const struct program_report *rep, uint32_t n, struct out *o)
{
	for (uint32_t i = 0; i < rep->snap->n_progs; i++) {
		const struct snap_prog *caller = &rep->snap->progs[i];

		if (!calls(caller, rep->prog->id)) {
			continue;
		}
		if (n++ < MAX_PLACES) {
			lines_indent(o, INDENT);
			out_fmt(o, "in a program array of: program %" PRIu32 " ", caller->id);
			out_term(o, caller->name);
			out_str(o, "\n");
		}
	}
	return n;
}

static void write_where(const struct program_report *rep, struct out *o)
{
	uint32_t n = write_callers(rep, write_entries(rep, o), o);

	lines_indent(o, n > MAX_PLACES || n == 0 ? INDENT : 0);
	if (n > MAX_PLACES) {
		out_fmt(o, "and %" PRIu32 " more\n", n - MAX_PLACES);
	} else if (n == 0) {
		out_str(o, "attached nowhere that was looked at\n");
	}
}

static void write_codes(const struct snap_returns *returns, struct out *o)
{
	lines_indent(o, INDENT);
	out_str(o, "returns");
	if (returns->codes == CODES_ALL || returns->codes == 0) {
		out_str(o, " anything: nothing could be proven");
	} else {
		out_str(o, returns->exact ? "" : " at most");
		lines_codes(o, " ", returns->codes);
		out_str(o, returns->exact ? "; proven, and each of them happens" : "");
	}
	out_str(o, "\n");
}

/** The program's number and name in front of its steps. */
static void write_owner(const struct snapshot *snap, uint32_t id, struct out *o)
{
	const struct snap_prog *prog = snap_find_prog(snap, id);

	lines_indent(o, INDENT);
	out_style(o, OUT_DIM);
	out_fmt(o, "program %" PRIu32, id);
	if (prog != NULL && prog->name != NULL) {
		out_str(o, " ");
		out_term(o, prog->name);
	}
	out_style(o, OUT_PLAIN);
	out_str(o, "\n");
}

/** The source line above its first instruction; not again while it stays the same. */
static void write_source(const struct listing *at, char last[MAX_SOURCE], struct out *o)
{
	const char *text = at->source;
	size_t len;

	if (text == NULL) {
		return;
	}
	text += strspn(text, " \t");
	len = strnlen(text, MAX_SOURCE - 1);
	if (len == 0 || (strncmp(last, text, len) == 0 && last[len] == '\0')) {
		return;
	}
	memcpy(last, text, len);
	last[len] = '\0';
	lines_indent(o, INDENT + PC_COLUMNS + 2);
	out_style(o, OUT_CYAN);
	out_term(o, last);
	if (at->file != NULL && at->file[0] != '\0' && at->line != 0) {
		const char *slash = strrchr(at->file, '/');

		out_str(o, "  // ");
		out_term(o, slash != NULL ? slash + 1 : at->file);
		out_fmt(o, ":%" PRIu32, at->line);
	}
	out_style(o, OUT_PLAIN);
	out_str(o, "\n");
}

static void write_step(const struct program_report *rep, const struct verdict_step *step,
                       char last[MAX_SOURCE], struct out *o)
{
	struct listing at = {0};

	if (rep->listing != NULL) {
		rep->listing(rep->ctx, step->prog_id, step->pc, &at);
	}
	write_source(&at, last, o);
	lines_indent(o, INDENT);
	out_fmt(o, "%*" PRIu32 "  ", PC_COLUMNS, step->pc);
	if (at.insn != NULL && step->kind != VERDICT_STEP_EXIT) {
		lines_pad(o, step_texts[step->kind], WHAT_COLUMNS);
		out_str(o, "  ");
		out_term(o, at.insn);
	} else {
		out_str(o, step_texts[step->kind]);
	}
	out_str(o, "\n");
}

static void write_steps(const struct program_report *rep, const struct verdict_path *path,
                        struct out *o)
{
	char last[MAX_SOURCE] = "";
	uint32_t owner = 0;
	uint32_t n_left =
		path->n_steps > MAX_FIRST + MAX_LAST ? path->n_steps - MAX_FIRST - MAX_LAST : 0;

	if (path->cut) {
		lines_indent(o, INDENT);
		out_str(o, "(its beginning was not kept)\n");
	}
	for (uint32_t i = 0; i < path->n_steps; i++) {
		const struct verdict_step *step = &path->steps[i];

		if (n_left > 0 && i == MAX_FIRST) {
			lines_indent(o, INDENT);
			out_fmt(o, "... %" PRIu32 " steps left out\n", n_left);
			i += n_left;
			step = &path->steps[i];
		}
		if (step->prog_id != owner) {
			owner = step->prog_id;
			last[0] = '\0';
			write_owner(rep->snap, owner, o);
		}
		write_step(rep, step, last, o);
	}
}

static bool same_steps(const struct verdict_path *a, const struct verdict_path *b)
{
	for (uint32_t i = 0; i < a->n_steps && a->n_steps == b->n_steps; i++) {
		const struct verdict_step *x = &a->steps[i];
		const struct verdict_step *y = &b->steps[i];

		if (x->kind != y->kind || x->prog_id != y->prog_id || x->pc != y->pc) {
			return false;
		}
	}
	return a->n_steps == b->n_steps && a->cut == b->cut && a->shared == b->shared;
}

/** One path with every code that it leads to, where its first one stands. */
static void write_path(const struct program_report *rep, const struct snap_returns *paths,
                       uint32_t at, struct out *o)
{
	const struct verdict_path *path = &paths->paths[at];
	const char *separator = "\n";

	for (uint32_t i = 0; i < at; i++) {
		if (same_steps(path, &paths->paths[i])) {
			return;
		}
	}
	for (uint32_t i = at; i < paths->n_paths; i++) {
		if (same_steps(path, &paths->paths[i])) {
			out_str(o, separator);
			out_style(o, OUT_BOLD);
			out_str(o, code_word(paths->paths[i].code));
			out_style(o, OUT_PLAIN);
			separator = ", ";
		}
	}
	out_str(o, ": ");
	lines_count(o, path->n_steps, "step", NULL);
	out_str(o, path->shared ? ", one of several ways that were looked at together\n" : "\n");
	write_steps(rep, path, o);
}

/** Codes that are in the set because nothing better is known. */
static void write_pathless(const struct snap_returns *returns, const struct snap_returns *paths,
                           struct out *o)
{
	uint32_t left = returns->codes;

	for (uint32_t i = 0; i < paths->n_paths; i++) {
		left &= ~CODE_BIT(paths->paths[i].code);
	}
	lines_codes(o, "\n", left);
	if (left != 0) {
		out_str(o, ": no path is known\n");
	}
}

void render_program(const struct program_report *rep, struct out *o)
{
	const struct snap_returns *returns = &rep->prog->returns;
	const struct snap_returns *paths = snap_paths_of(rep->snap, rep->prog);

	write_title(rep->prog, o);
	write_where(rep, o);
	write_codes(returns, o);
	if (returns->reason != NULL) {
		lines_indent(o, INDENT);
		out_str(o, "not exact: ");
		out_term(o, returns->reason);
		if (returns->pc_prog != 0 && returns->pc_prog != rep->prog->id) {
			out_fmt(o, " (program %" PRIu32 ")", returns->pc_prog);
		}
		out_str(o, "\n");
	}
	if (returns->same_as != 0) {
		lines_indent(o, INDENT);
		out_fmt(o, "equal to program %" PRIu32 ", which was analysed in its place\n",
		        returns->same_as);
	}
	if (text_eq(rep->prog->type, "xdp")) {
		lines_indent(o, INDENT);
		out_str(o, "codes of XDP are named by what they mean: ok is PASS, shot is DROP or "
		           "ABORTED\n");
	}
	for (uint32_t i = 0; i < paths->n_paths; i++) {
		write_path(rep, paths, i, o);
	}
	write_pathless(returns, paths, o);
}
