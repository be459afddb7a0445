/* SPDX-License-Identifier: Apache-2.0 */
#include "model/snapshot_json.h"

#include "model/json.h"
#include "model/snapshot_rows.h"
#include "model/version.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/** Largest number of JSON that every reader keeps exactly. */
#define MAX_NUMBER (UINT64_C(1) << 53)

/** What all writers below need. */
struct writer {
	const struct snapshot *snap;
	struct out *o;
	struct json_build b;
};

/** Inodes are numbers; one beyond 2^53, which no kernel has, would be a decimal text. */
static void add_inode(struct writer *w, cJSON *obj, const char *key, uint64_t inode)
{
	if (inode <= MAX_NUMBER) {
		json_add_number(&w->b, obj, key, (double)inode);
	} else {
		json_add_u64(&w->b, obj, key, inode);
	}
}

/** Zero means "none" and is written as null. */
static void add_nonzero(struct writer *w, cJSON *obj, const char *key, uint32_t value)
{
	json_add_opt(&w->b, obj, key, value != 0, value);
}

static void add_numbers(struct writer *w, cJSON *obj, const char *key, const uint32_t *list,
                        uint32_t n)
{
	cJSON *array = json_add_array(&w->b, obj, key);

	for (uint32_t i = 0; i < n; i++) {
		json_push_number(&w->b, array, list[i]);
	}
}

static void add_codes(struct writer *w, cJSON *obj, const char *key, uint32_t codes)
{
	cJSON *array = json_add_array(&w->b, obj, key);

	for (uint32_t code = 0; code < N_CODES; code++) {
		if ((codes & CODE_BIT(code)) != 0) {
			json_push_text(&w->b, array, code_word((enum code)code));
		}
	}
}

static cJSON *action_json(struct writer *w, const struct snap_action *action)
{
	cJSON *obj = json_new_object(&w->b);
	bool has_arg = action->control == ACT_JUMP || action->control == ACT_GOTO_CHAIN;

	json_add_number(&w->b, obj, "order", action->order);
	json_add_text(&w->b, obj, "kind", action->kind);
	json_add_number(&w->b, obj, "index", action->index);
	json_add_text(&w->b, obj, "control", act_control_word(action->control));
	json_add_opt(&w->b, obj, "control_arg", has_arg, action->control_arg);
	json_add_text(&w->b, obj, "op", action->op);
	json_add_text(&w->b, obj, "direction", action->direction);
	add_nonzero(w, obj, "target_ifindex", action->target_ifindex);
	add_nonzero(w, obj, "target_block", action->target_block);
	add_nonzero(w, obj, "prog_id", action->prog_id);
	return obj;
}

static const char *match_word(enum snap_match match)
{
	switch (match) {
	case MATCH_UNKNOWN:
		return NULL;
	case MATCH_SOME:
		return "some";
	case MATCH_ALL:
		return "all";
	}
	return NULL;
}

/** What only filters have: null for attached programs. */
static void add_filter(struct writer *w, cJSON *obj, const struct snap_entry *entry)
{
	bool is_filter = entry->is_filter;
	char word[16];

	json_add_opt(&w->b, obj, "pref", is_filter, entry->pref);
	json_add_opt(&w->b, obj, "handle", is_filter, entry->handle);
	json_add_opt(&w->b, obj, "chain", is_filter, entry->chain);
	json_add_text(&w->b, obj, "protocol",
	              is_filter ? protocol_word(entry->protocol, word, sizeof(word)) : NULL);
}

/** A flag that is null where it does not apply. */
static void add_flag(struct writer *w, cJSON *obj, const char *key, bool applies, bool value)
{
	if (applies) {
		json_add_bool(&w->b, obj, key, value);
	} else {
		json_add_null(&w->b, obj, key);
	}
}

