/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/link_text.h"

#include "model/abi.h"
#include "model/text.h"
#include "reports/entry_text.h"
#include "reports/lines.h"
#include "reports/spot.h"

#include <errno.h>
#include <inttypes.h>

/** Memory for the words of one entry. */
#define SCRATCH_BYTES ((size_t)1 << 20)

#define LINK_INDENT   2u
#define HOOK_INDENT   4u
#define ENTRY_INDENT  6u
#define ORDER_COLUMNS 5u
#define SLOT_COLUMNS  18u
#define KIND_COLUMNS  7u
#define TEXT_COLUMN   (ENTRY_INDENT + ORDER_COLUMNS + SLOT_COLUMNS + KIND_COLUMNS)

static void write_peer(const struct snapshot *snap, const struct snap_link *link, struct out *o)
{
	char label[SPOT_LABEL_BYTES];

	if (link->peer < snap->n_links) {
		const struct snap_link *peer = &snap->links[link->peer];
		const struct snap_netns *netns = &snap->netns[peer->netns];

		out_str(o, ", peer ");
		out_term(o, peer->name);
		if (peer->netns != link->netns) {
			out_str(o, " in ");
			out_term(o, snap_netns_label(netns, label, sizeof(label)));
		}
	} else if (link->has_peer) {
		out_fmt(o, ", peer is interface %" PRIu32 " of a namespace that was not read",
		        link->peer_ifindex);
	}
}

static void write_title(const struct snapshot *snap, const struct snap_link *link, struct out *o)
{
	const struct snap_link *master = NULL;

	if (link->master != 0) {
		master = snap_find_link(snap, link->netns, link->master);
	}
	lines_indent(o, LINK_INDENT);
	out_style(o, OUT_BOLD);
	out_term(o, link->name);
	out_style(o, OUT_PLAIN);
	out_fmt(o, "  %" PRIu32 ", ", link->ifindex);
	if (link->kind != NULL) {
		out_term(o, link->kind);
		out_str(o, ", ");
	}
	out_str(o, link->up ? "up" : "down");
	if (master != NULL) {
		out_str(o, ", port of ");
		out_term(o, master->name);
	}
	write_peer(snap, link, o);
	out_str(o, "\n");
}

static void write_qdisc(const struct snap_qdisc *qdisc, struct out *o)
{
	lines_indent(o, HOOK_INDENT);
	out_str(o, "qdisc ");
	out_term(o, qdisc->kind);
	out_fmt(o, " %" PRIx32 ":", qdisc->handle >> 16);
	if (qdisc->parent == ABI_H_ROOT) {
		out_str(o, " root");
	} else {
		out_fmt(o, " parent %" PRIx32 ":%" PRIx32, qdisc->parent >> 16,
		        qdisc->parent & 0xFFFF);
	}
	if (qdisc->ingress_block != 0) {
		out_fmt(o, ", ingress block %" PRIu32, qdisc->ingress_block);
	}
	if (qdisc->egress_block != 0) {
		out_fmt(o, ", egress block %" PRIu32, qdisc->egress_block);
	}
	out_str(o, "\n");
}

/** Flags and numbers that most entries do not have, each behind a comma. */
static const char *marks(struct arena *arena, const struct snap_entry *entry, bool verbose)
{
	const char *tag = verbose && entry->tag != NULL ? entry->tag : "";
	const char *class_id = "";
	const char *link_id = "";

	if (entry->classid != 0) {
		class_id = arena_printf(arena, ", class %" PRIx32 ":%" PRIx32, entry->classid >> 16,
		                        entry->classid & 0xFFFF);
	}
	if (entry->link_id != 0) {
		link_id = arena_printf(arena, ", link id %" PRIu32, entry->link_id);
	}
	if (class_id == NULL || link_id == NULL) {
		return NULL;
	}
	return arena_printf(arena, "%s%s%s%s%s%s%s%s%s%s%s", *tag != '\0' ? ", tag " : "", tag,
	                    link_id, entry->mode != NULL ? ", " : "",
	                    entry->mode != NULL ? entry->mode : "",
	                    entry->is_filter && entry->direct_action ? ", da" : "",
	                    entry->classic != NULL ? ", classic bytecode" : "",
	                    entry->skip_sw ? ", skip_sw" : "", entry->skip_hw ? ", skip_hw" : "",
	                    entry->in_hw ? ", in_hw" : "", class_id);
}

