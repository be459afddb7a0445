/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - connects the layers, prints messages, decides the exit status.
 */
#include "analyzer/analyze.h"
#include "cli/explain.h"
#include "cli/explain_vendor.h"
#include "cli/gather.h"
#include "cli/input.h"
#include "cli/listing.h"
#include "cli/options.h"
#include "cli/privs.h"
#include "cli/sink.h"
#include "cli/table.h"
#include "cli/ui.h"
#include "model/attrs.h"
#include "model/text.h"
#include "model/version.h"
#include "netlink/classic_text.h"
#include "reports/program_text.h"
#include "reports/report.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/** Exit statuses that are not a verdict. */
enum {
	EXIT_CANNOT_RUN = 1,
	EXIT_USAGE = 2,
};

/** Most memory for findings; a snapshot of the largest node needs a few MiB. */
#define FINDINGS_ARENA_BYTES ((size_t)512 << 20)

static int fail(struct ui *ui, const struct err *err, int status)
{
	ui_clear(ui);
	ui_error(ui, err->text);
	return status;
}

struct render_arg {
	render_fn *render;
	const struct report *rep;
};

static void render_to(void *arg, struct out *o)
{
	const struct render_arg *a = arg;

	a->render(a->rep, o);
}

static render_fn *renderer(const struct options *opts, const struct format *format)
{
	return opts->command == CMD_SCAN ? format->scan : format->check;
}

static int write_one(const struct options *opts, const struct format *format, const char *file,
                     const struct report *rep, struct err *err)
{
	struct render_arg arg = {.render = renderer(opts, format), .rep = rep};

	if (arg.render == NULL) {
		return err_set(err, -EINVAL, "format '%s' does not go with this command",
		               format->name);
	}
	return sink_write(file, ui_color(opts), render_to, &arg, err);
}

static int write_all(const struct options *opts, const struct report *rep, struct err *err)
{
	int r = write_one(opts, opts->format, opts->output, rep, err);

	for (uint32_t i = 0; i < opts->n_reports && r == 0; i++) {
		r = write_one(opts, opts->reports[i].format, opts->reports[i].file, rep, err);
	}
	return r;
}

/** @param ret_judge_ns time for judging programs.
 *  @return 0, or the exit status with @p err set. */
static int get_live(const struct options *opts, struct ui *ui, const struct vendor_table *table,
                    struct snapshot *snap, int64_t *ret_judge_ns, struct err *err)
{
	struct stat st;

	if (stat(opts->proc, &st) < 0 || !S_ISDIR(st.st_mode)) {
		(void)err_set(err, -EINVAL, "--proc: %s is not a directory", opts->proc);
		return EXIT_USAGE;
	}
	if (stat(opts->sys, &st) < 0 || !S_ISDIR(st.st_mode)) {
		(void)err_set(err, -EINVAL, "--sys: %s is not a directory", opts->sys);
		return EXIT_USAGE;
	}
	privs_note(ui);
	int r = gather_node(opts, &table->vendors, ui, snap, ret_judge_ns, err);

	return r == 0 ? 0 : r == -EINVAL ? EXIT_USAGE : EXIT_CANNOT_RUN;
}

/**
 * The snapshot of this node or of a file. Who is behind a program is written into it while it is
 * taken, and not again when it is read: a snapshot of a snapshot is the same file.
 *
 * @param ret_judge_ns time for judging programs; only written for a node.
 * @return 0, or the exit status with @p err set.
 */
static int get_snapshot(const struct options *opts, struct ui *ui, const struct vendor_table *table,
                        struct snapshot *snap, int64_t *ret_judge_ns, struct err *err)
{
	if (opts->from != NULL) {
		int r = gather_file(opts->from, snap, err);

		return r == 0 ? 0 : r == -ENOMEM ? EXIT_CANNOT_RUN : EXIT_USAGE;
	}
	int status = get_live(opts, ui, table, snap, ret_judge_ns, err);

	if (status == 0 && table_mark(table, snap) < 0) {
		(void)err_set(err, -ENOMEM, "recognising vendors: no memory");
		status = EXIT_CANNOT_RUN;
	}
	return status;
}

static double elapsed_ms(const struct options *opts, int64_t since_ns)
{
	/* A file gives the same bytes each time. */
	return opts->from != NULL ? 0.0 : (double)(ui_now_ns() - since_ns) / 1e6;
}

