/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/describe.h"

#include "analyzer/outcome.h"
#include "analyzer/vendors.h"
#include "model/abi.h"
#include "model/text.h"

#include <string.h>

/** Enough for what a person reads; the rest is counted. */
#define MAX_ACTIONS_SHOWN 8u

/** Longest label of a namespace or a hook. */
#define LABEL_BYTES 512

/** Length of @p text without ":[digits]" at its end. */
static size_t without_program_id(const char *text, size_t len)
{
	size_t at = len;

	if (len == 0 || text[len - 1] != ']') {
		return len;
	}
	at--;
	while (at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9') {
		at--;
	}
	if (at + 1 == len || at < 2 || text[at - 1] != '[' || text[at - 2] != ':') {
		return len;
	}
	return at - 2;
}

/** Length of @p text without "-device" at its end. */
static size_t without_device(const char *text, size_t len, const char *device)
{
	size_t device_len = device != NULL ? strlen(device) : 0;

	if (device_len == 0 || len <= device_len + 1 || text[len - device_len - 1] != '-' ||
	    memcmp(text + len - device_len, device, device_len) != 0) {
		return len;
	}
	return len - device_len - 1;
}

struct slice describe_name(const struct snapshot *snap, const struct snap_entry *entry)
{
	const struct snap_prog *prog =
		entry->prog_id != 0 ? snap_find_prog(snap, entry->prog_id) : NULL;

	if (prog != NULL && prog->name != NULL && prog->name[0] != '\0') {
		return (struct slice){prog->name, strlen(prog->name)};
	}
	if (entry->name == NULL || entry->name[0] == '\0') {
		return (struct slice){NULL, 0};
	}

	uint32_t link = snap->hooks[entry->hook].link;
	size_t len = without_program_id(entry->name, strlen(entry->name));

	len = without_device(entry->name, len, snap->links[link].name);
	return (struct slice){entry->name, len};
}

const char *describe_actor(const struct snapshot *snap, const struct snap_entry *entry,
                           struct arena *arena)
{
	struct slice name = describe_name(snap, entry);

	if (!outcome_is_bpf(entry)) {
		return arena_printf(arena, "%s filter", entry->kind != NULL ? entry->kind : "?");
	}
	if (name.text != NULL) {
		return arena_strndup(arena, name.text, name.len);
	}
	if (entry->prog_id == 0 && entry->classic != NULL) {
		return arena_printf(arena, "classic bytecode");
	}
	if (entry->is_filter && entry->handle == 0) {
		return arena_printf(arena, "held priority");
	}
	return arena_printf(arena, "nameless program");
}

const char *describe_entry(const struct snapshot *snap, const struct snap_entry *entry,
                           struct arena *arena)
{
	return describe_entry_of(snap, entry, NULL, arena);
}

const char *describe_entry_of(const struct snapshot *snap, const struct snap_entry *entry,
                              const char *vendor, struct arena *arena)
{
	const char *actor = describe_actor(snap, entry, arena);
	char word[LABEL_BYTES];
	const char *protocol = "";
	const char *program = "";

	if (entry->is_filter && entry->protocol != ABI_ETH_P_ALL) {
		protocol = arena_printf(arena, ", protocol %s",
		                        protocol_word(entry->protocol, word, sizeof(word)));
	}
	if (entry->prog_id != 0) {
		program = arena_printf(arena, ", program %u", entry->prog_id);
	}
	if (actor == NULL || protocol == NULL || program == NULL) {
		return NULL;
	}
	const char *of = vendor != NULL ? vendor : "";
	const char *comma = vendor != NULL ? ", " : "";

	if (!entry->is_filter) {
		return arena_printf(arena, "%s (%s%sposition %u%s)", actor, of, comma, entry->order,
		                    program);
	}
	return arena_printf(arena, "%s (%s%spref %u, handle 0x%x%s%s)", actor, of, comma,
	                    entry->pref, entry->handle, protocol, program);
}

const char *describe_link(const struct snapshot *snap, uint32_t link, struct arena *arena)
{
	const struct snap_link *row = &snap->links[link];
	char netns[LABEL_BYTES];

	return arena_printf(arena, "%s in %s", row->name,
	                    snap_netns_label(&snap->netns[row->netns], netns, sizeof(netns)));
}

