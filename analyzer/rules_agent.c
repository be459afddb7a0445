/* SPDX-License-Identifier: Apache-2.0 */
/* The Agent's own filters: reached, missing, stale, doubled, or in somebody's way. */
#include "analyzer/rule_rows.h"

#include "analyzer/agent.h"
#include "analyzer/context.h"
#include "analyzer/describe.h"
#include "analyzer/emit.h"
#include "analyzer/order.h"
#include "analyzer/outcome.h"
#include "analyzer/rule_parts.h"
#include "model/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/** comm of the process that attaches the filters. */
static const char agent_process[] = "system-probe";

static const char link_resolver[] = "https://github.com/DataDog/datadog-agent/blob/main/pkg/"
				    "security/resolvers/netns/resolver.go";
static const char link_manager[] = "https://github.com/DataDog/ebpf-manager/blob/main/tc.go";
static const char link_orphans[] = "https://github.com/DataDog/datadog-agent/pull/20026";
static const char link_isolation[] = "https://github.com/DataDog/datadog-agent/pull/39066";
static const char link_unspec[] = "https://github.com/DataDog/datadog-agent/pull/38078";

static const char *const unreached_links[] = {RULE_LINK_DOCS, RULE_LINK_TCX_ISSUE, NULL};
static const char *const missing_links[] = {link_resolver, link_manager, NULL};
static const char *const stale_links[] = {link_manager, link_orphans, NULL};
static const char *const ends_links[] = {link_isolation, link_unspec, NULL};

/** Does a process run that could attach? What an Agent that is gone left is no alarm. */
static bool agent_runs(const struct context *ctx)
{
	for (uint32_t i = 0; i < ctx->snap->n_processes; i++) {
		if (text_eq(ctx->snap->processes[i].comm, agent_process)) {
			return true;
		}
	}
	return false;
}

/* --- TC301 --------------------------------------------------------------------------------- */

static int report_unreached(const struct rule *rule, const struct context *ctx, uint32_t entry,
                            const struct sighting *seen, struct findings *out)
{
	const struct snap_entry *blocker = &ctx->snap->entries[seen->entry];
	bool blind = seen->sight == SIGHT_BLIND;
	struct subject subject = emit_about_entry(ctx, entry);
	struct slice name = describe_name(ctx->snap, blocker);
	struct told told;

	/* Two filters hidden by two programs are two findings. */
	subject.kind = name.text != NULL ? arena_strndup(ctx->scratch, name.text, name.len) : "";
	if (subject.kind == NULL) {
		return -ENOMEM;
	}

	int r = emit_about(ctx, rule, blind ? SEV_FAIL : SEV_WARN, &subject, out, &told);

	if (r <= 0) {
		return r;
	}

	const char *what = describe_entry(ctx->snap, blocker, &out->arena);
	const char *ending = describe_ending(ctx, seen->entry, &out->arena);

	if (what == NULL || ending == NULL) {
		return -ENOMEM;
	}
	told.row->message = arena_printf(
		&out->arena, "%s: the Agent's %s is attached and %s: %s %s in front of it%s",
		told.where, told.what,
		blind ? "never reached by packets that are let through" : "may not be reached",
		what, ending, blind ? "" : ": caution, not proof");
	r = emit_check(told.row);
	if (r == 0) {
		r = emit_evidence(out, told.row, "hidden_by", what);
	}
	return r;
}

static int check_unreached(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		if (!order_is_agents(ctx, i)) {
			continue;
		}

		struct lane lane = order_lane_of(ctx, ctx->snap->entries[i].hook);
		struct sighting seen = order_reach(ctx, &lane, i);

		if (seen.sight != SIGHT_FULL) {
			r = report_unreached(rule, ctx, i, &seen, out);
		}
	}
	return r;
}

/* --- TC302 --------------------------------------------------------------------------------- */

/** Where the Agent has filters. */
struct spread {
	uint32_t lanes[N_DIRECTIONS]; /**< Directions of links with a filter of the Agent. */
	uint32_t *by_netns;           /**< The same for each namespace, both directions. */
};

static bool lane_has_agent(const struct context *ctx, const struct lane *lane)
{
	if (lane->filters == SNAP_NONE) {
		return false;
	}

	const struct snap_hook *hook = &ctx->snap->hooks[lane->filters];

	for (uint32_t i = hook->first_entry; i < hook->first_entry + hook->n_entries; i++) {
		if (order_is_agents(ctx, i)) {
			return true;
		}
	}
	return false;
}

