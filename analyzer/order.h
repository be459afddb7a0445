/* SPDX-License-Identifier: Apache-2.0 */
/**
 * order.h - in which order entries run, and what the Agent sees behind them.
 *
 * The model is the kernel's: sch_handle_ingress() and sch_handle_egress() in net/core/dev.c,
 * __tcf_classify() in net/sched/cls_api.c, netkit_xmit() in drivers/net/netkit.c.
 */
#ifndef TCAUDIT_ANALYZER_ORDER_H
#define TCAUDIT_ANALYZER_ORDER_H

#include "analyzer/context.h"
#include "model/attrs.h"
#include "model/findings.h"

#include <stdbool.h>
#include <stdint.h>

/** The Agent attaches once in each direction of each link. */
enum direction {
	DIR_RECEIVE,
	DIR_SEND,
};
#define N_DIRECTIONS (DIR_SEND + 1)

/** What decides what the Agent sees. */
enum cause {
	CAUSE_NONE,
	CAUSE_NETKIT,  /**< A program in front of the receive hooks. */
	CAUSE_TCX,     /**< A program in front of clsact. */
	CAUSE_BLOCK,   /**< A shared block refuses filters added through the device. */
	CAUSE_QDISC,   /**< An `ingress` qdisc in clsact's place: there is no send side. */
	CAUSE_REFUSED, /**< The priority belongs to another kind or protocol: EINVAL. */
	CAUSE_FILTER,  /**< A filter in front, or at the same priority. */
	CAUSE_TIED,    /**< A foreign bpf filter at the same priority: fragile order. */
};

/** Hooks that one packet can meet, in the order of execution; SNAP_NONE for those not there. */
struct lane {
	uint32_t link;
	enum direction direction;
	uint32_t netkit; /**< Runs before the receive hooks; may hang on the other end. */
	uint32_t xdp;
	uint32_t tcx;
	uint32_t filters;    /**< clsact or `ingress`; SNAP_NONE: the Agent will add a clsact. */
	bool wrong_qdisc;    /**< Send, and an `ingress` qdisc holds clsact's place. */
	uint32_t qdisc_hook; /**< With wrong_qdisc: hook of that qdisc. */
};

/** What the Agent sees with one priority on one lane. */
struct sighting {
	enum sight sight;
	enum cause cause; /**< The first of the worst, in order of execution. */
	uint32_t hook;    /**< Where it is, or SNAP_NONE. */
	uint32_t entry;   /**< The entry that decides, or SNAP_NONE. */
};

/** One station of a packet. */
struct step {
	uint32_t hook;  /**< SNAP_NONE: the clsact that the Agent will add. */
	uint32_t entry; /**< SNAP_NONE: the Agent's position. */
	enum effect effect;
	bool agent; /**< Here stands the Agent with the priority in question. */
};

/** Called for each station in order. */
typedef void step_fn(void *data, const struct step *step);

/** The hooks of one direction of a link. Needs ctx->snap and ctx->netkit_before. */
struct lane order_lane(const struct context *ctx, uint32_t link, enum direction direction);

/**
 * Follow a packet that every program grants, with the Agent at @p priority.
 *
 * XDP is a station but decides nothing: what it takes away never becomes a packet of tc. Behind
 * filters of one priority the newest runs first, so the Agent's place among equals is not safe: it
 * counts as behind them.
 *
 * @param visit may be NULL.
 */
struct sighting order_walk(const struct context *ctx, const struct lane *lane, uint32_t priority,
                           step_fn *visit, void *data);

/** The lane of a hook of clsact's place, or of its entries. */
struct lane order_lane_of(const struct context *ctx, uint32_t hook);

/**
 * What reaches one filter of a lane: the first of the worst in front of it, by position.
 *
 * @param entry of chain 0 in lane->filters.
 */
struct sighting order_reach(const struct context *ctx, const struct lane *lane, uint32_t entry);

/**
 * For each link the netkit hook whose programs run before its receive hooks: netkit/peer of a
 * primary for itself, netkit/primary for its other end.
 *
 * @param ret_hook one for each link, set to the hook's index or SNAP_NONE.
 */
void order_netkit_before(const struct snapshot *snap, uint32_t *ret_hook);

/**
 * Mark entries that no packet reaches although nothing in front ends a granted one: something
 * drops them all, or a TCX or netkit program always leaves its list. What never runs constrains
 * nobody. Needs everything in @p ctx up to own.
 *
 * @param ret_shadowed one for each entry, all false before.
 */
void order_shadows(const struct context *ctx, bool *ret_shadowed);

/**
 * Would the kernel refuse the Agent's filter at the priority of @p entry? One (chain, priority) has
 * one kind and one protocol. kernel: tcf_chain_tp_find() and tc_new_tfilter(), net/sched/cls_api.c.
 */
bool order_refuses_agent(const struct snap_entry *entry);

/** Does the hook hold filters of clsact's place? */
bool order_is_agent_hook(enum hook_type type);

/** Is it a filter of somebody else in the chain that the Agent joins? */
bool order_is_rival(const struct context *ctx, uint32_t entry);

/** Is it one of the Agent's filters, where its filters belong? */
bool order_is_agents(const struct context *ctx, uint32_t entry);

#endif
