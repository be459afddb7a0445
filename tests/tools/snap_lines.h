/* SPDX-License-Identifier: Apache-2.0 */
/**
 * snap_lines.h - a sealed snapshot as lines of text, for goldens of the netlink decoders.
 *
 * One line for each link, qdisc, hook, entry and action. nlrecord writes them of what it collected
 * live, test_decode of the replayed capture: both must be the same.
 */
#ifndef TCAUDIT_TESTS_SNAP_LINES_H
#define TCAUDIT_TESTS_SNAP_LINES_H

#include "model/snapshot.h"

#include <stdio.h>

/** Text with control characters and blanks written as \xNN; "-" for NULL. */
static inline void lines_text(FILE *out, const char *key, const char *text)
{
	(void)fprintf(out, " %s=", key);
	if (text == NULL) {
		(void)fputc('-', out);
		return;
	}
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte <= ' ' || byte == 0x7f) {
			(void)fprintf(out, "\\x%02x", byte);
		} else {
			(void)fputc(byte, out);
		}
	}
}

static inline void lines_action(FILE *out, const struct snap_action *a)
{
	(void)fprintf(out, "      action %u %s index=%u control=%s/%u", a->order, a->kind, a->index,
	              act_control_word(a->control), a->control_arg);
	lines_text(out, "op", a->op);
	lines_text(out, "direction", a->direction);
	(void)fprintf(out, " dev=%u block=%u prog=%u\n", a->target_ifindex, a->target_block,
	              a->prog_id);
}

static inline void lines_entry(FILE *out, const struct snapshot *snap, const struct snap_entry *e)
{
	static const char *const match[] = {"unknown", "some", "all"};
	char protocol[32];

	(void)fprintf(out, "    entry %u %s", e->order, e->kind);
	if (e->is_filter) {
		(void)fprintf(out, " pref=%u handle=0x%x chain=%u protocol=%s match=%s", e->pref,
		              e->handle, e->chain,
		              protocol_word(e->protocol, protocol, sizeof(protocol)),
		              match[e->match]);
	}
	(void)fprintf(out, "%s%s%s%s classid=0x%x", e->direct_action ? " da" : "",
	              e->skip_sw ? " skip_sw" : "", e->skip_hw ? " skip_hw" : "",
	              e->in_hw ? " in_hw" : "", e->classid);
	lines_text(out, "name", e->name);
	lines_text(out, "tag", e->tag);
	(void)fprintf(out, " prog=%u", e->prog_id);
	lines_text(out, "mode", e->mode);
	lines_text(out, "classic", e->classic);
	(void)fprintf(out, " codes=0x%x\n", e->classic_codes);
	for (uint32_t i = 0; i < e->n_actions; i++) {
		lines_action(out, &snap->actions[e->first_action + i]);
	}
}

static inline void lines_hook(FILE *out, const struct snapshot *snap, const struct snap_hook *h)
{
	char word[64];

	(void)fprintf(out, "  hook %s block=%u chains=", snap_hook_word(h, word, sizeof(word)),
	              h->block);
	for (uint32_t i = 0; i < h->n_chains; i++) {
		(void)fprintf(out, "%s%u", i > 0 ? "," : "", h->chains[i]);
	}
	(void)fputc('\n', out);
	for (uint32_t i = 0; i < h->n_entries; i++) {
		lines_entry(out, snap, &snap->entries[h->first_entry + i]);
	}
}

static inline void lines_link(FILE *out, const struct snapshot *snap, const struct snap_link *l)
{
	(void)fprintf(out, "link %u", l->ifindex);
	lines_text(out, "name", l->name);
	lines_text(out, "kind", l->kind);
	(void)fprintf(out, " %s master=%u lower=%u netnsid=%d", l->up ? "up" : "down", l->master,
	              l->lower_ifindex, l->netnsid);
	if (l->has_peer) {
		(void)fprintf(out, " peer=%u/%s", l->peer_ifindex,
		              l->peer_inode != 0 ? "here" : "elsewhere");
	}
	(void)fputc('\n', out);
	for (uint32_t i = 0; i < l->n_qdiscs; i++) {
		const struct snap_qdisc *q = &snap->qdiscs[l->first_qdisc + i];

		(void)fprintf(out, "  qdisc %s handle=%x:%x parent=%x:%x blocks=%u/%u\n", q->kind,
		              q->handle >> 16, q->handle & 0xffff, q->parent >> 16,
		              q->parent & 0xffff, q->ingress_block, q->egress_block);
	}
	for (uint32_t i = 0; i < l->n_hooks; i++) {
		lines_hook(out, snap, &snap->hooks[l->first_hook + i]);
	}
}

/** Everything of a sealed snapshot that came from netlink. */
static inline void lines_write(FILE *out, const struct snapshot *snap)
{
	for (uint32_t i = 0; i < snap->n_links; i++) {
		lines_link(out, snap, &snap->links[i]);
	}
	for (uint32_t i = 0; i < snap->n_gaps; i++) {
		(void)fprintf(out, "gap %s", snap->gaps[i].word);
		lines_text(out, "error", snap->gaps[i].error);
		(void)fputc('\n', out);
	}
}

#endif
