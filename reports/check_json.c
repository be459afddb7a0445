/* SPDX-License-Identifier: Apache-2.0 */
#include "model/json.h"
#include "model/version.h"
#include "reports/report.h"
#include "reports/snippets.h"
#include "reports/spot.h"
#include "reports/vendors_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define REPORT_SCHEMA "tcaudit.report/1"

/** Numbers above this are no longer whole in every JSON reader. */
#define JSON_MAX_WHOLE (UINT64_C(1) << 53)

/** An inode: a number, as text only where a number would lose digits; null for 0. */
static void add_inode(struct json_build *b, cJSON *obj, const char *key, uint64_t inode)
{
	if (inode > JSON_MAX_WHOLE) {
		json_add_u64(b, obj, key, inode);
	} else {
		json_add_opt(b, obj, key, inode != 0, (double)inode);
	}
}

static void fill_place(struct json_build *b, cJSON *obj, const struct snapshot *snap,
                       const struct place *at)
{
	char label[SPOT_LABEL_BYTES];
	char word[SPOT_WORD_BYTES];
	struct spot spot = spot_of(snap, at);
	bool filter = spot.entry != NULL && spot.entry->is_filter;

	add_inode(b, obj, "netns", spot.netns != NULL ? spot.netns->inode : 0);
	json_add_text(b, obj, "netns_name",
	              spot.netns != NULL ? snap_netns_label(spot.netns, label, sizeof(label))
	                                 : NULL);
	json_add_text(b, obj, "device", spot.link != NULL ? spot.link->name : NULL);
	json_add_opt(b, obj, "ifindex", spot.link != NULL,
	             spot.link != NULL ? spot.link->ifindex : 0);
	json_add_text(b, obj, "hook",
	              spot.hook != NULL ? snap_hook_word(spot.hook, word, sizeof(word)) : NULL);
	json_add_opt(b, obj, "pref", filter, filter ? spot.entry->pref : 0);
	json_add_opt(b, obj, "handle", filter, filter ? spot.entry->handle : 0);
	json_add_opt(b, obj, "prog_id", spot.prog_id != 0, spot.prog_id);
}

static void add_node(struct json_build *b, cJSON *root, const struct snapshot *snap)
{
	cJSON *node = json_add_object(b, root, "node");

	json_add_text(b, node, "hostname", snap->hostname);
	json_add_text(b, node, "kernel", snap->kernel);
	json_add_text(b, node, "arch", snap->arch);
	json_add_text(b, node, "boot_id", snap->boot_id);
	add_inode(b, node, "host_netns", snap->host_netns);
}

static void add_agent(struct json_build *b, cJSON *root, const struct findings *f)
{
	cJSON *agent = json_add_object(b, root, "agent");
	cJSON *priority = json_add_object(b, agent, "priority");

	json_add_number(b, priority, "value", f->agent_priority);
	json_add_text(b, priority, "source", priority_source_word(f->agent_source));
	json_add_text(b, agent, "version", f->agent_version);
}

static void add_snippet(struct json_build *b, cJSON *obj, const struct snippet_row *row,
                        const struct snippet *what)
{
	struct out_mem mem = {0};
	struct out o;

	out_init(&o, out_mem_write, &mem);
	row->write(what, &o);
	if (out_flush(&o) < 0) {
		b->failed = true;
	} else {
		json_add_text(b, obj, row->json, mem.bytes);
	}
	out_mem_done(&mem);
}

static void add_snippets(struct json_build *b, cJSON *obj, const struct report *rep)
{
	struct snippet what = snippet_of(rep);

	if (what.goal == SNIPPET_NOTHING) {
		json_add_null(b, obj, "snippets");
		return;
	}

	cJSON *snippets = json_add_object(b, obj, "snippets");

	for (size_t i = 0; i < COUNT_OF(snippet_rows); i++) {
		add_snippet(b, snippets, &snippet_rows[i], &what);
	}
}

static void add_feasible(struct json_build *b, cJSON *obj, const struct recommendation *advice)
{
	if (!advice->feasible) {
		json_add_null(b, obj, "feasible");
		return;
	}

	cJSON *feasible = json_add_object(b, obj, "feasible");

	json_add_number(b, feasible, "min", advice->feasible_min);
	json_add_number(b, feasible, "max", advice->feasible_max);

	cJSON *excluded = json_add_array(b, feasible, "excluded");

	for (uint32_t i = 0; i < advice->n_excluded; i++) {
		json_push_number(b, excluded, advice->excluded[i]);
	}
}