const char *describe_hook(const struct snapshot *snap, uint32_t hook, struct arena *arena)
{
	const struct snap_hook *row = &snap->hooks[hook];
	const char *link = describe_link(snap, row->link, arena);
	char word[LABEL_BYTES];

	if (link == NULL) {
		return NULL;
	}
	return arena_printf(arena, "%s, %s", link, snap_hook_word(row, word, sizeof(word)));
}

const char *describe_codes(uint32_t codes, const char *joint, struct arena *arena)
{
	const char *text = NULL;

	for (unsigned int code = 0; code < N_CODES; code++) {
		if ((codes & CODE_BIT(code)) == 0) {
			continue;
		}
		text = arena_printf(arena, "%s%s%s", text != NULL ? text : "",
		                    text != NULL ? joint : "", code_word((enum code)code));
		if (text == NULL) {
			return NULL;
		}
	}
	return text != NULL ? text : "none";
}

static const char *describe_action(const struct snap_action *action, const char *before,
                                   struct arena *arena)
{
	return arena_printf(arena, "%s%s%s%s%s %s", before, before[0] != '\0' ? ", " : "",
	                    action->kind != NULL ? action->kind : "?",
	                    action->op != NULL ? " " : "", action->op != NULL ? action->op : "",
	                    act_control_word(action->control));
}

const char *describe_actions(const struct snapshot *snap, const struct snap_entry *entry,
                             struct arena *arena)
{
	uint32_t shown =
		entry->n_actions < MAX_ACTIONS_SHOWN ? entry->n_actions : MAX_ACTIONS_SHOWN;
	const char *text = "";

	if (entry->n_actions == 0) {
		return "none";
	}
	for (uint32_t i = 0; i < shown && text != NULL; i++) {
		text = describe_action(&snap->actions[entry->first_action + i], text, arena);
	}
	if (text != NULL && shown < entry->n_actions) {
		text = arena_printf(arena, "%s and %u more", text, entry->n_actions - shown);
	}
	return text;
}

/** A direct-action program, or one on a hook that knows nothing else. */
static const char *describe_program_ending(const struct snapshot *snap,
                                           const struct snap_entry *entry, bool proven,
                                           struct arena *arena)
{
	struct snap_returns returns = outcome_returns(snap, entry);
	const char *reason = returns.reason != NULL ? returns.reason : "its codes are not proven";
	const char *codes = describe_codes(outcome_ending_codes(snap, entry), " or ", arena);

	if (codes == NULL) {
		return NULL;
	}
	if (proven) {
		return arena_printf(arena, "returns %s", codes);
	}
	if (returns.codes == CODES_ALL) {
		return arena_printf(arena, "has unknown return codes (%s)", reason);
	}
	return arena_printf(arena, "may return %s (%s)", codes, reason);
}

/** What the vendor table says, where the instructions prove nothing. */
static const char *describe_known_ending(const struct context *ctx, uint32_t entry,
                                         struct arena *arena)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	struct snap_returns returns = outcome_returns(ctx->snap, row);
	uint32_t claimed = 0;
	const char *codes = NULL;

	if (vendors_returns(ctx->who, ctx->snap, entry, &claimed)) {
		codes = describe_codes(outcome_granted_codes(ctx->snap, row, claimed), " or ",
		                       arena);
	}
	return codes == NULL
	               ? NULL
	               : arena_printf(arena, "is known to return %s (its instructions: %s)", codes,
	                              returns.reason != NULL ? returns.reason : "not proven");
}

const char *describe_ending(const struct context *ctx, uint32_t index, struct arena *arena)
{
	const struct snapshot *snap = ctx->snap;
	const struct snap_entry *entry = &snap->entries[index];

	if (ctx->by_table != NULL && ctx->by_table[index]) {
		return describe_known_ending(ctx, index, arena);
	}

	struct outcome outcome = outcome_of(snap, entry);
	bool proven = outcome_effect(&outcome) == EFFECT_ENDS;

	if (outcome_is_bpf(entry) && (!entry->is_filter || entry->direct_action)) {
		return describe_program_ending(snap, entry, proven, arena);
	}

	const char *actions = describe_actions(snap, entry, arena);

	if (actions == NULL) {
		return NULL;
	}
	return arena_printf(arena, "%s what it matches (%sactions: %s)",
	                    proven ? "ends" : "may end",
	                    outcome_is_bpf(entry) ? "not direct-action, " : "", actions);
}
