/* SPDX-License-Identifier: Apache-2.0 */
#include "model/codes.h"
#include "reports/lines.h"
#include "reports/link_text.h"
#include "reports/place_text.h"
#include "reports/report.h"
#include "reports/spot.h"

#include <inttypes.h>

#define INDENT 2u

static void write_node(const struct snapshot *snap, struct out *o)
{
	out_style(o, OUT_BOLD);
	out_term(o, snap->hostname != NULL ? snap->hostname : "unknown node");
	out_style(o, OUT_PLAIN);
	out_str(o, "  ");
	node_write(snap, o);
	out_fmt(o, "; TCX %s, netkit %s\n", snap->has_tcx ? "yes" : "no",
	        snap->has_netkit ? "yes" : "no");
	lines_indent(o, INDENT);
	lines_count(o, snap->n_netns, "namespace", NULL);
	out_str(o, ", ");
	lines_count(o, snap->n_links, "link", NULL);
	out_str(o, ", ");
	lines_count(o, snap->n_hooks, "hook", NULL);
	out_str(o, ", ");
	lines_count(o, snap->n_entries, "entry", "entries");
	out_str(o, ", ");
	lines_count(o, snap->n_progs, "program", NULL);
	out_str(o, "\n");
}

static void make_setting(const void *ctx, struct out *o)
{
	const struct snap_config *config = ctx;

	out_term(o, config->key);
	out_str(o, ": ");
	out_term(o, config->value);
	out_str(o, " (");
	out_term(o, config->source);
	if (config->where != NULL) {
		out_str(o, " ");
		out_term(o, config->where);
	}
	out_str(o, ")");
}

static void write_agent(const struct report *rep, struct out *o)
{
	const struct snapshot *snap = rep->snap;

	if (!snap->agent.present) {
		return;
	}
	lines_indent(o, INDENT);
	out_str(o, "Datadog Agent ");
	out_term(o, snap->agent.version != NULL ? snap->agent.version : "of unknown version");
	out_str(o, snap->agent.running ? ", running" : ", not running");
	if ((snap->facets & FACET_AGENT) == 0) {
		out_str(o, ", its settings are not known");
		out_str(o, snap->agent.n_config > 0 ? " in full" : "");
	}
	out_str(o, "\n");
	for (uint32_t i = 0; i < snap->agent.n_config; i++) {
		lines_indent(o, INDENT + 2);
		lines_wrap_made(o, 2 * INDENT + 2, lines_width(rep), make_setting,
		                &snap->agent.config[i]);
	}
}

static void make_process(const void *ctx, struct out *o)
{
	const struct snap_process *process = ctx;

	out_fmt(o, "%" PRIu32 " ", process->pid);
	out_term(o, process->comm);
	if (process->version != NULL) {
		out_str(o, " ");
		out_term(o, process->version);
	}
	if (process->netns != 0) {
		out_fmt(o, ", net:[%" PRIu64 "]", process->netns);
	}
	if (process->pod_uid != NULL) {
		out_str(o, ", pod ");
		out_term(o, process->pod_uid);
	}
	if (process->container != NULL) {
		out_str(o, ", container ");
		out_term(o, process->container);
	}
}

static void make_pin(const void *ctx, struct out *o)
{
	const struct snap_pin *pin = ctx;

	out_term(o, pin->path);
	out_fmt(o, ": %s %" PRIu32, pin_kind_word(pin->kind), pin->id);
}

static void make_map(const void *ctx, struct out *o)
{
	const struct snap_map *map = ctx;

	out_fmt(o, "%" PRIu32 " ", map->id);
	out_term(o, map->name != NULL ? map->name : "without a name");
	out_str(o, ", ");
	out_term(o, map->type != NULL ? map->type : "of unknown type");
}

static void write_processes(const struct snap_netns *netns, struct out *o)
{
	if (netns->n_pids == 0) {
		out_str(o, ", no process");
		return;
	}
	out_str(o, ", ");
	lines_count(o, netns->n_pids, "process", "processes");
	if (netns->n_kept_pids > 0) {
		out_str(o, " (");
		if (netns->process != NULL) {
			out_term(o, netns->process);
			out_str(o, " ");
		}
		out_fmt(o, "%" PRIu32 ")", netns->pids[0]);
	}
}

