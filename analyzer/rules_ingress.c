/* SPDX-License-Identifier: Apache-2.0 */
/* An ingress qdisc and the Agent's clsact cannot be on one interface: who fails, what lands where.
 */
#include "analyzer/rule_rows.h"

#include "analyzer/context.h"
#include "analyzer/describe.h"
#include "analyzer/emit.h"
#include "analyzer/rule_parts.h"
#include "analyzer/vendors.h"
#include "model/text.h"

#include <errno.h>
#include <string.h>

static const char link_sch_api[] =
	"https://github.com/torvalds/linux/blob/master/net/sched/sch_api.c";
static const char link_bandwidth[] = "https://www.cni.dev/plugins/current/meta/bandwidth/";

static const char *const exclusive_links[] = {link_sch_api, link_bandwidth, NULL};
static const char *const landing_links[] = {RULE_LINK_INGRESS, NULL};

/* --- TC403 --------------------------------------------------------------------------------- */

/** The vendor behind a plain ingress qdisc that it made itself; NULL: not known. */
static const struct vendor *ingress_owner(const struct context *ctx, const struct snap_hook *hook,
                                          uint32_t *ret_entry)
{
	for (uint32_t i = hook->first_entry; i < hook->first_entry + hook->n_entries; i++) {
		const struct vendor *vendor = vendors_of_entry(ctx->who, i);

		if (vendor != NULL && vendor->needs_ingress) {
			*ret_entry = i;
			return vendor;
		}
	}
	return NULL;
}

static int report_exclusive(const struct rule *rule, const struct context *ctx, uint32_t entry,
                            const struct vendor *vendor, struct findings *out)
{
	struct subject subject = emit_about_entry(ctx, entry);
	struct told told;

	subject.name = vendor->id;
	subject.name_len = strlen(vendor->id);
	subject.pref = 0;

	int r = emit_about(ctx, rule, rule->severity, &subject, out, &told);

	if (r <= 0) {
		return r;
	}
	told.row->message = arena_printf(
		&out->arena,
		"%s: %s needs a plain ingress qdisc here. Where the Agent is first and has added a "
		"clsact, adding that qdisc fails (EEXIST), for example when a pod starts",
		told.where, vendor->name);
	return emit_check(told.row);
}

static int check_exclusive(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_hooks && r == 0; i++) {
		const struct snap_hook *hook = &ctx->snap->hooks[i];
		uint32_t entry = SNAP_NONE;
		const struct vendor *vendor =
			hook->type == HOOK_INGRESS ? ingress_owner(ctx, hook, &entry) : NULL;

		if (vendor != NULL) {
			r = report_exclusive(rule, ctx, entry, vendor, out);
		}
	}
	return r;
}

/* --- TC404 --------------------------------------------------------------------------------- */

/** A filter that the Agent meant for packets that are sent; SNAP_NONE: none has landed here. */
static uint32_t landed(const struct context *ctx, const struct snap_hook *hook)
{
	for (uint32_t i = hook->first_entry; i < hook->first_entry + hook->n_entries; i++) {
		if (ctx->own[i] && text_starts(ctx->snap->entries[i].name, "classifier_egress_")) {
			return i;
		}
	}
	return SNAP_NONE;
}

static int report_landing(const struct rule *rule, const struct context *ctx, uint32_t hook,
                          struct findings *out)
{
	uint32_t entry = landed(ctx, &ctx->snap->hooks[hook]);
	bool there = entry != SNAP_NONE;
	struct subject subject = there ? emit_about_entry(ctx, entry) : emit_about_hook(ctx, hook);
	struct finding *f = NULL;
	int r = emit_open(ctx, rule, there ? SEV_FAIL : SEV_WARN, &subject, out, &f);

	if (r <= 0) {
		return r;
	}

	const char *where = describe_hook(ctx->snap, hook, &out->arena);
	const char *what =
		there ? describe_entry(ctx->snap, &ctx->snap->entries[entry], &out->arena)
		      : "egress classifier";

	if (where == NULL || what == NULL) {
		return -ENOMEM;
	}
	f->message = arena_printf(&out->arena,
	                          "%s: the Agent's %s %s packets that are received: an ingress "
	                          "qdisc takes filters for egress too, and runs them on receive",
	                          where, what, there ? "runs on" : "would run on");
	return emit_check(f);
}

static int check_landing(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_hooks && r == 0; i++) {
		if (ctx->snap->hooks[i].type == HOOK_INGRESS) {
			r = report_landing(rule, ctx, i, out);
		}
	}
	return r;
}

const struct rule rule_takes_ingress = {
	.code = "TC403",
	.name = "needs-ingress-qdisc",
	.group = "takes",
	.severity = SEV_WARN,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_exclusive,
	.title = "Software here needs a plain ingress qdisc and cannot live with a clsact",
	.seen = "An ingress qdisc made by software that adds one to each of its interfaces.",
	.matters = "On an interface where the Agent was first, that software fails: a pod with a "
		   "bandwidth limit may not start.",
	.fact = "ingress and clsact are the same slot of a device; adding one where the other is "
		"gives EEXIST (tc_modify_qdisc() in net/sched/sch_api.c).",
	.fix = "Use another way to limit bandwidth (Cilium's bandwidth manager needs no ingress "
	       "qdisc), or switch off network detections on these nodes.",
	.safe = "When no interface of this kind will be made any more.",
	.links = exclusive_links,
};

const struct rule rule_takes_receive = {
	.code = "TC404",
	.name = "egress-on-receive-path",
	.group = "takes",
	.severity = SEV_FAIL,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_landing,
	.title = "The Agent's egress classifier lands on the receive path",
	.seen = "An ingress qdisc is where clsact would be. The Agent's filter for packets that "
		"are "
		"sent is accepted there.",
	.matters = "It runs on packets that are received, with the wrong direction; packets that "
		   "are sent are not seen at all.",
	.fact = "The ingress qdisc has one block for every class, so a filter for parent ffff:fff3 "
		"is accepted and runs on receive (ingress_tcf_block() in "
		"net/sched/sch_ingress.c). The Agent takes EEXIST from adding its clsact for "
		"\"there is one\".",
	.fix = "Replace the ingress qdisc by a clsact where the software that made it allows that.",
	.safe = "When packets sent by these interfaces need not be watched.",
	.links = landing_links,
};
