/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/rule_rows.h"

#include "analyzer/context.h"
#include "analyzer/describe.h"
#include "analyzer/emit.h"
#include "analyzer/order.h"
#include "analyzer/outcome.h"
#include "analyzer/rule_parts.h"

#include <errno.h>
#include <stddef.h>

#define NEEDS_LINKS  (FACET_NETNS | FACET_LINKS)
#define NEEDS_QDISCS (NEEDS_LINKS | FACET_QDISCS)

static const char link_dev[] = "https://github.com/torvalds/linux/blob/master/net/core/dev.c";
static const char link_tcx_header[] =
	"https://github.com/torvalds/linux/blob/master/include/net/tcx.h";
static const char link_netkit[] =
	"https://github.com/torvalds/linux/blob/master/drivers/net/netkit.c";
static const char link_root[] = "https://github.com/DataDog/ebpf-manager/pull/42";
static const char link_tc[] = "https://man7.org/linux/man-pages/man8/tc.8.html";
static const char link_actions[] = "https://man7.org/linux/man-pages/man8/tc-actions.8.html";
static const char link_xdp[] = "https://docs.ebpf.io/linux/program-type/BPF_PROG_TYPE_XDP/";

static const char *const tcx_links[] = {RULE_LINK_TCX_ISSUE, link_tcx_header, link_dev, NULL};
static const char *const xdp_links[] = {link_xdp, link_dev, NULL};
static const char *const netkit_links[] = {link_netkit, NULL};
static const char *const classifier_links[] = {RULE_LINK_CLS_API, link_actions, NULL};
static const char *const block_links[] = {RULE_LINK_CLS_API, link_tc, NULL};
static const char *const ingress_links[] = {RULE_LINK_INGRESS, NULL};
static const char *const goto_links[] = {RULE_LINK_CLS_API, link_actions, NULL};
static const char *const root_links[] = {link_root, link_tc, NULL};

/** Write the texts of a new finding about an entry: what it is, then what that @p means. */
static int write_entry(const struct context *ctx, uint32_t entry, const char *means,
                       struct findings *out, struct finding *f)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	const char *where = describe_hook(ctx->snap, row->hook, &out->arena);
	const char *what = describe_entry_of(ctx->snap, row, f->vendor, &out->arena);

	if (where == NULL || what == NULL || means == NULL) {
		return -ENOMEM;
	}
	f->message = arena_printf(&out->arena, "%s: %s %s", where, what, means);

	int r = emit_check(f);

	return r < 0 ? r : emit_entry_evidence(ctx, entry, out, f);
}

static int open_entry(const struct rule *rule, const struct context *ctx, uint32_t entry,
                      enum severity severity, struct findings *out, struct finding **ret_row)
{
	struct subject subject = emit_about_entry(ctx, entry);

	return emit_open(ctx, rule, severity, &subject, out, ret_row);
}

/** Report an entry that ends packets; @p so says what follows from that. */
static int report_ending(const struct rule *rule, const struct context *ctx, uint32_t entry,
                         enum severity severity, const char *so, struct findings *out)
{
	struct finding *f = NULL;
	int r = open_entry(rule, ctx, entry, severity, out, &f);

	if (r <= 0) {
		return r;
	}

	const char *ending = describe_ending(ctx, entry, &out->arena);

	if (ending == NULL) {
		return -ENOMEM;
	}

	const char *means =
		arena_printf(&out->arena, "%s, %s%s", ending, so,
	                     ctx->effects[entry] == EFFECT_ENDS ? "" : ": caution, not proof");

	return write_entry(ctx, entry, means, out, f);
}

static bool ends_or_may(const struct context *ctx, uint32_t entry)
{
	enum effect effect = ctx->effects[entry];

	return !ctx->own[entry] && !ctx->shadowed[entry] &&
	       (effect == EFFECT_ENDS || effect == EFFECT_MAY_END);
}

static enum hook_type type_of(const struct context *ctx, uint32_t entry)
{
	return ctx->snap->hooks[ctx->snap->entries[entry].hook].type;
}

static enum severity proof_severity(const struct context *ctx, uint32_t entry)
{
	return ctx->effects[entry] == EFFECT_ENDS ? SEV_FAIL : SEV_WARN;
}

static int check_tcx_ends(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		enum hook_type type = type_of(ctx, i);

		if ((type == HOOK_TCX_INGRESS || type == HOOK_TCX_EGRESS) && ends_or_may(ctx, i)) {
			r = report_ending(rule, ctx, i, proof_severity(ctx, i),
			                  "and TCX runs before clsact, so no priority lets the "
			                  "Agent see what it lets through",
			                  out);
		}
	}
	return r;
}