static int run_analysis(const struct options *opts, const struct inputs *inputs,
                        const struct snapshot *snap, struct findings *findings, struct err *err)
{
	struct analyze_options how = {
		.priority = opts->priority,
		.agent_version = opts->agent_version,
		.vendors = &inputs->table->vendors,
		.cilium_version = opts->cilium_version,
		.ignore = &inputs->ignore,
		.today = inputs->today,
		.only = opts->only,
		.n_only = opts->n_only,
		.skip = opts->skip,
		.n_skip = opts->n_skip,
	};

	findings_init(findings, FINDINGS_ARENA_BYTES);
	int r = analyze(snap, &how, findings, err);

	return r < 0 ? err_set(err, r, "analysing: no memory") : 0;
}

static void note_expired(const struct findings *findings, struct ui *ui)
{
	for (uint32_t i = 0; i < findings->n_expired; i++) {
		ui_note(ui, "%s", findings->expired[i]);
	}
}

static int run_look(const struct options *opts, const struct inputs *inputs, struct ui *ui,
                    struct snapshot *snap, struct findings *findings)
{
	struct err err = {0};
	struct report rep = {.snap = snap,
	                     .verbose = opts->verbose > 0,
	                     .classic = classic_write,
	                     .columns = ui_columns()};
	int64_t start_ns = ui_now_ns();
	int64_t judge_ns = 0;
	int status = get_snapshot(opts, ui, inputs->table, snap, &judge_ns, &err);

	if (status != 0) {
		return fail(ui, &err, status);
	}
	if (inputs_set_agent(inputs, snap) < 0) {
		(void)err_set(&err, -ENOMEM, "--agent-config: no memory");
		return fail(ui, &err, EXIT_CANNOT_RUN);
	}
	/* Programs are judged between two steps of collecting; it counts as analysis. */
	rep.collect_ms = elapsed_ms(opts, start_ns + judge_ns);
	start_ns = ui_now_ns() - judge_ns;
	if (opts->command == CMD_CHECK) {
		if (run_analysis(opts, inputs, snap, findings, &err) < 0) {
			return fail(ui, &err, EXIT_CANNOT_RUN);
		}
		note_expired(findings, ui);
		rep.findings = findings;
	}
	rep.analyze_ms = elapsed_ms(opts, start_ns);
	rep.verdict = report_verdict(snap, rep.findings);
	rep.exit_code = report_exit_code(snap, rep.findings, opts->fail_on);
	ui_detail(ui, "collected in %.1f ms, analysed in %.1f ms", rep.collect_ms, rep.analyze_ms);
	if (write_all(opts, &rep, &err) < 0) {
		return fail(ui, &err, EXIT_CANNOT_RUN);
	}
	return rep.exit_code;
}

static int look(const struct options *opts, struct ui *ui, const struct vendor_table *table)
{
	struct snapshot snap;
	struct findings findings = {0};
	struct inputs inputs;
	struct err err = {0};
	int r = inputs_read(opts, &inputs, &err);
	int status = EXIT_USAGE;

	if (r == 0) {
		r = inputs_check_vendors(&inputs, &table->vendors, &err);
	}
	snap_init(&snap, SNAP_ARENA_BYTES);
	if (r < 0) {
		status = fail(ui, &err, r == -ENOMEM ? EXIT_CANNOT_RUN : EXIT_USAGE);
	} else {
		inputs.table = table;
		status = run_look(opts, &inputs, ui, &snap, &findings);
	}
	findings_done(&findings);
	snap_done(&snap);
	inputs_done(&inputs);
	return status;
}

static void write_program(void *arg, struct out *o)
{
	render_program(arg, o);
}

/** Types whose results are read on the way of a packet, and what can take their functions' place.
 */
static bool is_on_the_way(const char *type)
{
	static const char *const types[] = {"sched_cls", "sched_act", "xdp", "ext"};

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		if (text_eq(type, types[i])) {
			return true;
		}
	}
	return false;
}

/** Live, any program's id can be given: it must be there and of a type that returns such codes. */
static const struct snap_prog *find_program(const struct options *opts, const struct snapshot *snap,
                                            struct err *err)
{
	const struct snap_prog *prog = snap_find_prog(snap, opts->program);

	if (prog == NULL) {
		(void)err_set(err, -ENOENT, "--program: no program %u in the snapshot",
		              opts->program);
		return NULL;
	}
	if (opts->from == NULL && prog->type == NULL) {
		(void)err_set(err, -ENOENT, "--program %u: %s", opts->program,
		              prog->returns.reason != NULL ? prog->returns.reason : "not readable");
		return NULL;
	}
	if (opts->from == NULL && !is_on_the_way(prog->type)) {
		(void)err_set(err, -EINVAL,
		              "--program %u: of type %s, which returns no code of tc or XDP",
		              opts->program, prog->type);
		return NULL;
	}
	return prog;
}