static cJSON *entry_json(struct writer *w, const struct snap_entry *entry)
{
	cJSON *obj = json_new_object(&w->b);
	bool is_filter = entry->is_filter;

	json_add_number(&w->b, obj, "order", entry->order);
	json_add_text(&w->b, obj, "kind", entry->kind);
	add_filter(w, obj, entry);
	add_flag(w, obj, "direct_action", !is_filter || strcmp(entry->kind, "bpf") == 0,
	         entry->direct_action);
	add_flag(w, obj, "skip_sw", is_filter, entry->skip_sw);
	add_flag(w, obj, "skip_hw", is_filter, entry->skip_hw);
	add_flag(w, obj, "in_hw", is_filter, entry->in_hw);
	add_nonzero(w, obj, "classid", entry->classid);
	json_add_text(&w->b, obj, "match", match_word(entry->match));
	json_add_text(&w->b, obj, "name", entry->name);
	json_add_text(&w->b, obj, "tag", entry->tag);
	add_nonzero(w, obj, "prog_id", entry->prog_id);
	add_nonzero(w, obj, "link_id", entry->link_id);
	json_add_text(&w->b, obj, "mode", entry->mode);
	json_add_text(&w->b, obj, "classic", entry->classic);
	add_codes(w, obj, "classic_codes", entry->classic_codes);

	cJSON *actions = json_add_array(&w->b, obj, "actions");

	for (uint32_t i = 0; i < entry->n_actions; i++) {
		json_push(&w->b, actions,
		          action_json(w, &w->snap->actions[entry->first_action + i]));
	}
	return obj;
}

static cJSON *hook_json(struct writer *w, const struct snap_hook *hook)
{
	cJSON *obj = json_new_object(&w->b);
	char word[32];

	json_add_text(&w->b, obj, "hook", snap_hook_word(hook, word, sizeof(word)));
	add_nonzero(w, obj, "block", hook->block);
	if (hook->has_revision) {
		json_add_u64(&w->b, obj, "revision", hook->revision);
	} else {
		json_add_null(&w->b, obj, "revision");
	}
	add_numbers(w, obj, "chains", hook->chains, hook->n_chains);

	cJSON *entries = json_add_array(&w->b, obj, "entries");

	for (uint32_t i = 0; i < hook->n_entries; i++) {
		json_push(&w->b, entries, entry_json(w, &w->snap->entries[hook->first_entry + i]));
	}
	return obj;
}

static cJSON *qdisc_json(struct writer *w, const struct snap_qdisc *qdisc)
{
	cJSON *obj = json_new_object(&w->b);

	json_add_text(&w->b, obj, "kind", qdisc->kind);
	json_add_number(&w->b, obj, "handle", qdisc->handle);
	json_add_number(&w->b, obj, "parent", qdisc->parent);
	add_nonzero(w, obj, "ingress_block", qdisc->ingress_block);
	add_nonzero(w, obj, "egress_block", qdisc->egress_block);
	return obj;
}

static void add_peer(struct writer *w, cJSON *obj, const struct snap_link *link)
{
	if (!link->has_peer) {
		json_add_null(&w->b, obj, "peer");
		return;
	}

	cJSON *peer = json_add_object(&w->b, obj, "peer");

	if (link->peer_inode != 0) {
		add_inode(w, peer, "netns", link->peer_inode);
	} else {
		json_add_null(&w->b, peer, "netns");
	}
	json_add_number(&w->b, peer, "ifindex", link->peer_ifindex);
}

static cJSON *link_json(struct writer *w, const struct snap_link *link)
{
	cJSON *obj = json_new_object(&w->b);

	json_add_number(&w->b, obj, "ifindex", link->ifindex);
	json_add_text(&w->b, obj, "name", link->name);
	json_add_text(&w->b, obj, "kind", link->kind);
	json_add_bool(&w->b, obj, "up", link->up);
	add_peer(w, obj, link);
	add_nonzero(w, obj, "master", link->master);

	cJSON *qdiscs = json_add_array(&w->b, obj, "qdiscs");

	for (uint32_t i = 0; i < link->n_qdiscs; i++) {
		json_push(&w->b, qdiscs, qdisc_json(w, &w->snap->qdiscs[link->first_qdisc + i]));
	}

	cJSON *hooks = json_add_array(&w->b, obj, "hooks");

	for (uint32_t i = 0; i < link->n_hooks; i++) {
		json_push(&w->b, hooks, hook_json(w, &w->snap->hooks[link->first_hook + i]));
	}
	return obj;
}