static int check_xdp_takes(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		if (type_of(ctx, i) == HOOK_XDP && ends_or_may(ctx, i)) {
			r = report_ending(rule, ctx, i, SEV_WARN,
			                  "and packets that XDP redirects never reach tc, so the "
			                  "Agent does not see them",
			                  out);
		}
	}
	return r;
}

static int check_netkit_ends(const struct rule *rule, const struct context *ctx,
                             struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		enum hook_type type = type_of(ctx, i);

		if ((type == HOOK_NETKIT_PRIMARY || type == HOOK_NETKIT_PEER) &&
		    ends_or_may(ctx, i)) {
			r = report_ending(rule, ctx, i, proof_severity(ctx, i),
			                  type == HOOK_NETKIT_PEER
			                          ? "before the receive hooks of this device, so "
			                            "no priority lets the Agent see those packets"
			                          : "before the receive hooks of the other end, so "
			                            "no priority lets the Agent see those packets "
			                            "there",
			                  out);
		}
	}
	return r;
}

static int report_classifier(const struct rule *rule, const struct context *ctx, uint32_t entry,
                             struct findings *out)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	bool certain = ctx->effects[entry] == EFFECT_ENDS && row->match == MATCH_ALL;

	return report_ending(rule, ctx, entry, certain ? SEV_FAIL : SEV_WARN,
	                     "so the Agent, whose priority is higher, does not see those packets",
	                     out);
}

static int check_classifier_ends(const struct rule *rule, const struct context *ctx,
                                 struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		const struct snap_entry *row = &ctx->snap->entries[i];

		if (!order_is_rival(ctx, i) || outcome_is_bpf(row) || row->pref >= ctx->priority ||
		    !ends_or_may(ctx, i) || (outcome_of(ctx->snap, row).set & OUTCOME_GOTO) != 0) {
			continue;
		}
		r = report_classifier(rule, ctx, i, out);
	}
	return r;
}

/** Write a finding about a whole hook. */
static int report_hook(const struct rule *rule, const struct context *ctx, uint32_t hook,
                       const char *means, struct findings *out)
{
	struct subject subject = emit_about_hook(ctx, hook);
	uint32_t block = ctx->snap->hooks[hook].block;
	struct finding *f = NULL;
	int r = emit_open(ctx, rule, rule->severity, &subject, out, &f);

	if (r <= 0) {
		return r;
	}

	const char *where = describe_hook(ctx->snap, hook, &out->arena);

	if (where == NULL) {
		return -ENOMEM;
	}
	f->message = arena_printf(&out->arena, "%s: %s", where, means);
	r = emit_check(f);
	if (r == 0 && block != 0) {
		r = emit_evidence(out, f, "block", arena_printf(&out->arena, "%u", block));
	}
	return r;
}

static int check_shared_block(const struct rule *rule, const struct context *ctx,
                              struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_hooks && r == 0; i++) {
		const struct snap_hook *hook = &ctx->snap->hooks[i];

		if (hook->block != 0 && order_is_agent_hook(hook->type)) {
			r = report_hook(
				rule, ctx, i,
				"the filters here are a shared block, so the kernel refuses "
				"the filter that the Agent adds through the device",
				out);
		}
	}
	return r;
}

static int check_ingress_qdisc(const struct rule *rule, const struct context *ctx,
                               struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_hooks && r == 0; i++) {
		if (ctx->snap->hooks[i].type == HOOK_INGRESS) {
			r = report_hook(
				rule, ctx, i,
				"an ingress qdisc holds the place of clsact, so the Agent's "
				"egress classifier would run on the receive path and sees no "
				"packet that is sent",
				out);
		}
	}
	return r;
}

static int report_goto(const struct rule *rule, const struct context *ctx, uint32_t entry,
                       uint32_t chain, struct findings *out)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	bool proven = ctx->effects[entry] == EFFECT_ENDS;
	bool certain = proven && !outcome_is_bpf(row) && row->match == MATCH_ALL;
	struct finding *f = NULL;
	int r = open_entry(rule, ctx, entry, certain ? SEV_FAIL : SEV_WARN, out, &f);

	if (r <= 0) {
		return r;
	}

	const char *means = arena_printf(
		&out->arena,
		"%s packets to chain %u, from where they never come back, so the Agent at priority "
		"%u of chain 0 does not see them%s",
		proven ? "sends" : "may send", chain, ctx->priority,
		proven ? "" : ": caution, not proof");

	return write_entry(ctx, entry, means, out, f);
}