static int take_spread(const struct context *ctx, struct spread *ret)
{
	*ret = (struct spread){0};
	ret->by_netns = arena_alloc(ctx->scratch,
	                            ((size_t)ctx->snap->n_netns + 1) * sizeof(*ret->by_netns));
	if (ret->by_netns == NULL) {
		return -ENOMEM;
	}
	for (uint32_t link = 0; link < ctx->snap->n_links; link++) {
		for (unsigned int dir = 0; dir < N_DIRECTIONS; dir++) {
			struct lane lane = order_lane(ctx, link, (enum direction)dir);

			if (lane_has_agent(ctx, &lane)) {
				ret->lanes[dir]++;
				ret->by_netns[ctx->snap->links[link].netns]++;
			}
		}
	}
	return 0;
}

/** Refused by the kernel: that has findings of its own (TC104, TC205, TC206). */
static bool is_refused(const struct context *ctx, const struct lane *lane)
{
	struct sighting seen = order_walk(ctx, lane, ctx->priority, NULL, NULL);

	return seen.cause == CAUSE_BLOCK || seen.cause == CAUSE_QDISC ||
	       seen.cause == CAUSE_REFUSED;
}

static int report_missing(const struct rule *rule, const struct context *ctx,
                          const struct lane *lane, const struct spread *spread,
                          struct findings *out)
{
	const char *word = lane->direction == DIR_RECEIVE ? "clsact/ingress" : "clsact/egress";
	bool whole = spread->by_netns[ctx->snap->links[lane->link].netns] == 0;
	struct subject subject = {
		.place = {.netns = ctx->snap->links[lane->link].netns,
	                  .link = lane->link,
	                  .hook = lane->filters,
	                  .entry = SNAP_NONE},
		.hook = word,
		.kind = whole ? "namespace" : "interface",
	};
	struct finding *f = NULL;
	/* A namespace without any filter may be one that the Agent does not know. */
	enum severity severity = whole || !agent_runs(ctx) ? SEV_INFO : SEV_WARN;
	int r = emit_open(ctx, rule, severity, &subject, out, &f);

	if (r <= 0) {
		return r;
	}

	const char *where = describe_link(ctx->snap, lane->link, &out->arena);

	f->message = arena_printf(
		&out->arena,
		"%s, %s: no classifier of the Agent, which has one there on %" PRIu32 " other %s%s",
		where != NULL ? where : "", word, spread->lanes[lane->direction],
		spread->lanes[lane->direction] == 1 ? "interface" : "interfaces",
		whole ? ", but none in this namespace" : "");
	return where != NULL ? emit_check(f) : -ENOMEM;
}

static int check_missing(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	struct spread spread;
	int r = take_spread(ctx, &spread);

	for (uint32_t link = 0; link < ctx->snap->n_links && r == 0; link++) {
		for (unsigned int dir = 0; dir < N_DIRECTIONS && r == 0; dir++) {
			struct lane lane = order_lane(ctx, link, (enum direction)dir);

			/* Where no filter is at all, that direction is switched off. */
			if (spread.lanes[dir] > 0 && !lane_has_agent(ctx, &lane) &&
			    !is_refused(ctx, &lane)) {
				r = report_missing(rule, ctx, &lane, &spread, out);
			}
		}
	}
	return r;
}

/* --- TC303 --------------------------------------------------------------------------------- */

/** Why a filter is a leftover; NULL when it is none. */
static const char *staleness(const struct context *ctx, uint32_t entry, struct arena *arena)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	const struct snap_link *link = &ctx->snap->links[ctx->snap->hooks[row->hook].link];
	uint64_t inode = ctx->snap->netns[link->netns].inode;
	struct agent_filter told;

	if (!agent_filter_parse(row->name, &told)) {
		return NULL;
	}
	if ((told.ifindex != 0 && told.ifindex != link->ifindex) ||
	    (told.netns != 0 && inode != 0 && told.netns != inode)) {
		return arena_printf(arena,
		                    "was attached to interface %" PRIu32 " of namespace %" PRIu64
		                    ", which this is not",
		                    told.ifindex, told.netns);
	}
	if ((ctx->snap->facets & FACET_PROCESSES) == 0) {
		return NULL; /* then a process that is not listed may still live */
	}
	for (uint32_t i = 0; i < ctx->snap->n_processes; i++) {
		if (ctx->snap->processes[i].pid == told.pid &&
		    text_eq(ctx->snap->processes[i].comm, agent_process)) {
			return NULL;
		}
	}
	return arena_printf(arena, "belongs to process %" PRIu32 ", which is no running %s%s",
	                    told.pid, agent_process,
	                    agent_runs(ctx) ? " (another one runs)" : " (none runs)");
}

/** The part of the name that tells one of the Agent's filters from another on the same hook. */
static bool same_role(const struct snap_entry *a, const struct snap_entry *b)
{
	struct agent_filter x;
	struct agent_filter y;

	return a->name != NULL && b->name != NULL && agent_filter_parse(a->name, &x) &&
	       agent_filter_parse(b->name, &y) && x.own_len == y.own_len &&
	       strncmp(a->name, b->name, x.own_len) == 0;
}

