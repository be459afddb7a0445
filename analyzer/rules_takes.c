/* SPDX-License-Identifier: Apache-2.0 */
/* Who removes what others attached, from the vendor table, before it happens. */
#include "analyzer/rule_rows.h"

#include "analyzer/agent.h"
#include "analyzer/context.h"
#include "analyzer/describe.h"
#include "analyzer/emit.h"
#include "analyzer/order.h"
#include "analyzer/rule_parts.h"
#include "analyzer/vendors.h"
#include "model/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/** Ways of losing a filter that one finding quotes. */
#define TAKES_TOLD 3

static const char *const told_keys[TAKES_TOLD] = {"when", "when_too", "when_further"};

/** take.directions, by enum direction. */
#define TAKES_IN(dir) (1u << (dir))

static const char link_tcx_note[] = "https://docs.cilium.io/en/stable/operations/upgrade/";

static const char *const owners_links[] = {RULE_LINK_CLS_API, link_tcx_note, NULL};
static const char *const slot_links[] = {RULE_LINK_CLS_API, NULL};

/** Direction in which an entry meets packets; false for XDP, netkit and other qdiscs. */
static bool direction_of(enum hook_type type, enum direction *ret)
{
	switch (type) {
	case HOOK_TCX_INGRESS:
	case HOOK_CLSACT_INGRESS:
	case HOOK_INGRESS:
		*ret = DIR_RECEIVE;
		return true;
	case HOOK_TCX_EGRESS:
	case HOOK_CLSACT_EGRESS:
		*ret = DIR_SEND;
		return true;
	case HOOK_XDP:
	case HOOK_QDISC:
	case HOOK_NETKIT_PRIMARY:
	case HOOK_NETKIT_PEER:
		break;
	}
	return false;
}

/** Does the vendor do this to the device of an entry of its own? */
static bool take_applies(const struct context *ctx, const struct vendor_take *take, uint32_t entry)
{
	const struct snap_hook *hook = &ctx->snap->hooks[ctx->snap->entries[entry].hook];
	const char *device = ctx->snap->links[hook->link].name;
	enum direction direction;

	if (vendors_applies(ctx->who, ctx->who->entries[entry].vendor, &take->when, hook->type) ==
	    RELEASE_OUTSIDE) {
		return false;
	}
	if (take->directions != 0 && direction_of(hook->type, &direction) &&
	    (take->directions & TAKES_IN(direction)) == 0) {
		return false;
	}
	return vendor_takes_on(take, device);
}

/** "each time it attaches, when it starts and when it stops". */
static const char *events_text(uint32_t events, struct arena *arena)
{
	static const char *const words[] = {
		"each time it attaches", "when it starts",      "when it stops",
		"when a pod goes",       "when it is upgraded", "when its settings change",
	};
	const char *text = "";

	for (size_t i = 0; i < COUNT_OF(words) && text != NULL; i++) {
		if ((events & (1u << i)) != 0) {
			bool last = events >> (i + 1) == 0;

			text = arena_printf(arena, "%s%s%s", text,
			                    text[0] == '\0' ? ""
			                    : last          ? " and "
			                                    : ", ",
			                    words[i]);
		}
	}
	return text;
}

/** Filters of others that are lost with a direction or a clsact of a link. */
struct victims {
	uint32_t n;
	bool agent; /**< Are the Agent's among them? */
};

static struct victims find_victims(const struct context *ctx, uint32_t entry,
                                   enum vendor_scope scope)
{
	const struct snap_hook *at = &ctx->snap->hooks[ctx->snap->entries[entry].hook];
	const struct snap_link *link = &ctx->snap->links[at->link];
	uint32_t vendor = ctx->who->entries[entry].vendor;
	enum direction own = DIR_RECEIVE;
	struct victims found = {0};
	bool known = direction_of(at->type, &own);

	for (uint32_t h = link->first_hook; h < link->first_hook + link->n_hooks; h++) {
		const struct snap_hook *hook = &ctx->snap->hooks[h];
		enum direction direction;

		if (!order_is_agent_hook(hook->type) || !direction_of(hook->type, &direction) ||
		    (scope == TAKES_DIRECTION && known && direction != own)) {
			continue;
		}
		for (uint32_t i = hook->first_entry; i < hook->first_entry + hook->n_entries; i++) {
			found.n += ctx->who->entries[i].vendor != vendor || ctx->own[i] ? 1 : 0;
			found.agent = found.agent || ctx->own[i];
		}
	}
	return found;
}