static int run_program(const struct options *opts, struct ui *ui, const struct vendor_table *table,
                       struct snapshot *snap)
{
	struct err err = {0};
	struct listings *listings = NULL;
	int64_t judge_ns = 0;
	int status = get_snapshot(opts, ui, table, snap, &judge_ns, &err);
	struct program_report rep = {.snap = snap};

	if (status != 0) {
		return fail(ui, &err, status);
	}
	rep.prog = find_program(opts, snap, &err);
	if (rep.prog == NULL) {
		return fail(ui, &err, EXIT_USAGE);
	}
	if (opts->from == NULL) {
		listings = listings_new();
		rep.listing = listings != NULL ? listings_at : NULL;
		rep.ctx = listings;
	}
	int r = sink_write(NULL, ui_color(opts), write_program, &rep, &err);

	listings_free(listings);
	return r < 0 ? fail(ui, &err, EXIT_CANNOT_RUN) : 0;
}

static int explain_program(const struct options *opts, struct ui *ui,
                           const struct vendor_table *table)
{
	struct snapshot snap;

	snap_init(&snap, SNAP_ARENA_BYTES);
	int status = run_program(opts, ui, table, &snap);

	snap_done(&snap);
	return status;
}

static void write_help(void *arg, struct out *o)
{
	const struct options *opts = arg;

	if (opts->version) {
		out_fmt(o, "%s %s\n", TCAUDIT_NAME, TCAUDIT_VERSION);
	} else {
		options_help(opts, opts->command_named, o);
	}
}

static void write_explain(void *arg, struct out *o)
{
	const struct options *opts = arg;

	explain_write(opts->rule, ui_columns(), o);
}

/** The page of a vendor, or the list. */
struct vendor_page {
	const struct vendors *table;
	const struct vendor *vendor;
};

static void write_vendor(void *arg, struct out *o)
{
	const struct vendor_page *page = arg;

	explain_vendor_write(page->table, page->vendor, ui_columns(), o);
}

static int explain_vendor(const struct options *opts, struct ui *ui,
                          const struct vendor_table *table)
{
	struct err err = {0};
	struct vendor_page page = {.table = &table->vendors};

	if (explain_vendor_find(page.table, opts->vendor, &page.vendor, &err) < 0) {
		return fail(ui, &err, EXIT_USAGE);
	}
	return sink_write(NULL, ui_color(opts), write_vendor, &page, &err) < 0
	               ? fail(ui, &err, EXIT_CANNOT_RUN)
	               : 0;
}

static int run_with_table(const struct options *opts, struct ui *ui)
{
	struct err err = {0};
	struct vendor_table table;
	int r = table_load(opts->vendors, &table, &err);
	int status = r == 0 ? 0 : r == -ENOMEM ? EXIT_CANNOT_RUN : EXIT_USAGE;

	if (status != 0) {
		status = fail(ui, &err, status);
	} else if (opts->vendor != NULL) {
		status = explain_vendor(opts, ui, &table);
	} else if (opts->command == CMD_EXPLAIN) {
		status = explain_program(opts, ui, &table);
	} else {
		status = look(opts, ui, &table);
	}
	table_done(&table);
	return status;
}

static int run(struct options *opts, struct ui *ui)
{
	struct err err = {0};
	bool of_rules = opts->command == CMD_EXPLAIN && opts->program == 0 && opts->vendor == NULL;
	sink_fn *fn = opts->help || opts->version ? write_help : of_rules ? write_explain : NULL;

	if (fn == NULL) {
		return run_with_table(opts, ui);
	}
	if (sink_write(NULL, ui_color(opts), fn, opts, &err) < 0) {
		return fail(ui, &err, EXIT_CANNOT_RUN);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct options opts;
	struct ui ui = {0};
	struct err err = {0};

	/* A closed pipe is an error of write(), with a message and a status. */
	(void)signal(SIGPIPE, SIG_IGN);
	int r = options_parse(argc, argv, &opts, &err);
	int status = EXIT_USAGE;

	if (r < 0) {
		status = fail(&ui, &err, r == -ENOMEM ? EXIT_CANNOT_RUN : EXIT_USAGE);
	} else {
		ui_init(&ui, &opts);
		status = run(&opts, &ui);
	}
	options_done(&opts);
	return status;
}