/** An earlier filter of the same hook with the same role. @return SNAP_NONE: there is none. */
static uint32_t twin_of(const struct context *ctx, uint32_t entry)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];

	for (uint32_t i = ctx->snap->hooks[row->hook].first_entry; i < entry; i++) {
		if (order_is_agents(ctx, i) && same_role(&ctx->snap->entries[i], row)) {
			return i;
		}
	}
	return SNAP_NONE;
}

static int report_leftover(const struct rule *rule, const struct context *ctx, uint32_t entry,
                           const char *kind, const char *why, struct findings *out)
{
	struct subject subject = emit_about_entry(ctx, entry);
	struct told told;

	subject.kind = kind;

	int r = emit_about(ctx, rule, agent_runs(ctx) ? SEV_WARN : SEV_INFO, &subject, out, &told);

	if (r <= 0) {
		return r;
	}
	told.row->message =
		arena_printf(&out->arena, "%s: the Agent's %s %s", told.where, told.what, why);
	r = emit_check(told.row);
	if (r == 0) {
		const char *name = ctx->snap->entries[entry].name;

		r = emit_evidence(out, told.row, "filter",
		                  arena_strndup(&out->arena, name, strlen(name)));
	}
	return r;
}

/** A namespace that no process is in and nothing names: somebody's open descriptor keeps it. */
static bool is_kept_open(const struct context *ctx, uint32_t entry)
{
	const struct snap_hook *hook = &ctx->snap->hooks[ctx->snap->entries[entry].hook];
	const struct snap_netns *netns = &ctx->snap->netns[ctx->snap->links[hook->link].netns];

	return !netns->host && netns->n_pids == 0 && netns->n_names == 0 &&
	       (ctx->snap->facets & FACET_PROCESSES) != 0;
}

static int check_leftover(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		if (!order_is_agents(ctx, i) || ctx->snap->entries[i].name == NULL) {
			continue;
		}

		const char *why = staleness(ctx, i, ctx->scratch);

		if (why != NULL) {
			r = report_leftover(rule, ctx, i, "stale", why, out);
		} else if (twin_of(ctx, i) != SNAP_NONE) {
			r = report_leftover(rule, ctx, i, "doubled",
			                    "is there twice on this hook, so its events are too",
			                    out);
		} else if (is_kept_open(ctx, i)) {
			r = report_leftover(
				rule, ctx, i, "kept-open",
				"stands in a namespace that no process is in and nothing "
				"names: an open descriptor keeps it and its interfaces",
				out);
		}
	}
	return r;
}

/* --- TC305 --------------------------------------------------------------------------------- */

/** A filter of somebody else behind the Agent's in the same chain; SNAP_NONE: there is none. */
static uint32_t foreign_behind(const struct context *ctx, uint32_t entry)
{
	const struct snap_hook *hook = &ctx->snap->hooks[ctx->snap->entries[entry].hook];

	for (uint32_t i = entry + 1; i < hook->first_entry + hook->n_entries; i++) {
		const struct snap_entry *row = &ctx->snap->entries[i];

		if (!ctx->own[i] && row->chain == 0 && row->handle != 0) {
			return i;
		}
	}
	return SNAP_NONE;
}

static int report_agent_ends(const struct rule *rule, const struct context *ctx, uint32_t entry,
                             uint32_t behind, struct findings *out)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	uint32_t granted = outcome_ending_codes(ctx->snap, row);
	struct snap_returns returns = outcome_returns(ctx->snap, row);
	struct subject subject = emit_about_entry(ctx, entry);
	struct told told;
	bool sure = granted != 0 && returns.exact;
	int r = emit_about(ctx, rule, sure ? SEV_WARN : SEV_INFO, &subject, out, &told);

	if (r <= 0) {
		return r;
	}

	const char *codes =
		describe_codes(granted != 0 ? granted : CODE_BIT(CODE_SHOT), ", ", &out->arena);
	const char *victim = describe_entry(ctx->snap, &ctx->snap->entries[behind], &out->arena);

	if (codes == NULL || victim == NULL) {
		return -ENOMEM;
	}
	told.row->message = arena_printf(
		&out->arena, "%s: the Agent's %s %s %s, and %s behind it then does not run%s",
		told.where, told.what, returns.exact ? "returns" : "may return", codes, victim,
		granted != 0 ? "" : " for the packets that it drops");
	r = emit_check(told.row);
	return r < 0 ? r : emit_entry_evidence(ctx, entry, out, told.row);
}