static const char *victims_text(struct victims victims, struct arena *arena)
{
	if (victims.n == 0) {
		return "the Agent's filters, once they are attached";
	}
	if (victims.agent && victims.n == 1) {
		return "the Agent's filter would go";
	}
	return arena_printf(arena, "%" PRIu32 " %s of others would go, the Agent's %s", victims.n,
	                    victims.n == 1 ? "filter" : "filters",
	                    victims.agent ? "among them" : "too once it is attached");
}

static const char *scope_text(enum vendor_scope scope)
{
	switch (scope) {
	case TAKES_DIRECTION:
		return "every tc filter of this direction";
	case TAKES_CLSACT:
		return "the clsact with the filters of both directions";
	case TAKES_INGRESS:
		return "a plain ingress qdisc";
	case TAKES_SLOT:
		return "the filter at its priority and handle";
	case TAKES_HANDLE:
		return "the first filter with its handle, whatever the priority,";
	}
	return "";
}

static bool is_sure(const struct context *ctx, const struct vendor_take *take, uint32_t entry)
{
	return vendors_applies(ctx->who, ctx->who->entries[entry].vendor, &take->when,
	                       ctx->snap->hooks[ctx->snap->entries[entry].hook].type) ==
	       RELEASE_INSIDE;
}

/** What is lost to a vendor, for one finding. */
struct loss {
	const struct vendor_take *take;        /**< The way that the message speaks of. */
	uint32_t events;                       /**< enum vendor_event set. */
	const struct vendor_take *const *told; /**< Ways to quote. */
	uint32_t n_told;
	const char *victims; /**< Who loses; NULL: making that failed. */
	const char *remedy;  /**< NULL: the rule's own. */
};

/** A finding about what the vendor of an entry takes from others. */
static int report_take(const struct rule *rule, const struct context *ctx, uint32_t entry,
                       const struct loss *loss, struct findings *out)
{
	const struct vendor *vendor = &ctx->who->table->rows[ctx->who->entries[entry].vendor];
	bool sure = is_sure(ctx, loss->take, entry);
	struct subject subject = emit_about_entry(ctx, entry);
	struct told told;

	/* One finding for a vendor and what is lost, wherever it is attached. */
	subject.name = vendor->id;
	subject.name_len = strlen(vendor->id);
	subject.pref = 0;
	subject.kind = scope_text(loss->take->scope);

	int r = emit_about(ctx, rule, rule->severity, &subject, out, &told);

	if (r <= 0) {
		return r;
	}

	const char *events = events_text(loss->events, &out->arena);

	if (events == NULL || loss->victims == NULL) {
		return -ENOMEM;
	}
	told.row->message =
		arena_printf(&out->arena, "%s: %s %s %s %s: %s%s", told.where, vendor->name,
	                     sure ? "removes" : "may remove", scope_text(loss->take->scope), events,
	                     loss->victims, sure ? "" : " (depends on its version)");
	if (loss->remedy != NULL) {
		told.row->remedy = loss->remedy;
	}
	r = emit_check(told.row);
	for (uint32_t i = 0; i < loss->n_told && r == 0; i++) {
		const char *text = loss->told[i]->text;

		r = emit_evidence(out, told.row, told_keys[i],
		                  arena_strndup(&out->arena, text, strlen(text)));
	}
	if (r == 0 && loss->take->source != NULL) {
		r = emit_evidence(
			out, told.row, "source",
			arena_strndup(&out->arena, loss->take->source, strlen(loss->take->source)));
	}
	return r;
}

/* --- TC401 --------------------------------------------------------------------------------- */

/** Everything a vendor takes away with filters of others, on the hook of one entry. */
struct taking {
	const struct vendor_take *worst; /**< NULL: nothing. */
	uint32_t events;                 /**< Of all that apply. */
	const struct vendor_take *rows[TAKES_TOLD];
	uint32_t n_rows;
};

static bool takes_others(const struct vendor_take *take)
{
	return take->scope == TAKES_DIRECTION || take->scope == TAKES_CLSACT;
}

/** A whole clsact weighs more than a direction, a certain loss more than a possible one. */
static int weight_of(const struct context *ctx, const struct vendor_take *take, uint32_t entry)
{
	return (is_sure(ctx, take, entry) ? 2 : 0) + (take->scope == TAKES_CLSACT ? 1 : 0);
}

static struct taking what_it_takes(const struct context *ctx, const struct vendor *vendor,
                                   uint32_t entry)
{
	struct taking found = {0};

	for (uint32_t t = 0; t < vendor->n_takes; t++) {
		const struct vendor_take *take = &vendor->takes[t];

		if (!takes_others(take) || !take_applies(ctx, take, entry)) {
			continue;
		}
		found.events |= take->events;
		if (found.n_rows < TAKES_TOLD) {
			found.rows[found.n_rows++] = take;
		}
		if (found.worst == NULL ||
		    weight_of(ctx, take, entry) > weight_of(ctx, found.worst, entry)) {
			found.worst = take;
		}
	}
	return found;
}