static int check_goto_chain(const struct rule *rule, const struct context *ctx,
                            struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		const struct snap_entry *row = &ctx->snap->entries[i];

		if (!order_is_rival(ctx, i) || row->pref > ctx->priority || !ends_or_may(ctx, i)) {
			continue;
		}

		struct outcome outcome = outcome_of(ctx->snap, row);

		if ((outcome.set & OUTCOME_GOTO) != 0) {
			r = report_goto(rule, ctx, i, outcome.goto_chain, out);
		}
	}
	return r;
}

static int report_other_qdisc(const struct rule *rule, const struct context *ctx, uint32_t entry,
                              struct findings *out)
{
	bool is_bpf = outcome_is_bpf(&ctx->snap->entries[entry]);
	struct finding *f = NULL;
	int r = open_entry(rule, ctx, entry, is_bpf ? SEV_WARN : SEV_INFO, out, &f);

	if (r <= 0) {
		return r;
	}
	return write_entry(
		ctx, entry,
		is_bpf ? "hangs on a root qdisc or a class, where its result chooses a "
			 "class and may drop packets: a bpf classifier that was attached "
			 "with parent 0 by mistake has cut off nodes before"
		       : "hangs on a root qdisc or a class: it sorts packets into classes "
			 "behind everything the Agent sees",
		out, f);
}

static int check_other_qdisc(const struct rule *rule, const struct context *ctx,
                             struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		if (type_of(ctx, i) == HOOK_QDISC) {
			r = report_other_qdisc(rule, ctx, i, out);
		}
	}
	return r;
}

const struct rule rule_tcx_ends = {
	.code = "TC201",
	.name = "tcx-ends",
	.group = "hidden",
	.severity = SEV_FAIL,
	.needs = NEEDS_LINKS | FACET_TCX,
	.check = check_tcx_ends,
	.title = "A TCX program ends before clsact",
	.seen = "A program in the TCX list of the interface passes or redirects packets, or was "
		"not "
		"proven not to.",
	.matters =
		"The Agent's classifiers are clsact filters. Behind PASS or REDIRECT of TCX they "
		"are attached, look healthy, and never run.",
	.fact = "The kernel runs the TCX list before the clsact filters and goes on to them only "
		"after NEXT or a value it does not know (sch_handle_ingress() in net/core/dev.c, "
		"tcx_action_code() in include/net/tcx.h). TCX has no priorities.",
	.fix = "classifier_priority cannot help. Let the other software return TCX_NEXT for "
	       "packets "
	       "it grants, or use its setting for classic tc attachment (Cilium: "
	       "bpf.enableTCX=false) together with a priority above the Agent's.",
	.safe = "When the codes are not proven and the software is known to return TCX_NEXT, or "
		"when "
		"detections are not wanted on these interfaces.",
	.links = tcx_links,
};

const struct rule rule_xdp_takes = {
	.code = "TC202",
	.name = "xdp-takes",
	.group = "hidden",
	.severity = SEV_WARN,
	.needs = NEEDS_LINKS,
	.check = check_xdp_takes,
	.title = "An XDP program may take packets before tc",
	.seen = "An XDP program on the interface redirects or sends back packets, or was not "
		"proven "
		"not to.",
	.matters =
		"Such packets never become packets of the network stack here, so no tc classifier "
		"sees them on this interface.",
	.fact = "XDP runs in the driver, or as generic XDP at the start of "
		"__netif_receive_skb_core() in net/core/dev.c, both before TCX and clsact.",
	.fix = "Nothing in the Agent's settings changes this. Know that load balancers and fast "
	       "paths in XDP are outside of its view on this interface.",
	.safe = "When the program only drops and passes, or what it redirects is seen elsewhere.",
	.links = xdp_links,
};

const struct rule rule_netkit_ends = {
	.code = "TC203",
	.name = "netkit-ends",
	.group = "hidden",
	.severity = SEV_FAIL,
	.needs = NEEDS_LINKS | FACET_NETKIT,
	.check = check_netkit_ends,
	.title = "A netkit program ends before the receive hooks",
	.seen = "A program of a netkit device redirects packets, or was not proven not to.",
	.matters =
		"What it redirects skips the receive hooks of the other end of the device, where "
		"the Agent's ingress classifier sits.",
	.fact = "netkit runs its programs while sending, and hands on to the other end only after "
		"NEXT or PASS; any value it does not know drops the packet (netkit_xmit() in "
		"drivers/net/netkit.c). Programs are listed through the primary device only.",
	.fix = "classifier_priority cannot help. Use the other software's setting for veth devices "
	       "(Cilium: bpf.datapathMode=veth), or rely on the send side of the same device.",
	.safe = "When the redirected packets pass another interface on which the Agent sees them.",
	.links = netkit_links,
};