static cJSON *netns_json(struct writer *w, const struct snap_netns *netns)
{
	cJSON *obj = json_new_object(&w->b);

	add_inode(w, obj, "inode", netns->inode);
	json_add_bool(&w->b, obj, "host", netns->host);

	cJSON *names = json_add_array(&w->b, obj, "names");

	for (uint32_t i = 0; i < netns->n_names; i++) {
		json_push_text(&w->b, names, netns->names[i]);
	}
	add_numbers(w, obj, "pids", netns->pids, netns->n_kept_pids);
	json_add_number(&w->b, obj, "n_pids", netns->n_pids);
	json_add_text(&w->b, obj, "process", netns->process);
	json_add_text(&w->b, obj, "container", netns->container);
	json_add_text(&w->b, obj, "pod_uid", netns->pod_uid);

	cJSON *links = json_add_array(&w->b, obj, "links");

	for (uint32_t i = 0; i < netns->n_links; i++) {
		json_push(&w->b, links, link_json(w, &w->snap->links[netns->first_link + i]));
	}
	return obj;
}

static cJSON *path_json(struct writer *w, const struct verdict_path *path)
{
	cJSON *obj = json_new_object(&w->b);

	json_add_text(&w->b, obj, "code", code_word(path->code));

	cJSON *steps = json_add_array(&w->b, obj, "steps");

	for (uint32_t i = 0; i < path->n_steps; i++) {
		const struct verdict_step *step = &path->steps[i];
		cJSON *item = json_new_object(&w->b);

		json_add_text(&w->b, item, "kind", verdict_step_word(step->kind));
		json_add_number(&w->b, item, "prog_id", step->prog_id);
		json_add_number(&w->b, item, "pc", step->pc);
		json_push(&w->b, steps, item);
	}
	json_add_bool(&w->b, obj, "cut", path->cut);
	json_add_bool(&w->b, obj, "shared", path->shared);
	return obj;
}

static void add_returns(struct writer *w, cJSON *obj, const struct snap_returns *returns)
{
	cJSON *inside = json_add_object(&w->b, obj, "returns");

	add_codes(w, inside, "codes", returns->codes);
	json_add_bool(&w->b, inside, "exact", returns->exact);
	json_add_text(&w->b, inside, "reason", returns->reason);
	json_add_opt(&w->b, inside, "pc", returns->pc_prog != 0, returns->pc);
	add_nonzero(w, inside, "pc_prog", returns->pc_prog);
	add_nonzero(w, inside, "same_as", returns->same_as);

	cJSON *paths = json_add_array(&w->b, inside, "paths");

	for (uint32_t i = 0; i < returns->n_paths; i++) {
		json_push(&w->b, paths, path_json(w, &returns->paths[i]));
	}
}

static cJSON *prog_json(struct writer *w, const struct snap_prog *prog)
{
	cJSON *obj = json_new_object(&w->b);

	json_add_number(&w->b, obj, "id", prog->id);
	json_add_text(&w->b, obj, "name", prog->name);
	json_add_text(&w->b, obj, "type", prog->type);
	json_add_text(&w->b, obj, "tag", prog->tag);
	json_add_text(&w->b, obj, "loaded_at", prog->loaded_at);
	json_add_number(&w->b, obj, "uid", prog->uid);
	json_add_number(&w->b, obj, "bytes_xlated", prog->bytes_xlated);
	add_numbers(w, obj, "map_ids", prog->map_ids, prog->n_map_ids);
	add_numbers(w, obj, "tail_calls", prog->tail_calls, prog->n_tail_calls);
	add_returns(w, obj, &prog->returns);
	json_add_text(&w->b, obj, "vendor", prog->vendor);
	return obj;
}