static int check_vendor_owners(const struct rule *rule, const struct context *ctx, uint32_t entry,
                               const struct vendor *vendor, struct findings *out)
{
	struct taking taking = what_it_takes(ctx, vendor, entry);

	if (taking.worst == NULL) {
		return 0;
	}

	struct victims victims = find_victims(ctx, entry, taking.worst->scope);
	struct loss loss = {
		.take = taking.worst,
		.events = taking.events,
		.told = taking.rows,
		.n_told = taking.n_rows,
		.victims = victims_text(victims, &out->arena),
	};

	return report_take(rule, ctx, entry, &loss, out);
}

static int report_ingress(const struct rule *rule, const struct context *ctx, uint32_t entry,
                          const struct vendor_take *take, uint32_t link, struct findings *out)
{
	const char *where = describe_link(ctx->snap, link, &out->arena);
	struct loss loss = {.take = take, .events = take->events, .told = &take, .n_told = 1};

	if (where != NULL) {
		loss.victims = arena_printf(&out->arena, "that of %s would go", where);
	}
	return report_take(rule, ctx, entry, &loss, out);
}

/** A plain ingress qdisc on a device that a vendor's start-up would clear. */
static int check_ingress_owner(const struct rule *rule, const struct context *ctx, uint32_t entry,
                               const struct vendor *vendor, struct findings *out)
{
	const struct snap_link *at =
		&ctx->snap->links[ctx->snap->hooks[ctx->snap->entries[entry].hook].link];
	const struct snap_netns *netns = &ctx->snap->netns[at->netns];
	int r = 0;

	for (uint32_t t = 0; t < vendor->n_takes; t++) {
		if (vendor->takes[t].scope != TAKES_INGRESS ||
		    !take_applies(ctx, &vendor->takes[t], entry)) {
			continue;
		}
		for (uint32_t l = netns->first_link; l < netns->first_link + netns->n_links; l++) {
			const struct snap_hook *hook =
				snap_link_hook(ctx->snap, &ctx->snap->links[l], HOOK_INGRESS);

			if (hook == NULL || r != 0) {
				continue;
			}

			r = report_ingress(rule, ctx, entry, &vendor->takes[t], l, out);
		}
	}
	return r;
}

static int check_owners(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		const struct vendor *vendor = vendors_of_entry(ctx->who, i);

		if (ctx->own[i] || vendor == NULL) {
			continue;
		}
		r = check_vendor_owners(rule, ctx, i, vendor, out);
		if (r == 0) {
			r = check_ingress_owner(rule, ctx, i, vendor, out);
		}
	}
	return r;
}

/* --- TC402 --------------------------------------------------------------------------------- */

/** Somebody else's filter that holds the slot a vendor takes; SNAP_NONE: nobody's. */
static uint32_t slot_victim(const struct context *ctx, uint32_t entry,
                            const struct vendor_take *take)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	const struct snap_hook *hook = &ctx->snap->hooks[row->hook];
	uint32_t vendor = ctx->who->entries[entry].vendor;
	uint32_t pref = take->pref != 0 ? take->pref : row->pref;

	for (uint32_t i = hook->first_entry; i < hook->first_entry + hook->n_entries; i++) {
		const struct snap_entry *other = &ctx->snap->entries[i];

		if (i == entry || other->chain != 0 || other->handle == 0 ||
		    (ctx->who->entries[i].vendor == vendor && !ctx->own[i])) {
			continue;
		}
		if (take->scope == TAKES_HANDLE ? other->handle == take->handle
		                                : other->pref == pref) {
			return i;
		}
	}
	return SNAP_NONE;
}

/** Could the Agent's filter, not attached yet, hold what the vendor takes? */
static bool agent_would_hold(const struct context *ctx, uint32_t entry,
                             const struct vendor_take *take)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	enum priority_source source = PRIORITY_DEFAULT;
	struct release version;
	bool known = agent_release(ctx->snap, ctx->opts, &version);
	uint32_t handle = 0;

	if (take->scope == TAKES_SLOT) {
		return ctx->priority == (take->pref != 0 ? take->pref : row->pref);
	}
	/* The kernel gives the lowest free handle of a priority: 0x1 to who is first there. */
	if (!agent_number(ctx->snap, known ? &version : NULL, "network.classifier_handle", &handle,
	                  &source) ||
	    handle == 0) {
		handle = 1;
	}
	return handle == take->handle;
}

