/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/vendors_match.h"

#include "model/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Length to which the kernel cuts names of programs and maps: BPF_OBJ_NAME_LEN less its NUL. */
#define CUT_BYTES 15

static int cmp_pin(const void *left, const void *right)
{
	const struct pin_key *a = left;
	const struct pin_key *b = right;

	if (a->kind != b->kind) {
		return a->kind < b->kind ? -1 : 1;
	}
	return (a->id > b->id) - (a->id < b->id);
}

int pin_index_make(const struct snapshot *snap, struct arena *arena, struct pin_index *ret)
{
	struct pin_key *pins = arena_alloc(arena, ((size_t)snap->n_pins + 1) * sizeof(*pins));

	if (pins == NULL) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < snap->n_pins; i++) {
		const struct snap_pin *pin = &snap->pins[i];

		pins[i] = (struct pin_key){pin->kind, pin->id, pin->path};
	}
	qsort(pins, snap->n_pins, sizeof(*pins), cmp_pin);
	*ret = (struct pin_index){.snap = snap, .pins = pins};
	return 0;
}

/** First position in the index that is not before (kind, id). */
static uint32_t lower_bound(const struct pin_index *index, enum pin_kind kind, uint32_t id)
{
	uint32_t low = 0;
	uint32_t high = index->snap->n_pins;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const struct pin_key *pin = &index->pins[mid];

		if (pin->kind < kind || (pin->kind == kind && pin->id < id)) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low;
}

static bool is_pinned(const struct pin_index *index, enum pin_kind kind, uint32_t id,
                      const struct pattern *path)
{
	if (id == 0) {
		return false;
	}
	for (uint32_t i = lower_bound(index, kind, id); i < index->snap->n_pins; i++) {
		const struct pin_key *pin = &index->pins[i];

		if (pin->kind != kind || pin->id != id) {
			break;
		}
		if (pattern_fits(path, pin->path, NULL, false)) {
			return true;
		}
	}
	return false;
}

/** One entry and what hangs on it. */
struct looked {
	const struct snapshot *snap;
	const struct snap_entry *entry;
	const struct snap_hook *hook;
	const struct snap_link *link;
	const struct snap_prog *prog; /**< or NULL. */
};

static bool span_holds(const struct vendor_span *span, uint32_t value)
{
	return !span->has || (value >= span->min && value <= span->max);
}

static bool has_no_name(const char *name)
{
	return name == NULL || name[0] == '\0';
}

static bool fits_cut(const struct pattern *pattern, const char *name)
{
	return pattern_fits(pattern, name, NULL, name != NULL && strlen(name) == CUT_BYTES);
}

/** What can be told from the entry's own row. */
static bool slot_holds(const struct vendor_match *match, const struct looked *at)
{
	const struct snap_entry *entry = at->entry;
	bool wants_filter = match->pref.has || match->handle.has;

	return (match->hooks == 0 || (match->hooks & VENDOR_HOOK(at->hook->type)) != 0) &&
	       (match->kind == NULL || text_eq(entry->kind, match->kind)) &&
	       (!wants_filter || entry->is_filter) && span_holds(&match->pref, entry->pref) &&
	       span_holds(&match->handle, entry->handle) &&
	       (!match->direct_action || entry->direct_action);
}

static bool map_holds(const struct pattern *pattern, const struct looked *at)
{
	for (uint32_t i = 0; at->prog != NULL && i < at->prog->n_map_ids; i++) {
		const struct snap_map *map = snap_find_map(at->snap, at->prog->map_ids[i]);

		if (map != NULL && fits_cut(pattern, map->name)) {
			return true;
		}
	}
	return false;
}

/** Maps that could not be read say nothing. */
static bool maps_have_no_name(const struct looked *at)
{
	uint32_t n = at->prog != NULL ? at->prog->n_map_ids : 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct snap_map *map = snap_find_map(at->snap, at->prog->map_ids[i]);

		if (map == NULL || !has_no_name(map->name)) {
			return false;
		}
	}
	return n > 0;
}

static bool prog_holds(const struct vendor_match *match, const struct looked *at)
{
	const struct snap_prog *prog = at->prog;

	if (match->nameless && (prog == NULL || prog->type == NULL || !has_no_name(prog->name))) {
		return false;
	}
	return (match->program == NULL || (prog != NULL && fits_cut(match->program, prog->name))) &&
	       (match->tag == NULL ||
	        pattern_fits(match->tag,
	                     prog != NULL && prog->tag != NULL ? prog->tag : at->entry->tag, NULL,
	                     false)) &&
	       (!match->nameless_maps || maps_have_no_name(at)) &&
	       (match->map == NULL || map_holds(match->map, at));
}

static bool qdisc_holds(const char *kind, const struct looked *at)
{
	for (uint32_t i = 0; i < at->link->n_qdiscs; i++) {
		if (text_eq(at->snap->qdiscs[at->link->first_qdisc + i].kind, kind)) {
			return true;
		}
	}
	return false;
}

/** One action has the kind, and sends to such an interface of the same namespace. */
static bool action_holds(const struct vendor_match *match, const struct looked *at)
{
	for (uint32_t i = 0; i < at->entry->n_actions; i++) {
		const struct snap_action *action = &at->snap->actions[at->entry->first_action + i];
		const struct snap_link *to =
			match->target != NULL && action->target_ifindex != 0
				? snap_find_link(at->snap, at->link->netns, action->target_ifindex)
				: NULL;

		if ((match->action == NULL || text_eq(action->kind, match->action)) &&
		    (match->target == NULL ||
		     (to != NULL && pattern_fits(match->target, to->name, NULL, false)))) {
			return true;
		}
	}
	return false;
}