static cJSON *map_json(struct writer *w, const struct snap_map *map)
{
	cJSON *obj = json_new_object(&w->b);

	json_add_number(&w->b, obj, "id", map->id);
	json_add_text(&w->b, obj, "name", map->name);
	json_add_text(&w->b, obj, "type", map->type);
	return obj;
}

static cJSON *pin_json(struct writer *w, const struct snap_pin *pin)
{
	cJSON *obj = json_new_object(&w->b);

	json_add_text(&w->b, obj, "path", pin->path);
	json_add_text(&w->b, obj, "kind", pin_kind_word(pin->kind));
	json_add_number(&w->b, obj, "id", pin->id);
	return obj;
}

static cJSON *process_json(struct writer *w, const struct snap_process *process)
{
	cJSON *obj = json_new_object(&w->b);

	json_add_number(&w->b, obj, "pid", process->pid);
	json_add_text(&w->b, obj, "comm", process->comm);
	json_add_text(&w->b, obj, "container", process->container);
	json_add_text(&w->b, obj, "pod_uid", process->pod_uid);
	if (process->netns != 0) {
		add_inode(w, obj, "netns", process->netns);
	} else {
		json_add_null(&w->b, obj, "netns");
	}
	json_add_text(&w->b, obj, "version", process->version);
	return obj;
}

static cJSON *gap_json(struct writer *w, const struct snap_gap *gap)
{
	cJSON *obj = json_new_object(&w->b);

	json_add_text(&w->b, obj, "kind", gap->word);
	json_add_text(&w->b, obj, "where", gap->where);
	json_add_text(&w->b, obj, "error", gap->error);
	json_add_text(&w->b, obj, "hint", gap->hint);
	return obj;
}

static cJSON *tool_json(struct writer *w)
{
	cJSON *obj = json_new_object(&w->b);
	const char *version = w->snap->tool_version;

	json_add_text(&w->b, obj, "name", TCAUDIT_NAME);
	json_add_text(&w->b, obj, "version", version ? version : TCAUDIT_VERSION);
	return obj;
}

static cJSON *node_json(struct writer *w)
{
	cJSON *obj = json_new_object(&w->b);

	json_add_text(&w->b, obj, "hostname", w->snap->hostname);
	json_add_text(&w->b, obj, "kernel", w->snap->kernel);
	json_add_text(&w->b, obj, "arch", w->snap->arch);
	json_add_text(&w->b, obj, "boot_id", w->snap->boot_id);
	if (w->snap->host_netns != 0) {
		add_inode(w, obj, "host_netns", w->snap->host_netns);
	} else {
		json_add_null(&w->b, obj, "host_netns");
	}
	return obj;
}

static cJSON *features_json(struct writer *w)
{
	cJSON *obj = json_new_object(&w->b);

	json_add_bool(&w->b, obj, "tcx", w->snap->has_tcx);
	json_add_bool(&w->b, obj, "netkit", w->snap->has_netkit);
	return obj;
}

/**
 * Is there nothing to say of a table? Rows are said in any case; no rows mean "none" only where
 * the facet is whole.
 */
static bool is_unknown(const struct snapshot *snap, enum snap_facet facet, uint32_t n_rows)
{
	return (snap->facets & facet) == 0 && n_rows == 0;
}

static cJSON *agent_json(struct writer *w)
{
	const struct snap_agent *agent = &w->snap->agent;

	if (!agent->present) {
		return json_new_text(&w->b, NULL);
	}

	cJSON *obj = json_new_object(&w->b);

	json_add_bool(&w->b, obj, "running", agent->running);
	json_add_text(&w->b, obj, "version", agent->version);

	if (is_unknown(w->snap, FACET_AGENT, agent->n_config)) {
		json_add_null(&w->b, obj, "config");
		return obj;
	}

	cJSON *config = json_add_array(&w->b, obj, "config");

	for (uint32_t i = 0; i < agent->n_config; i++) {
		cJSON *setting = json_new_object(&w->b);

		json_add_text(&w->b, setting, "key", agent->config[i].key);
		json_add_text(&w->b, setting, "value", agent->config[i].value);
		json_add_text(&w->b, setting, "source", agent->config[i].source);
		json_add_text(&w->b, setting, "where", agent->config[i].where);
		json_push(&w->b, config, setting);
	}
	return obj;
}