static void write_netns_title(const struct snap_netns *netns, struct out *o)
{
	char label[SPOT_LABEL_BYTES];

	out_str(o, "\n");
	out_style(o, OUT_BOLD);
	out_term(o, snap_netns_label(netns, label, sizeof(label)));
	out_style(o, OUT_PLAIN);
	out_fmt(o, "  net:[%" PRIu64 "]", netns->inode);
	write_processes(netns, o);
	out_str(o, "\n");
	if (netns->pod_uid != NULL) {
		lines_indent(o, INDENT);
		out_str(o, "pod ");
		out_term(o, netns->pod_uid);
		out_str(o, "\n");
	}
	if (netns->container != NULL) {
		lines_indent(o, INDENT);
		out_str(o, "container ");
		out_term(o, netns->container);
		out_str(o, "\n");
	}
	/* The label is the first name; the others are names as well. */
	for (uint32_t i = 1; i < netns->n_names; i++) {
		lines_indent(o, INDENT);
		out_str(o, "also ");
		out_term(o, netns->names[i]);
		out_str(o, "\n");
	}
}

static void write_netns(const struct report *rep, const struct snap_netns *netns, struct out *o)
{
	uint32_t bare = 0;

	write_netns_title(netns, o);
	for (uint32_t i = 0; i < netns->n_links; i++) {
		const struct snap_link *link = &rep->snap->links[netns->first_link + i];

		if (rep->verbose || link->n_hooks > 0) {
			link_write(rep, link, o);
		} else {
			bare++;
		}
	}
	if (bare > 0) {
		lines_indent(o, INDENT);
		out_str(o, bare < netns->n_links ? "and " : "");
		lines_count(o, bare, "link", NULL);
		out_str(o, " without anything attached\n");
	}
}

static void write_codes(const struct snap_returns *returns, struct out *o)
{
	out_str(o, ", returns");
	if (returns->codes == CODES_ALL || returns->codes == 0) {
		out_str(o, " unknown");
	} else {
		out_str(o, returns->exact ? "" : " at most");
		lines_codes(o, " ", returns->codes);
	}
	if (returns->reason != NULL) {
		out_str(o, " (");
		out_term(o, returns->reason);
		out_str(o, ")");
	}
}

static void write_ids(const char *title, const uint32_t *ids, uint32_t n, struct out *o)
{
	for (uint32_t i = 0; i < n; i++) {
		out_fmt(o, "%s%" PRIu32, i == 0 ? title : " ", ids[i]);
	}
}

static void make_prog(const void *ctx, struct out *o)
{
	const struct snap_prog *prog = ctx;

	out_fmt(o, "%" PRIu32 " ", prog->id);
	out_term(o, prog->name);
	out_str(o, ", ");
	prog_facts_write(prog, o);
	out_fmt(o, ", uid %" PRIu32, prog->uid);
	if (prog->bytes_xlated != 0) {
		out_fmt(o, ", %" PRIu32 " bytes", prog->bytes_xlated);
	}
	if (prog->vendor != NULL) {
		out_str(o, ", vendor ");
		out_term(o, prog->vendor);
	}
	write_ids(", maps ", prog->map_ids, prog->n_map_ids, o);
	write_ids(", tail calls ", prog->tail_calls, prog->n_tail_calls, o);
	write_codes(&prog->returns, o);
}

/** A table of the verbose output. */
struct table {
	const char *title;
	line_fn *line; /**< Of one row. */
	const void *rows;
	uint32_t n;
	size_t row_bytes;
};

static void write_table(const struct report *rep, const struct table *table, struct out *o)
{
	if (table->n > 0) {
		lines_heading(o, table->title);
	}
	for (uint32_t i = 0; i < table->n; i++) {
		lines_indent(o, INDENT);
		lines_wrap_made(o, 2 * INDENT, lines_width(rep), table->line,
		                (const char *)table->rows + i * table->row_bytes);
	}
}

static void write_tables(const struct report *rep, struct out *o)
{
	const struct snapshot *snap = rep->snap;
	const struct table tables[] = {
		{"PROGRAMS", make_prog, snap->progs, snap->n_progs, sizeof(*snap->progs)},
		{"MAPS", make_map, snap->maps, snap->n_maps, sizeof(*snap->maps)},
		{"PINS", make_pin, snap->pins, snap->n_pins, sizeof(*snap->pins)},
		{"PROCESSES", make_process, snap->processes, snap->n_processes,
	         sizeof(*snap->processes)},
	};

	for (size_t i = 0; i < COUNT_OF(tables); i++) {
		write_table(rep, &tables[i], o);
	}
}

void render_scan_text(const struct report *rep, struct out *o)
{
	const struct snapshot *snap = rep->snap;

	write_node(snap, o);
	write_agent(rep, o);
	for (uint32_t i = 0; i < snap->n_netns; i++) {
		write_netns(rep, &snap->netns[i], o);
	}
	if (rep->verbose) {
		write_tables(rep, o);
	}
	lines_heading(o, "COVERAGE");
	coverage_write(rep, INDENT, o);
}