/** "name, id 231, da, returns ok": what follows slot and kind. */
static const char *describe(struct arena *arena, const struct report *rep,
                            const struct snap_entry *entry)
{
	const char *name = entry_name(rep->snap, entry);
	const char *does = entry_does(arena, rep->snap, entry);
	const char *more = marks(arena, entry, rep->verbose);
	const char *id = "";

	if (text_eq(name, entry->kind)) {
		name = "";
	}
	if (entry->prog_id != 0) {
		id = arena_printf(arena, ", id %" PRIu32, entry->prog_id);
	}
	if (does == NULL || more == NULL || id == NULL) {
		return NULL;
	}

	const char *all =
		arena_printf(arena, "%s%s%s%s%s", name, id, more, *does != '\0' ? ", " : "", does);

	/* Without a name the list begins with its comma. */
	return all != NULL && text_starts(all, ", ") ? all + 2 : all;
}

/** The slot with the protocol always named. */
static const char *whole_slot(struct arena *arena, const struct snap_entry *entry)
{
	const char *slot = entry_slot(arena, entry);

	if (slot == NULL || !entry->is_filter || entry->protocol != ABI_ETH_P_ALL) {
		return slot;
	}
	return arena_printf(arena, "%s all", slot);
}

static void write_entry(const struct report *rep, const struct snap_entry *entry, struct out *o)
{
	struct arena arena = {0};
	const char *slot;
	const char *text;

	arena_init(&arena, SCRATCH_BYTES);
	slot = whole_slot(&arena, entry);
	text = describe(&arena, rep, entry);
	if (slot == NULL || text == NULL) {
		o->error = o->error == 0 ? -ENOMEM : o->error;
		arena_done(&arena);
		return;
	}
	lines_indent(o, ENTRY_INDENT);
	out_fmt(o, "%3" PRIu32 "  ", entry->order + 1);
	if (text_columns(slot) >= SLOT_COLUMNS) {
		lines_pad(o, slot, 0);
		out_str(o, "  ");
	} else {
		lines_pad(o, slot, SLOT_COLUMNS);
	}
	if (*text != '\0') {
		lines_pad(o, entry->kind, KIND_COLUMNS - 1);
		out_str(o, " ");
		lines_wrap(o, TEXT_COLUMN, lines_width(rep), text);
	} else {
		out_term(o, entry->kind);
		out_str(o, "\n");
	}
	if (rep->verbose && rep->classic != NULL && entry->classic != NULL) {
		rep->classic(entry->classic, TEXT_COLUMN, o);
	}
	arena_done(&arena);
}

static void write_hook(const struct report *rep, const struct snap_hook *hook, struct out *o)
{
	char word[SPOT_WORD_BYTES];

	lines_indent(o, HOOK_INDENT);
	out_str(o, snap_hook_word(hook, word, sizeof(word)));
	if (hook->block != 0) {
		out_fmt(o, ", shared block %" PRIu32, hook->block);
	}
	if (hook->has_revision && rep->verbose) {
		out_fmt(o, ", revision %" PRIu64, hook->revision);
	}
	if (hook->n_entries == 0) {
		out_str(o, ": empty");
	}
	out_str(o, "\n");
	for (uint32_t i = 0; i < hook->n_entries; i++) {
		write_entry(rep, &rep->snap->entries[hook->first_entry + i], o);
	}
}

void link_write(const struct report *rep, const struct snap_link *link, struct out *o)
{
	const struct snapshot *snap = rep->snap;

	write_title(snap, link, o);
	for (uint32_t i = 0; rep->verbose && i < link->n_qdiscs; i++) {
		write_qdisc(&snap->qdiscs[link->first_qdisc + i], o);
	}
	for (uint32_t i = 0; i < link->n_hooks; i++) {
		write_hook(rep, &snap->hooks[link->first_hook + i], o);
	}
}
