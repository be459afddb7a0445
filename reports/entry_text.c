/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/entry_text.h"

#include "model/abi.h"
#include "model/codes.h"
#include "model/text.h"

#include <inttypes.h>
#include <stdio.h>

/** Actions spelled out; the kernel takes at most 32 of a filter. */
#define MAX_ACTIONS 32u

const struct snap_prog *entry_prog(const struct snapshot *snap, const struct snap_entry *entry)
{
	return entry->prog_id != 0 ? snap_find_prog(snap, entry->prog_id) : NULL;
}

const char *entry_name(const struct snapshot *snap, const struct snap_entry *entry)
{
	const struct snap_prog *prog = entry_prog(snap, entry);

	if (entry->name != NULL && *entry->name != '\0') {
		return entry->name;
	}
	if (prog != NULL && prog->name != NULL && *prog->name != '\0') {
		return prog->name;
	}
	return entry->kind != NULL ? entry->kind : "-";
}

const char *entry_vendor_name(struct arena *arena, const struct report *rep,
                              const struct snap_entry *entry, const char *name)
{
	const struct findings *f = rep->findings;
	const char *vendor = f != NULL && f->entry_vendors != NULL
	                             ? f->entry_vendors[entry - rep->snap->entries]
	                             : NULL;

	const struct snap_prog *prog = entry_prog(rep->snap, entry);

	if (vendor == NULL || name == NULL) {
		return name;
	}
	if (!rep->verbose && prog != NULL && prog->name != NULL && *prog->name != '\0') {
		name = prog->name; /* shorter than the filter's, which often repeats it */
	}
	return arena_printf(arena, "%s: %s", vendor, name);
}

const char *entry_handle(struct arena *arena, const struct snap_entry *entry)
{
	uint32_t handle = entry->handle;

	if (!text_eq(entry->kind, "u32") || handle == 0) {
		return arena_printf(arena, "0x%" PRIx32, handle);
	}

	/* linux/pkt_cls.h: 12 bits of table, 8 of bucket, 12 of node; tc leaves out a zero bucket.
	 */
	uint32_t bucket = handle >> 12 & 0xFF;
	uint32_t node = handle & 0xFFF;

	if (bucket == 0) {
		return arena_printf(arena, "%" PRIx32 "::%" PRIx32, handle >> 20, node);
	}
	return arena_printf(arena, "%" PRIx32 ":%" PRIx32 ":%" PRIx32, handle >> 20, bucket, node);
}

const char *entry_slot(struct arena *arena, const struct snap_entry *entry)
{
	char word[32];
	char chain[32] = "";
	char protocol[40] = "";

	if (!entry->is_filter) {
		return "-";
	}
	if (entry->protocol != ABI_ETH_P_ALL) {
		(void)snprintf(protocol, sizeof(protocol), " %s",
		               protocol_word(entry->protocol, word, sizeof(word)));
	}
	if (entry->chain != 0) {
		(void)snprintf(chain, sizeof(chain), " chain %" PRIu32, entry->chain);
	}
	if (entry->handle == 0) {
		return arena_printf(arena, "pref %" PRIu32 "%s%s", entry->pref, protocol, chain);
	}

	const char *handle = entry_handle(arena, entry);

	if (handle == NULL) {
		return NULL;
	}
	return arena_printf(arena, "pref %" PRIu32 " %s%s%s", entry->pref, handle, protocol, chain);
}

/** Append " word" or ", word" to a list under construction. */
static const char *list_add(struct arena *arena, const char *list, const char *item)
{
	if (list == NULL || item == NULL) {
		return NULL;
	}
	return arena_printf(arena, "%s%s%s", list, *list != '\0' ? ", " : "", item);
}

static const char *codes_text(struct arena *arena, uint32_t codes, bool exact)
{
	const char *list = "";

	if (codes == CODES_ALL || codes == 0) {
		return "returns unknown";
	}
	for (uint32_t code = 0; code < N_CODES; code++) {
		if ((codes & CODE_BIT(code)) != 0) {
			list = list_add(arena, list, code_word((enum code)code));
		}
	}
	if (list == NULL) {
		return NULL;
	}
	return arena_printf(arena, "returns %s%s", exact ? "" : "at most ", list);
}

/** The device that an action sends to, as its namespace names it. */
static const char *target_name(struct arena *arena, const struct snapshot *snap,
                               const struct snap_action *action)
{
	if (action->target_block != 0) {
		return arena_printf(arena, " to block %" PRIu32, action->target_block);
	}
	if (action->target_ifindex == 0) {
		return "";
	}

	const struct snap_hook *hook = &snap->hooks[snap->entries[action->entry].hook];
	const struct snap_link *link =
		snap_find_link(snap, snap->links[hook->link].netns, action->target_ifindex);

	if (link == NULL || link->name == NULL) {
		return arena_printf(arena, " to interface %" PRIu32, action->target_ifindex);
	}
	return arena_printf(arena, " to %s", link->name);
}

static const char *control_text(struct arena *arena, const struct snap_action *action)
{
	const char *word = act_control_word(action->control);

	if (action->control == ACT_JUMP || action->control == ACT_GOTO_CHAIN) {
		return arena_printf(arena, "%s %" PRIu32, word, action->control_arg);
	}
	return word;
}

static const char *action_text(struct arena *arena, const struct snapshot *snap,
                               const struct snap_action *action)
{
	const char *control = control_text(arena, action);
	const char *target = target_name(arena, snap, action);
	const char *kind = action->kind != NULL ? action->kind : "action";

	if (control == NULL || target == NULL) {
		return NULL;
	}
	if (action->op == NULL && *target == '\0') {
		return arena_printf(arena, "%s %s", kind, control);
	}
	return arena_printf(arena, "%s%s%s%s%s%s (%s)", kind, action->direction != NULL ? " " : "",
	                    action->direction != NULL ? action->direction : "",
	                    action->op != NULL ? " " : "", action->op != NULL ? action->op : "",
	                    target, control);
}

const char *entry_actions(struct arena *arena, const struct snapshot *snap,
                          const struct snap_entry *entry)
{
	const char *list = "";

	for (uint32_t i = 0; i < entry->n_actions && i < MAX_ACTIONS; i++) {
		const struct snap_action *action = &snap->actions[entry->first_action + i];

		list = list_add(arena, list, action_text(arena, snap, action));
	}
	if (entry->n_actions > MAX_ACTIONS && list != NULL) {
		list = arena_printf(arena, "%s and %" PRIu32 " more", list,
		                    entry->n_actions - MAX_ACTIONS);
	}
	return list;
}

const char *entry_does(struct arena *arena, const struct snapshot *snap,
                       const struct snap_entry *entry)
{
	const struct snap_prog *prog = entry_prog(snap, entry);
	const char *actions = entry_actions(arena, snap, entry);
	const char *codes = "";

	if (entry->is_filter && entry->handle == 0) {
		return "no filter in it, but the priority is taken";
	}
	if (prog != NULL) {
		codes = codes_text(arena, prog->returns.codes, prog->returns.exact);
	} else if (entry->classic != NULL) {
		codes = codes_text(arena, entry->classic_codes, true);
	} else if (entry->prog_id != 0) {
		codes = codes_text(arena, CODES_ALL, false);
	}
	if (codes == NULL || actions == NULL || *actions == '\0') {
		return actions == NULL ? NULL : codes;
	}
	return list_add(arena, codes, actions);
}