/** The handle decides who is hit; the priority alone, who is hit after another order of start. */
static const char *holds_text(const struct context *ctx, uint32_t entry, uint32_t victim,
                              const struct vendor_take *take)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	uint32_t handle = take->handle != 0 ? take->handle : row->handle;

	return ctx->snap->entries[victim].handle == handle
	               ? "holds it"
	               : "has that priority, and holds it when it comes first";
}

static const char *slot_remedy(const struct vendor_take *take, struct arena *arena)
{
	if (take->scope != TAKES_HANDLE) {
		return NULL; /* the rule's own */
	}
	return arena_printf(arena,
	                    "Give the Agent handles of its own: network.classifier_handle and "
	                    "network.raw_classifier_handle, both set, different, and not %" PRIu32
	                    ".",
	                    take->handle);
}

static int check_slot_of(const struct rule *rule, const struct context *ctx, uint32_t entry,
                         const struct vendor_take *take, struct findings *out)
{
	uint32_t victim = slot_victim(ctx, entry, take);
	const char *victims = "the Agent's filter would hold it";

	if (victim == SNAP_NONE && !agent_would_hold(ctx, entry, take)) {
		return 0;
	}
	if (victim != SNAP_NONE) {
		const char *what =
			describe_entry(ctx->snap, &ctx->snap->entries[victim], &out->arena);

		victims = what != NULL ? arena_printf(&out->arena, "%s%s %s",
		                                      ctx->own[victim] ? "the Agent's " : "", what,
		                                      holds_text(ctx, entry, victim, take))
		                       : NULL;
	}

	struct loss loss = {
		.take = take,
		.events = take->events,
		.told = &take,
		.n_told = 1,
		.victims = victims,
		.remedy = slot_remedy(take, &out->arena),
	};

	if (take->scope == TAKES_HANDLE && loss.remedy == NULL) {
		return -ENOMEM;
	}
	return report_take(rule, ctx, entry, &loss, out);
}

static int check_slots(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		const struct vendor *vendor = vendors_of_entry(ctx->who, i);

		if (vendor == NULL || !order_is_rival(ctx, i)) {
			continue;
		}
		for (uint32_t t = 0; t < vendor->n_takes && r == 0; t++) {
			const struct vendor_take *take = &vendor->takes[t];

			if ((take->scope == TAKES_SLOT || take->scope == TAKES_HANDLE) &&
			    take_applies(ctx, take, i)) {
				r = check_slot_of(rule, ctx, i, take, out);
			}
		}
	}
	return r;
}

const struct rule rule_takes_all = {
	.code = "TC401",
	.name = "removes-everyones-filters",
	.group = "takes",
	.severity = SEV_WARN,
	.needs = RULE_NEEDS_HOOKS,
	.check = check_owners,
	.title = "Software here removes filters that are not its own",
	.seen = "A vendor is attached that, as its source shows, deletes all tc filters of a "
		"direction, a whole clsact, or an ingress qdisc, whoever owns them.",
	.matters = "The Agent's classifiers go with them, without an error. The Agent does not "
		   "attach them again until the device or its namespace is seen anew.",
	.fact = "tc knows no owners: any process with CAP_NET_ADMIN may delete any filter, a "
		"delete "
		"with priority 0 removes a whole direction, and deleting a clsact removes both "
		"(tc_del_tfilter() in net/sched/cls_api.c).",
	.fix = "Change the vendor's attach mode where it has one (Cilium: bpf.enableTCX=false; "
	       "Calico: BPFAttachType TC), or restart system-probe after each time that the "
	       "vendor attached.",
	.safe = "When the vendor attaches to interfaces that the Agent's detections do not need.",
	.links = owners_links,
};

const struct rule rule_takes_slot = {
	.code = "TC402",
	.name = "takes-slot",
	.group = "takes",
	.severity = SEV_WARN,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_slots,
	.title = "Software here overwrites or deletes by slot",
	.seen = "A vendor is attached that replaces or deletes the filter at a fixed priority or "
		"handle without looking whose it is, and somebody else's filter holds that slot or "
		"the Agent's would.",
	.matters = "Whoever holds the slot loses the filter; and software that then cleans up by "
		   "the same slot removes the vendor's filter in turn.",
	.fact = "A replace with an explicit handle swaps the program in place. The kernel gives "
		"the lowest free handle of a priority, so the first filter of every priority has "
		"handle 0x1.",
	.fix = "Give the Agent a priority and, where a handle is taken, handles of its own.",
	.safe = "When the two never attach to the same interface.",
	.links = slot_links,
};