static void add_blockers(struct json_build *b, cJSON *obj, const struct snapshot *snap,
                         const struct recommendation *advice)
{
	cJSON *array = json_add_array(b, obj, "blocked_by");

	for (uint32_t i = 0; i < advice->n_blocked_by; i++) {
		const struct blocker *blocker = &advice->blocked_by[i];
		cJSON *item = json_new_object(b);

		json_add_text(b, item, "vendor", blocker->vendor);
		fill_place(b, json_add_object(b, item, "where"), snap, &blocker->place);
		json_add_opt(b, item, "pref", blocker->pref != 0, blocker->pref);
		json_add_text(b, item, "why", blocker->why);
		json_add_number(b, item, "count", blocker->count);
		json_add_bool(b, item, "proven", blocker->proven);
		json_push(b, array, item);
	}
}

static void add_settings(struct json_build *b, cJSON *obj, const struct recommendation *advice)
{
	cJSON *array = json_add_array(b, obj, "settings");

	for (uint32_t i = 0; i < advice->n_settings; i++) {
		const struct vendor_advice *row = &advice->settings[i];
		cJSON *item = json_new_object(b);

		json_add_text(b, item, "vendor", row->vendor);
		json_add_text(b, item, "name", row->name);
		json_add_text(b, item, "setting", row->setting);
		json_add_text(b, item, "how", row->how);
		json_add_text(b, item, "paste", row->paste);
		json_push(b, array, item);
	}
}

static void add_recommendation(struct json_build *b, cJSON *root, const struct report *rep)
{
	const struct recommendation *advice = &rep->findings->advice;
	cJSON *obj = json_add_object(b, root, "recommendation");

	json_add_text(b, obj, "action", action_word(advice->action));
	json_add_opt(b, obj, "classifier_priority", advice->priority != 0, advice->priority);
	add_feasible(b, obj, advice);
	json_add_text(b, obj, "reason", advice->reason);

	cJSON *hooks = json_add_object(b, obj, "hooks");

	json_add_number(b, hooks, "total", advice->hooks_total);
	json_add_number(b, hooks, "seen_now", advice->seen_now);
	json_add_number(b, hooks, "seen_after", advice->seen_after);
	json_add_number(b, hooks, "blind_after", advice->blind_after);
	add_blockers(b, obj, rep->snap, advice);
	add_settings(b, obj, advice);
	add_snippets(b, obj, rep);
}

static void add_checklist(struct json_build *b, cJSON *root, const struct findings *f)
{
	cJSON *array = json_add_array(b, root, "checklist");

	for (uint32_t i = 0; i < f->n_checklist; i++) {
		const struct check_item *row = &f->checklist[i];
		cJSON *item = json_new_object(b);

		json_add_text(b, item, "item", row->item);
		json_add_text(b, item, "question", row->question);
		json_add_text(b, item, "answer", row->answer);
		json_add_text(b, item, "status", check_status_word(row->status));

		cJSON *because = json_add_array(b, item, "because");

		for (uint32_t k = 0; k < row->n_because; k++) {
			json_push_number(b, because, row->because[k]);
		}
		json_push(b, array, item);
	}
}

/** Where nothing applies, so that "where" is always an object. */
static const struct place nowhere = {
	.netns = SNAP_NONE,
	.link = SNAP_NONE,
	.hook = SNAP_NONE,
	.entry = SNAP_NONE,
};

static void fill_finding(struct json_build *b, cJSON *item, const struct snapshot *snap,
                         const struct finding *row)
{
	char fingerprint[17];

	json_add_text(b, item, "code", row->code);
	json_add_text(b, item, "name", row->name);
	json_add_text(b, item, "severity", severity_word(row->severity));
	json_add_text(b, item, "state", finding_state_word(row->state));
	json_add_text(b, item, "suppressed_by",
	              row->state == FINDING_SUPPRESSED ? row->suppressed : NULL);
	json_add_text(b, item, "message", row->message);
	fill_place(b, json_add_object(b, item, "where"), snap,
	           row->n_places > 0 ? &row->places[0] : &nowhere);
	json_add_number(b, item, "count", row->count);

	cJSON *places = json_add_array(b, item, "places");

	for (uint32_t i = 0; i < row->n_places && i < FINDING_MAX_PLACES; i++) {
		cJSON *place = json_new_object(b);

		fill_place(b, place, snap, &row->places[i]);
		json_push(b, places, place);
	}

	cJSON *evidence = json_add_object(b, item, "evidence");

	for (uint32_t i = 0; i < row->n_evidence; i++) {
		json_add_text(b, evidence, row->evidence[i].key, row->evidence[i].value);
	}
	json_add_text(b, item, "remedy", row->remedy);

	cJSON *links = json_add_array(b, item, "links");

	for (const char *const *link = row->links; link != NULL && *link != NULL; link++) {
		json_push_text(b, links, *link);
	}
	(void)snprintf(fingerprint, sizeof(fingerprint), "%016" PRIx64, row->fingerprint);
	json_add_text(b, item, "fingerprint", fingerprint);
}