static int check_agent_ends(const struct rule *rule, const struct context *ctx,
                            struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		if (!order_is_agents(ctx, i)) {
			continue;
		}

		struct snap_returns returns = outcome_returns(ctx->snap, &ctx->snap->entries[i]);
		uint32_t behind = foreign_behind(ctx, i);

		/* A program about which nothing is known is the matter of TC902. */
		if (behind == SNAP_NONE || returns.codes == CODES_ALL ||
		    (outcome_ending_codes(ctx->snap, &ctx->snap->entries[i]) == 0 &&
		     (returns.codes & CODE_BIT(CODE_SHOT)) == 0)) {
			continue;
		}
		r = report_agent_ends(rule, ctx, i, behind, out);
	}
	return r;
}

const struct rule rule_agent_unreached = {
	.code = "TC301",
	.name = "agent-not-reached",
	.group = "agent",
	.severity = SEV_FAIL,
	.needs = RULE_NEEDS_HOOKS,
	.check = check_unreached,
	.title = "The Agent's classifier is attached and never reached",
	.seen = "A filter of the Agent stands behind something that ends packets before it: an "
		"earlier filter, a TCX program or a netkit program.",
	.matters = "The Agent reports no error: from its side everything is attached. Detections "
		   "and a network isolation action have no effect on this hook.",
	.fact = "Order decides: netkit, then TCX, then clsact by ascending priority, and the "
		"newest "
		"filter first within one priority (net/core/dev.c, net/sched/cls_api.c, "
		"net/sched/cls_bpf.c).",
	.fix = "Follow the recommendation of this report: a priority in front of the program that "
	       "is named, or that software's own setting.",
	.safe = "When network detections are not wanted on these interfaces.",
	.links = unreached_links,
};

const struct rule rule_agent_missing = {
	.code = "TC302",
	.name = "agent-missing",
	.group = "agent",
	.severity = SEV_WARN,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_missing,
	.title = "The Agent's classifier is missing on an interface",
	.seen = "The Agent has filters on other interfaces in this direction, and none here, "
		"though "
		"the kernel would take one.",
	.matters = "Packets of this interface are not seen. The Agent looks for its own filters "
		   "every 30 seconds, but it does not attach them again: only a new event of the "
		   "device or of the whole namespace does.",
	.fact = "The Agent attaches to every interface of every namespace that it knows, lo "
		"included; no setting leaves one out. A missing filter was refused, removed by "
		"somebody, or lost when the interface moved to another namespace.",
	.fix = "Look for findings TC4xx about software that removes filters; then restart "
	       "system-probe, which attaches everywhere anew.",
	.safe = "Right after the interface appeared, and in namespaces that no process is in.",
	.links = missing_links,
};

const struct rule rule_agent_leftover = {
	.code = "TC303",
	.name = "agent-leftover",
	.group = "agent",
	.severity = SEV_WARN,
	.needs = RULE_NEEDS_FILTERS | FACET_PROCESSES,
	.check = check_leftover,
	.title = "A stale or doubled classifier of the Agent",
	.seen = "The name of the filter carries the process, namespace and interface it was "
		"attached "
		"for, and these are gone or others; or two filters on one hook have the same role; "
		"or "
		"the namespace has no process and no name any more.",
	.matters = "A stale filter costs time for every packet and sends events to nobody. Two "
		   "filters of one role report everything twice.",
	.fact = "The name ends in interface index, inode of the namespace and process id. A new "
		"system-probe removes leftovers of dead processes only where it finds a clsact and "
		"only those with its own names; Agents before October 2023 left some behind "
		"when a namespace went away.",
	.fix = "Restart system-probe of a current Agent. What stays can be removed by hand: tc "
	       "filter "
	       "del dev DEV ingress (or egress) pref PREF handle HANDLE bpf.",
	.safe = "While an Agent is being restarted.",
	.links = stale_links,
};

const struct rule rule_agent_ends = {
	.code = "TC305",
	.name = "agent-ends-chain",
	.group = "agent",
	.severity = SEV_WARN,
	.needs = RULE_NEEDS_FILTERS | FACET_PROGS,
	.check = check_agent_ends,
	.title = "The Agent itself may end the chain before somebody else's filter",
	.seen = "One of the Agent's own programs can return a code that ends classification, and a "
		"filter of other software stands behind it.",
	.matters = "That software's policy or accounting does not see these packets.",
	.fact = "The Agent's classifiers return TC_ACT_UNSPEC. Exceptions: since about 7.71 the "
		"network_filter action of a rule drops packets with TC_ACT_SHOT, and between about "
		"7.60 and 7.68 some raw-packet paths returned 0, which is TC_ACT_OK.",
	.fix = "For OK: upgrade the Agent. For SHOT: that is the isolation that a rule asked for; "
	       "check the rule.",
	.safe = "When the isolation is wanted: a dropped packet needs no further filter.",
	.links = ends_links,
};
