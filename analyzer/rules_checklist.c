/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/rule_rows.h"

#include "analyzer/agent.h"
#include "analyzer/context.h"
#include "analyzer/describe.h"
#include "analyzer/emit.h"
#include "analyzer/order.h"
#include "analyzer/outcome.h"
#include "analyzer/rule_parts.h"

#include <errno.h>
#include <stddef.h>

static const char link_cls_bpf[] =
	"https://github.com/torvalds/linux/blob/master/net/sched/cls_bpf.c";
static const char link_handle[] = "https://github.com/DataDog/datadog-agent/pull/30994";

static const char *const ender_links[] = {RULE_LINK_DOCS, link_cls_bpf, RULE_LINK_TC_BPF, NULL};
static const char *const shared_links[] = {RULE_LINK_DOCS, link_cls_bpf, RULE_LINK_RACE, NULL};
static const char *const refused_links[] = {RULE_LINK_DOCS, RULE_LINK_CLS_API, NULL};
static const char *const handle_links[] = {link_handle, link_cls_bpf, NULL};

/** Does it end packets itself? One that leaves by goto is TC207's, one that never runs nobody's. */
static bool is_ending_program(const struct context *ctx, uint32_t entry)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	enum effect effect = ctx->effects[entry];

	if (!order_is_rival(ctx, entry) || !outcome_is_bpf(row) || ctx->shadowed[entry] ||
	    (effect != EFFECT_ENDS && effect != EFFECT_MAY_END)) {
		return false;
	}
	return (outcome_of(ctx->snap, row).set & OUTCOME_GOTO) == 0;
}

/** What an ending filter means for an Agent at the same priority or behind. */
static const char *consequence(const struct context *ctx, uint32_t entry, struct arena *arena)
{
	bool proven = ctx->effects[entry] == EFFECT_ENDS;

	if (ctx->snap->entries[entry].pref == ctx->priority) {
		return arena_printf(arena,
		                    "so the Agent at the same priority %u %s what it lets through "
		                    "whenever that filter is the newer one%s",
		                    ctx->priority, proven ? "misses" : "may miss",
		                    proven ? "" : ": caution, not proof");
	}
	return arena_printf(arena, "so the Agent at priority %u %s what it lets through%s",
	                    ctx->priority, proven ? "never sees" : "may not see",
	                    proven ? "" : ": caution, not proof");
}

static const char *remedy_in_front(const struct context *ctx, uint32_t pref, struct arena *arena)
{
	uint32_t advice = ctx->advice->priority;

	if (pref == 1) {
		return arena_printf(arena,
		                    "No priority is below 1. Move the other software to a higher "
		                    "priority, or let it return TC_ACT_UNSPEC for packets it "
		                    "grants; the Agent then fits in front or behind.");
	}
	if (advice != 0 && advice < pref) {
		return arena_printf(
			arena,
			"Set event_monitoring_config.network.classifier_priority to %u, which "
			"runs in front of it and is the best value for the whole node.",
			advice);
	}
	return arena_printf(arena,
	                    "A classifier_priority below %u (never 0) would run in front of this "
	                    "filter, but helps the node as a whole only together with the other "
	                    "findings; or let the other software return TC_ACT_UNSPEC.",
	                    pref);
}

static int report_ender(const struct rule *rule, const struct context *ctx, uint32_t entry,
                        struct findings *out)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	enum severity severity = ctx->effects[entry] == EFFECT_ENDS ? SEV_FAIL : SEV_WARN;
	struct subject subject = emit_about_entry(ctx, entry);
	struct told told;
	int r = emit_about(ctx, rule, severity, &subject, out, &told);

	if (r <= 0) {
		return r;
	}

	const char *ending = describe_ending(ctx, entry, &out->arena);
	const char *so = consequence(ctx, entry, &out->arena);

	if (ending == NULL || so == NULL) {
		return -ENOMEM;
	}
	told.row->message =
		arena_printf(&out->arena, "%s: %s %s, %s", told.where, told.what, ending, so);
	told.row->remedy = remedy_in_front(ctx, row->pref, &out->arena);
	r = emit_check(told.row);
	return r < 0 ? r : emit_entry_evidence(ctx, entry, out, told.row);
}