static void add_findings(struct json_build *b, cJSON *root, const struct report *rep)
{
	cJSON *array = json_add_array(b, root, "findings");

	for (uint32_t i = 0; i < rep->findings->n; i++) {
		cJSON *item = json_new_object(b);

		fill_finding(b, item, rep->snap, &rep->findings->rows[i]);
		json_push(b, array, item);
	}
}

/** Rows of the ignore file that hold no longer: what they suppressed counts again. */
static void add_expired(struct json_build *b, cJSON *root, const struct findings *f)
{
	cJSON *array = json_add_array(b, root, "ignore_expired");

	for (uint32_t i = 0; i < f->n_expired; i++) {
		json_push_text(b, array, f->expired[i]);
	}
}

static void add_coverage(struct json_build *b, cJSON *root, const struct snapshot *snap)
{
	cJSON *coverage = json_add_object(b, root, "coverage");

	json_add_bool(b, coverage, "complete", snap->n_gaps == 0);
	json_add_number(b, coverage, "namespaces_found", snap->namespaces_found);
	json_add_number(b, coverage, "namespaces_read", snap->namespaces_read);
	json_add_number(b, coverage, "links_read", snap->links_read);

	cJSON *gaps = json_add_array(b, coverage, "gaps");

	for (uint32_t i = 0; i < snap->n_gaps; i++) {
		cJSON *gap = json_new_object(b);

		json_add_text(b, gap, "kind", snap->gaps[i].word);
		json_add_text(b, gap, "where", snap->gaps[i].where);
		json_add_text(b, gap, "error", snap->gaps[i].error);
		json_add_text(b, gap, "hint", snap->gaps[i].hint);
		json_push(b, gaps, gap);
	}
}

/** Microseconds are plenty, and short numbers are readable. */
static double rounded_ms(double ms)
{
	return (double)(int64_t)(ms * 1000.0 + 0.5) / 1000.0;
}

static void fill_report(struct json_build *b, cJSON *root, const struct report *rep)
{
	const struct snapshot *snap = rep->snap;

	json_add_text(b, root, "schema", REPORT_SCHEMA);

	cJSON *tool = json_add_object(b, root, "tool");

	json_add_text(b, tool, "name", TCAUDIT_NAME);
	json_add_text(b, tool, "version", TCAUDIT_VERSION);
	json_add_text(b, root, "taken_at", snap->taken_at);
	add_node(b, root, snap);
	json_add_text(b, root, "verdict", verdict_word(rep->verdict));
	json_add_number(b, root, "exit_code", rep->exit_code);
	add_agent(b, root, rep->findings);
	add_recommendation(b, root, rep);
	add_checklist(b, root, rep->findings);
	vendors_add_json(b, root, rep->findings);
	add_findings(b, root, rep);
	add_expired(b, root, rep->findings);
	add_coverage(b, root, snap);

	cJSON *timing = json_add_object(b, root, "timing");

	json_add_number(b, timing, "collect_ms", rounded_ms(rep->collect_ms));
	json_add_number(b, timing, "analyze_ms", rounded_ms(rep->analyze_ms));
}

void render_check_json(const struct report *rep, struct out *o)
{
	struct json_build b = {0};
	cJSON *root = json_new_object(&b);

	fill_report(&b, root, rep);
	if (b.failed) {
		/* Half a document is worse than none: nothing of it has left yet. */
		cJSON_Delete(root);
	} else {
		json_emit(&b, o, root, true);
		out_str(o, "\n");
	}
	if (b.failed && o->error == 0) {
		o->error = -ENOMEM;
	}
}