static bool pin_holds(const struct pattern *path, const struct pin_index *pins,
                      const struct looked *at)
{
	if (is_pinned(pins, PIN_PROG, at->entry->prog_id, path) ||
	    is_pinned(pins, PIN_LINK, at->entry->link_id, path)) {
		return true;
	}
	for (uint32_t i = 0; at->prog != NULL && i < at->prog->n_map_ids; i++) {
		if (is_pinned(pins, PIN_MAP, at->prog->map_ids[i], path)) {
			return true;
		}
	}
	return false;
}

bool vendor_match_holds(const struct vendor_match *match, const struct pin_index *pins,
                        const struct snap_entry *entry)
{
	const struct snapshot *snap = pins->snap;
	const struct snap_hook *hook = &snap->hooks[entry->hook];
	struct looked at = {
		.snap = snap,
		.entry = entry,
		.hook = hook,
		.link = &snap->links[hook->link],
	};

	if (!slot_holds(match, &at) ||
	    (match->filter != NULL &&
	     (!entry->is_filter ||
	      !pattern_fits(match->filter, entry->name, at.link->name, false))) ||
	    (match->device != NULL && !pattern_fits(match->device, at.link->name, NULL, false))) {
		return false;
	}
	at.prog = entry->prog_id != 0 ? snap_find_prog(snap, entry->prog_id) : NULL;
	return prog_holds(match, &at) && (match->qdisc == NULL || qdisc_holds(match->qdisc, &at)) &&
	       ((match->action == NULL && match->target == NULL) || action_holds(match, &at)) &&
	       (match->pin == NULL || pin_holds(match->pin, pins, &at));
}

/** A list of facts under construction; text is NULL once memory has run out. */
struct facts {
	struct arena *arena;
	const char *text;
};

static void add_fact(struct facts *facts, const char *what, const char *value)
{
	if (facts->text != NULL) {
		facts->text = arena_printf(facts->arena, "%s%s%s%s", facts->text,
		                           facts->text[0] != '\0' ? ", " : "", what, value);
	}
}

static void add_pattern(struct facts *facts, const char *what, const struct pattern *pattern)
{
	if (pattern != NULL) {
		add_fact(facts, what, pattern_text(pattern));
	}
}

/** The numbers that are looked for: those seen may differ from run to run. */
static void add_number(struct facts *facts, const char *what, const struct vendor_span *span,
                       bool hex)
{
	char text[40];

	if (!span->has) {
		return;
	}
	if (span->min == span->max) {
		(void)snprintf(text, sizeof(text), hex ? "0x%x" : "%u", span->min);
	} else {
		(void)snprintf(text, sizeof(text), hex ? "0x%x to 0x%x" : "%u to %u", span->min,
		               span->max);
	}
	add_fact(facts, what, text);
}

/** Conditions in words. @param prog the name that was seen, or NULL: what is looked for.
 *  @param hook the same. */
static const char *spell(const struct vendor_match *match, const char *prog, const char *hook,
                         struct arena *arena)
{
	struct facts facts = {.arena = arena, .text = ""};

	if (match->program != NULL && prog != NULL) {
		add_fact(&facts, "program name ", prog);
	} else {
		add_pattern(&facts, "program name like ", match->program);
	}
	add_pattern(&facts, "filter name like ", match->filter);
	add_pattern(&facts, "map name like ", match->map);
	add_pattern(&facts, "pin like ", match->pin);
	add_pattern(&facts, "tag ", match->tag);
	if (match->nameless) {
		add_fact(&facts, "nameless program", "");
	}
	if (match->nameless_maps) {
		add_fact(&facts, "nameless maps", "");
	}
	if (match->kind != NULL && !text_eq(match->kind, "bpf")) {
		add_fact(&facts, match->kind, " filter");
	}
	if (match->action != NULL) {
		add_fact(&facts, "action ", match->action);
	}
	add_pattern(&facts, "sends to ", match->target);
	if (match->qdisc != NULL) {
		add_fact(&facts, match->qdisc, " qdisc");
	}
	add_number(&facts, "priority ", &match->pref, false);
	add_number(&facts, "handle ", &match->handle, true);
	add_pattern(&facts, "interface like ", match->device);
	const char *on = "on ";

	for (unsigned int type = 0; hook == NULL && type < N_HOOK_TYPES; type++) {
		if ((match->hooks & VENDOR_HOOK(type)) != 0) {
			add_fact(&facts, on, hook_type_word((enum hook_type)type));
			on = "";
		}
	}
	if (match->hooks != 0 && hook != NULL) {
		add_fact(&facts, "on ", hook);
	}
	return facts.text;
}

const char *vendor_match_evidence(const struct vendor_match *match, const struct snapshot *snap,
                                  const struct snap_entry *entry, struct arena *arena)
{
	const struct snap_prog *prog =
		entry->prog_id != 0 ? snap_find_prog(snap, entry->prog_id) : NULL;

	if (match->evidence != NULL) {
		return arena_strndup(arena, match->evidence, strlen(match->evidence));
	}
	return spell(match, prog != NULL ? prog->name : NULL,
	             hook_type_word(snap->hooks[entry->hook].type), arena);
}

const char *vendor_match_text(const struct vendor *vendor, uint32_t index, struct arena *arena,
                              enum match_strength *ret_strength)
{
	const struct vendor_match *match = &vendor->matches[index];

	*ret_strength = match->strength;
	return match->evidence != NULL
	               ? arena_strndup(arena, match->evidence, strlen(match->evidence))
	               : spell(match, NULL, NULL, arena);
}

const char *vendor_hint_text(const struct vendor *vendor, uint32_t index, struct arena *arena,
                             const struct release_range **ret_versions)
{
	*ret_versions = &vendor->hints[index].versions;
	return spell(&vendor->hints[index], NULL, NULL, arena);
}