const struct rule rule_classifier_ends = {
	.code = "TC204",
	.name = "classifier-ends",
	.group = "hidden",
	.severity = SEV_FAIL,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_classifier_ends,
	.title = "A classifier that is not bpf ends before the Agent",
	.seen = "A u32, flower, matchall or other filter with a priority below the Agent's has an "
		"action that ends classification, or none at all.",
	.matters =
		"The packets it matches do not reach the Agent. It is a failure where the filter "
		"matches every packet and a caution where it has a condition.",
	.fact = "A match with a result of 0 or more ends classification; a filter without actions "
		"gives 0, and a pipe after the last action delivers as well (__tcf_classify() in "
		"net/sched/cls_api.c, tcf_action_exec() in net/sched/act_api.c).",
	.fix = "Give the Agent a priority below the filter's, or end the filter's actions with "
	       "\"continue\".",
	.safe = "When the filter's condition matches only traffic that need not be watched.",
	.links = classifier_links,
};

const struct rule rule_shared_block = {
	.code = "TC205",
	.name = "shared-block",
	.group = "hidden",
	.severity = SEV_FAIL,
	.needs = NEEDS_QDISCS,
	.check = check_shared_block,
	.title = "A shared block refuses the Agent",
	.seen = "The qdisc of the interface takes its filters from a block that several devices "
		"may "
		"share.",
	.matters =
		"The Agent adds its filters through the device and is refused, so it sees nothing "
		"in this direction.",
	.fact = "A block with a number can only be changed by that number; a request through the "
		"device fails (net/sched/cls_api.c).",
	.fix = "Let the owner of the qdisc attach it without ingress_block and egress_block.",
	.safe = "When detections are not wanted on these interfaces (uplinks of offloading cards).",
	.links = block_links,
};

const struct rule rule_ingress_qdisc = {
	.code = "TC206",
	.name = "ingress-qdisc",
	.group = "hidden",
	.severity = SEV_FAIL,
	.needs = NEEDS_QDISCS,
	.check = check_ingress_qdisc,
	.title = "An ingress qdisc stands where the Agent needs clsact",
	.seen = "The interface has a plain `ingress` qdisc, as bandwidth limits of CNI plugins, "
		"libvirt and Open vSwitch use it.",
	.matters = "Adding a clsact fails in a way that looks as if one were there already. The "
		   "Agent's egress classifier is then accepted and runs on received packets, so "
		   "nothing that is sent is seen, and a redirect at priority 1 hides the rest.",
	.fact = "ingress and clsact exclude each other on one interface, and `ingress` has one "
		"list "
		"of filters for every parent (ingress_tcf_block() in net/sched/sch_ingress.c).",
	.fix = "Let the owner of the qdisc use clsact, which holds its filters just as well.",
	.safe = "When detections are not wanted on these interfaces.",
	.links = ingress_links,
};

const struct rule rule_goto_chain = {
	.code = "TC207",
	.name = "goto-chain",
	.group = "hidden",
	.severity = SEV_FAIL,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_goto_chain,
	.title = "A filter sends packets to another chain",
	.seen = "An action of a filter at or below the Agent's priority is goto chain.",
	.matters =
		"The Agent's filters are in chain 0. Packets that leave it do not come back, even "
		"when the other chain is empty.",
	.fact = "goto starts over at the first filter of the chain it names; there is no return "
		"(__tcf_classify() in net/sched/cls_api.c).",
	.fix = "Give the Agent a priority below that of the filter with the goto.",
	.safe = "When the filter's condition matches only traffic that need not be watched.",
	.links = goto_links,
};

const struct rule rule_other_qdisc = {
	.code = "TC208",
	.name = "filter-on-other-qdisc",
	.group = "hidden",
	.severity = SEV_WARN,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_other_qdisc,
	.title = "A filter hangs on a root qdisc or a class",
	.seen = "A queueing discipline other than clsact and ingress, or one of its classes, has "
		"filters.",
	.matters = "They decide about queues, not about what the Agent sees. A bpf filter there is "
		   "worth a look: early releases of the Agent attached with parent 0, which is the "
		   "root qdisc, and pods lost their network.",
	.fact = "A request with tcm_parent 0 goes to the root qdisc of the device "
		"(net/sched/cls_api.c); its filters run after clsact/egress and choose a class.",
	.fix = "Check that the filter belongs there; remove a bpf classifier that was meant for "
	       "clsact.",
	.safe = "When traffic shaping with htb, hfsc or the like is intended.",
	.links = root_links,
};
