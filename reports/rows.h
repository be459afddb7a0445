/* SPDX-License-Identifier: Apache-2.0 */
/**
 * rows.h - what packets meet on one link, in order, with the Agent's own place among it.
 *
 * Built from the effects that the analyzer computed; used by the drawing of the text report.
 */
#ifndef TCAUDIT_REPORTS_ROWS_H
#define TCAUDIT_REPORTS_ROWS_H

#include "model/arena.h"
#include "reports/report.h"

/** The two ways through a link. */
enum way {
	WAY_RECEIVE, /**< netkit programs of the sender, XDP, TCX, clsact or ingress. */
	WAY_SEND,    /**< TCX, clsact, the qdisc's own filters, netkit programs of the sender. */
};
#define N_WAYS (WAY_SEND + 1)

/** What the Agent's classifier has of its place. */
enum outlook {
	OUTLOOK_SEES,   /**< Every packet that was granted before comes here. */
	OUTLOOK_UNSURE, /**< Row "by" may end packets first. */
	OUTLOOK_HIDDEN, /**< Row "by" ends packets first. */
	OUTLOOK_TAKEN,  /**< Cannot attach: row "by" holds the priority with another kind. */
	OUTLOOK_SHARED, /**< Row "by" is a bpf filter on the same priority. */
	OUTLOOK_BLOCK,  /**< Cannot attach: the hook is a shared block. */
	OUTLOOK_NO_WAY, /**< An ingress qdisc holds clsact's place; nothing runs on send. */
};

/** One line of the drawing. */
struct row {
	enum way way;
	uint32_t position;              /**< From 1 within its way. */
	const struct snap_hook *hook;   /**< NULL: a clsact that the Agent would add. */
	const struct snap_entry *entry; /**< NULL: where the Agent would attach. */
	enum effect effect;             /**< Of the entry. */
	bool agent;                     /**< The Agent's own filter, or its place. */
	enum outlook outlook;           /**< When agent. */
	uint32_t by;                    /**< Position of the row that the outlook names. */
};

struct rows {
	struct row *row;
	uint32_t n;
	uint32_t n_way[N_WAYS];     /**< Rows of each way. */
	uint32_t n_foreign[N_WAYS]; /**< What is not the Agent's: entries, blocks, qdiscs. */
};

/**
 * List the rows of a link, receive before send. Without any entry on a way it has no rows.
 *
 * @return 0, or -ENOMEM at the limit of @p arena, which owns the rows.
 */
ATTR_MUSTUSE int rows_of_link(const struct report *rep, const struct snap_link *link,
                              struct arena *arena, struct rows *ret_rows);

#endif