/** One member of the outermost object on a line of its own; @p lead is what stands before. */
static void put(struct writer *w, const char *lead, cJSON *item)
{
	out_str(w->o, lead);
	json_emit(&w->b, w->o, item, false);
}

/** Comma and new line between the rows of a table, a new line before the first. */
static const char *lead_of(uint32_t row)
{
	return row == 0 ? "\n" : ",\n";
}

static void put_coverage(struct writer *w)
{
	const struct snapshot *snap = w->snap;

	out_fmt(w->o,
	        ",\n\"coverage\":{\"complete\":%s,\"namespaces_found\":%u,\"namespaces_read\":%u,"
	        "\"links_read\":%u,\"gaps\":[",
	        snap->n_gaps == 0 ? "true" : "false", snap->namespaces_found, snap->namespaces_read,
	        snap->links_read);
	for (uint32_t i = 0; i < snap->n_gaps && !w->b.failed; i++) {
		put(w, lead_of(i), gap_json(w, &snap->gaps[i]));
	}
	out_str(w->o, "]}");
}

static void put_tables(struct writer *w)
{
	const struct snapshot *snap = w->snap;

	out_str(w->o, ",\n\"namespaces\":[");
	for (uint32_t i = 0; i < snap->n_netns && !w->b.failed; i++) {
		put(w, lead_of(i), netns_json(w, &snap->netns[i]));
	}
	out_str(w->o, "],\n\"programs\":[");
	for (uint32_t i = 0; i < snap->n_progs && !w->b.failed; i++) {
		put(w, lead_of(i), prog_json(w, &snap->progs[i]));
	}
	out_str(w->o, "],\n\"maps\":[");
	for (uint32_t i = 0; i < snap->n_maps && !w->b.failed; i++) {
		put(w, lead_of(i), map_json(w, &snap->maps[i]));
	}
	out_str(w->o, "]");
}

/** The tables that are null where nothing is known. */
static void put_host(struct writer *w)
{
	const struct snapshot *snap = w->snap;
	bool no_pins = is_unknown(snap, FACET_PINS, snap->n_pins);
	bool no_processes = is_unknown(snap, FACET_PROCESSES, snap->n_processes);

	out_str(w->o, no_pins ? ",\n\"pins\":null" : ",\n\"pins\":[");
	for (uint32_t i = 0; i < snap->n_pins && !w->b.failed; i++) {
		put(w, lead_of(i), pin_json(w, &snap->pins[i]));
	}
	out_str(w->o, no_pins ? "" : "]");
	out_str(w->o, no_processes ? ",\n\"processes\":null" : ",\n\"processes\":[");
	for (uint32_t i = 0; i < snap->n_processes && !w->b.failed; i++) {
		put(w, lead_of(i), process_json(w, &snap->processes[i]));
	}
	out_str(w->o, no_processes ? "}\n" : "]}\n");
}

int snapshot_write_json(const struct snapshot *snap, struct out *o)
{
	struct writer w = {.snap = snap, .o = o};

	assert(snap->sealed);
	out_fmt(o, "{\"schema\":\"%s/%d\"", SNAPSHOT_SCHEMA, SNAPSHOT_SCHEMA_MAJOR);
	put(&w, ",\n\"tool\":", tool_json(&w));
	put(&w, ",\n\"taken_at\":", json_new_text(&w.b, snap->taken_at));
	put(&w, ",\n\"node\":", node_json(&w));
	put(&w, ",\n\"features\":", features_json(&w));
	put(&w, ",\n\"agent\":", agent_json(&w));
	put_coverage(&w);
	put_tables(&w);
	put_host(&w);
	return w.b.failed ? -ENOMEM : 0;
}