static int report_enders(const struct rule *rule, const struct context *ctx, struct findings *out,
                         uint32_t low, uint32_t high)
{
	for (uint32_t i = 0; i < ctx->snap->n_entries; i++) {
		uint32_t pref = ctx->snap->entries[i].pref;

		if (pref < low || pref > high || !is_ending_program(ctx, i)) {
			continue;
		}

		int r = report_ender(rule, ctx, i, out);

		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int check_blocked_at_1(const struct rule *rule, const struct context *ctx,
                              struct findings *out)
{
	return report_enders(rule, ctx, out, 1, 1);
}

static int check_blocked_in_front(const struct rule *rule, const struct context *ctx,
                                  struct findings *out)
{
	return report_enders(rule, ctx, out, 2, ctx->priority);
}

/** Write a finding about one filter that is in the way by being there. */
static int report_occupant(const struct rule *rule, const struct context *ctx, uint32_t entry,
                           const char *means, struct findings *out)
{
	struct subject subject = emit_about_entry(ctx, entry);
	struct told told;
	int r = emit_about(ctx, rule, rule->severity, &subject, out, &told);

	if (r <= 0) {
		return r;
	}
	told.row->message =
		arena_printf(&out->arena, "%s: %s holds the Agent's own priority %u, %s",
	                     told.where, told.what, ctx->priority, means);
	if (ctx->advice->priority != 0) {
		told.row->remedy = arena_printf(
			&out->arena,
			"Set event_monitoring_config.network.classifier_priority to %u, the best "
			"value for the whole node.",
			ctx->advice->priority);
	}
	r = emit_check(told.row);
	return r < 0 ? r : emit_entry_evidence(ctx, entry, out, told.row);
}

static int report_occupants(const struct rule *rule, const struct context *ctx, bool refused,
                            const char *means, struct findings *out)
{
	for (uint32_t i = 0; i < ctx->snap->n_entries; i++) {
		const struct snap_entry *row = &ctx->snap->entries[i];

		if (row->pref != ctx->priority || !order_is_rival(ctx, i) ||
		    order_refuses_agent(row) != refused) {
			continue;
		}

		int r = report_occupant(rule, ctx, i, means, out);

		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int check_priority_shared(const struct rule *rule, const struct context *ctx,
                                 struct findings *out)
{
	return report_occupants(rule, ctx, false,
	                        "where the newest filter runs first and slots get overwritten",
	                        out);
}

static int check_priority_refused(const struct rule *rule, const struct context *ctx,
                                  struct findings *out)
{
	return report_occupants(rule, ctx, true,
	                        "so the kernel refuses the Agent's filter there (EINVAL)", out);
}

static const char *const handle_keys[] = {"network.classifier_handle",
                                          "network.raw_classifier_handle"};

static int report_handle(const struct rule *rule, const struct context *ctx, uint32_t entry,
                         const char *key, struct findings *out)
{
	struct subject subject = emit_about_entry(ctx, entry);
	struct told told;
	int r = emit_about(ctx, rule, rule->severity, &subject, out, &told);

	if (r <= 0) {
		return r;
	}
	told.row->message =
		arena_printf(&out->arena,
	                     "%s: %s has the handle that %s gives to the Agent, so its filter "
	                     "is refused there (EEXIST)",
	                     told.where, told.what, key);
	r = emit_check(told.row);
	if (r == 0) {
		r = emit_evidence(out, told.row, "setting", key);
	}
	return r < 0 ? r : emit_entry_evidence(ctx, entry, out, told.row);
}

static int check_handle(const struct rule *rule, const struct context *ctx, const char *key,
                        struct findings *out)
{
	enum priority_source source = PRIORITY_DEFAULT;
	uint32_t handle = 0;
	struct release version;
	bool known = agent_release(ctx->snap, ctx->opts, &version);

	if (!agent_number(ctx->snap, known ? &version : NULL, key, &handle, &source) ||
	    handle == 0) {
		return 0;
	}
	for (uint32_t i = 0; i < ctx->snap->n_entries; i++) {
		const struct snap_entry *row = &ctx->snap->entries[i];

		if (row->pref != ctx->priority || row->handle != handle ||
		    !order_is_rival(ctx, i) || order_refuses_agent(row)) {
			continue;
		}

		int r = report_handle(rule, ctx, i, key, out);

		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int check_handle_taken(const struct rule *rule, const struct context *ctx,
                              struct findings *out)
{
	int r = 0;

	for (size_t i = 0; i < COUNT_OF(handle_keys) && r == 0; i++) {
		r = check_handle(rule, ctx, handle_keys[i], out);
	}
	return r;
}

const struct rule rule_blocked_at_1 = {
	.code = "TC101",
	.name = "blocked-at-priority-1",
	.group = "checklist",
	.severity = SEV_FAIL,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_blocked_at_1,
	.title = "A program at priority 1 ends the chain before the Agent",
	.seen = "A bpf filter of other software holds priority 1 in chain 0 and returns a code "
		"that "
		"ends classification for packets it lets through.",
	.matters = "Whatever priority the Agent is given, it runs behind. On these interfaces its "
		   "network detections see nothing, and a network isolation action has no effect.",
	.fact = "In direct-action mode OK, STOLEN, TRAP and REDIRECT are final "
		"(cls_bpf_exec_opcode() in net/sched/cls_bpf.c); chain 0 runs in ascending order "
		"of priority, which starts at 1. The Agent reads 0 as 50, so 0 is not a way in "
		"front.",
	.fix = "Give the other software a higher priority (Cilium: bpf-filter-priority), or let it "
	       "return TC_ACT_UNSPEC for packets it grants.",
	.safe = "When network detections are not wanted on these interfaces.",
	.links = ender_links,
};

const struct rule rule_blocked_in_front = {
	.code = "TC102",
	.name = "blocked-in-front",
	.group = "checklist",
	.severity = SEV_FAIL,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_blocked_in_front,
	.title = "A program between priority 2 and the Agent's ends the chain",
	.seen = "A bpf filter of other software at or below the Agent's priority returns a code "
		"that "
		"ends classification for packets it lets through.",
	.matters = "The Agent's classifier is attached and never reached: detections are silent "
		   "without any error. Where the codes are not proven, this is a caution.",
	.fact = "Lower priorities run first. Only UNSPEC and codes the kernel does not know go on "
		"to "
		"the next filter (net/sched/cls_bpf.c). Of several filters at one priority the "
		"newest runs first.",
	.fix = "Set event_monitoring_config.network.classifier_priority to a value strictly below "
	       "the other filter's, and never to 0.",
	.safe = "When the codes are not proven and the other software is known to return "
		"TC_ACT_UNSPEC for packets it grants.",
	.links = ender_links,
};

const struct rule rule_priority_shared = {
	.code = "TC103",
	.name = "priority-shared",
	.group = "checklist",
	.severity = SEV_WARN,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_priority_shared,
	.title = "A foreign bpf filter stands on the Agent's own priority",
	.seen = "Another bpf filter for all protocols has the priority that the Agent uses.",
	.matters = "Who runs first depends on who attached last, and software that replaces or "
		   "deletes by priority and handle can hit the other's filter. Pods lost their "
		   "network that way in 2022.",
	.fact = "Filters of one priority are one list. A new handle goes to its head; deleting a "
		"priority without a handle removes all of them (cls_bpf_change() in "
		"net/sched/cls_bpf.c).",
	.fix = "Give the Agent a priority of its own.",
	.safe = "When the other filter goes on for every packet and its owner always names its own "
		"handle.",
	.links = shared_links,
};

const struct rule rule_priority_refused = {
	.code = "TC104",
	.name = "priority-refused",
	.group = "checklist",
	.severity = SEV_FAIL,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_priority_refused,
	.title = "The Agent's priority is held by another kind or protocol",
	.seen = "A filter of another kind, or a bpf filter for one protocol, has the priority that "
		"the Agent uses; it may even be a priority that is held with no filter in it.",
	.matters = "The Agent's classifier cannot be attached on this interface; it does not try "
		   "another priority.",
	.fact = "One priority of a chain has one kind and one protocol. Anything else is refused "
		"with EINVAL (tcf_chain_tp_find() and tc_new_tfilter() in net/sched/cls_api.c).",
	.fix = "Give the Agent a priority that no other kind of filter holds on any interface.",
	.safe = "Never, as long as the interface matters.",
	.links = refused_links,
};

const struct rule rule_handle_taken = {
	.code = "TC105",
	.name = "handle-taken",
	.group = "checklist",
	.severity = SEV_FAIL,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_handle_taken,
	.title = "The Agent's explicit handle is in use",
	.seen = "The Agent's settings name a handle, and a foreign filter has it at the same "
		"priority.",
	.matters = "The Agent's classifier cannot be attached on this interface.",
	.fact = "The Agent creates its filter exclusively, so a handle that exists gives EEXIST. "
		"With "
		"handle 0, its default, the kernel chooses a free one.",
	.fix = "Remove classifier_handle and raw_classifier_handle from the Agent's settings (0 "
	       "lets "
	       "the kernel choose), or give the Agent a priority of its own.",
	.safe = "Never, as long as the interface matters.",
	.links = handle_links,
};
