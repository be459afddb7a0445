/* SPDX-License-Identifier: Apache-2.0 */
/* What is no conflict yet, and breaks nodes next. */
#include "analyzer/rule_rows.h"

#include "analyzer/context.h"
#include "analyzer/describe.h"
#include "analyzer/emit.h"
#include "analyzer/order.h"
#include "analyzer/outcome.h"
#include "analyzer/rule_parts.h"
#include "analyzer/vendors.h"
#include "model/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/** Automatic priorities: from 0xc000 downwards, never below 0x8000. */
#define AUTO_FIRST 0xc000u
#define AUTO_LAST  0x8000u
/** Filters of one hook in that range that look like one filter added again and again. */
#define AUTO_MANY 32u
/** Automatic priorities left that deserve a warning. */
#define AUTO_FEW 1024u

static const char *const orphan_links[] = {"https://github.com/cilium/cilium/issues/30609",
                                           "https://github.com/cilium/cilium/issues/26472", NULL};
static const char *const twice_links[] = {"https://github.com/cilium/cilium/issues/44194", NULL};
static const char *const auto_links[] = {
	RULE_LINK_CLS_API, "https://github.com/projectcalico/calico/issues/8897", NULL};
static const char *const side_links[] = {"https://github.com/projectcalico/calico/issues/10376",
                                         RULE_LINK_RACE, NULL};
static const char *const unknown_links[] = {RULE_LINK_TC_BPF, NULL};

static bool is_foreign(const struct context *ctx, uint32_t entry)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];

	return !ctx->own[entry] && !(row->is_filter && row->handle == 0);
}

/* --- TC501 --------------------------------------------------------------------------------- */

static int report_orphan(const struct rule *rule, const struct context *ctx, uint32_t entry,
                         struct findings *out)
{
	const struct vendor *vendor = &ctx->who->table->rows[ctx->who->entries[entry].vendor];
	struct subject subject = emit_about_entry(ctx, entry);
	struct told told;

	/* One finding for a vendor. */
	subject.hook = NULL;
	subject.name = NULL;
	subject.pref = 0;

	int r = emit_about(ctx, rule, rule->severity, &subject, out, &told);

	if (r <= 0) {
		return r;
	}
	told.row->message = arena_printf(
		&out->arena, "%s: %s belongs to %s, none of whose processes (%s%s) runs here",
		told.where, told.what, vendor->name, vendor->processes[0],
		vendor->n_processes > 1 ? " and others" : "");
	r = emit_check(told.row);
	return r < 0 ? r : emit_entry_evidence(ctx, entry, out, told.row);
}

static int check_orphans(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	int r = 0;

	if ((ctx->snap->facets & FACET_PROCESSES) == 0) {
		return 0; /* reported as not evaluated */
	}
	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		uint32_t vendor = ctx->who->entries[i].vendor;

		if (vendor != SNAP_NONE && is_foreign(ctx, i) &&
		    ctx->who->entries[i].strength == MATCH_DECISIVE &&
		    ctx->who->table->rows[vendor].n_processes > 0 && !ctx->who->running[vendor]) {
			r = report_orphan(rule, ctx, i, out);
		}
	}
	return r;
}

/* --- TC502 --------------------------------------------------------------------------------- */

static const struct snap_prog *prog_of(const struct context *ctx, uint32_t entry)
{
	uint32_t id = ctx->snap->entries[entry].prog_id;

	return id != 0 ? snap_find_prog(ctx->snap, id) : NULL;
}

/** The same program once more: by id, or by name and kind of code for two loads of one program. */
static bool is_same_program(const struct context *ctx, uint32_t a, uint32_t b)
{
	const struct snap_entry *x = &ctx->snap->entries[a];
	const struct snap_entry *y = &ctx->snap->entries[b];
	const struct snap_prog *p = prog_of(ctx, a);
	const struct snap_prog *q = prog_of(ctx, b);
	struct slice name = describe_name(ctx->snap, x);
	struct slice other = describe_name(ctx->snap, y);

	if (!outcome_is_bpf(x) || !outcome_is_bpf(y) || x->prog_id == 0 || y->prog_id == 0) {
		return false;
	}
	if (x->prog_id == y->prog_id) {
		return true;
	}
	if (name.text == NULL || other.text == NULL) {
		return p != NULL && q != NULL && p->tag != NULL && text_eq(p->tag, q->tag);
	}
	return name.len == other.len && memcmp(name.text, other.text, name.len) == 0 &&
	       x->chain == y->chain && x->protocol == y->protocol;
}

/** An earlier entry of the hook with the same program. @return SNAP_NONE: there is none. */
static uint32_t twin_of(const struct context *ctx, uint32_t entry)
{
	const struct snap_hook *hook = &ctx->snap->hooks[ctx->snap->entries[entry].hook];

	for (uint32_t i = hook->first_entry; i < entry; i++) {
		if (is_foreign(ctx, i) && is_same_program(ctx, i, entry)) {
			return i;
		}
	}
	return SNAP_NONE;
}

/** Which of two loads is the older one, as words; "" when that is not known. */
static const char *older_text(const struct context *ctx, uint32_t a, uint32_t b,
                              struct arena *arena)
{
	const struct snap_prog *p = prog_of(ctx, a);
	const struct snap_prog *q = prog_of(ctx, b);
	int order = p != NULL && q != NULL && p->loaded_at != NULL && q->loaded_at != NULL
	                    ? text_cmp(p->loaded_at, q->loaded_at)
	                    : 0;

	if (order == 0) {
		return "";
	}
	return arena_printf(arena, "; program %" PRIu32 " is the older one and likely stale",
	                    order < 0 ? p->id : q->id);
}

static int report_twin(const struct rule *rule, const struct context *ctx, uint32_t entry,
                       uint32_t twin, struct findings *out)
{
	struct subject subject = emit_about_entry(ctx, entry);
	struct told told;
	int r = emit_about(ctx, rule, rule->severity, &subject, out, &told);

	if (r <= 0) {
		return r;
	}

	const char *first = describe_entry(ctx->snap, &ctx->snap->entries[twin], &out->arena);
	const char *older = older_text(ctx, twin, entry, &out->arena);

	if (first == NULL || older == NULL) {
		return -ENOMEM;
	}
	told.row->message =
		arena_printf(&out->arena, "%s: %s is there besides %s: one program twice%s",
	                     told.where, told.what, first, older);
	r = emit_check(told.row);
	return r < 0 ? r : emit_entry_evidence(ctx, entry, out, told.row);
}

static int check_twice(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		uint32_t twin = is_foreign(ctx, i) ? twin_of(ctx, i) : SNAP_NONE;

		if (twin != SNAP_NONE) {
			r = report_twin(rule, ctx, i, twin, out);
		}
	}
	return r;
}

/* --- TC503 --------------------------------------------------------------------------------- */

/** Filters of one hook with automatic priorities. */
struct automatic {
	uint32_t n;
	uint32_t lowest; /**< Of all from AUTO_LAST up, which decide the next one. */
	uint32_t entry;  /**< One of the lowest. */
};

static struct automatic count_automatic(const struct context *ctx, const struct snap_hook *hook)
{
	struct automatic found = {.lowest = AUTO_FIRST + 1, .entry = SNAP_NONE};

	for (uint32_t i = hook->first_entry; i < hook->first_entry + hook->n_entries; i++) {
		const struct snap_entry *row = &ctx->snap->entries[i];

		if (!row->is_filter || row->chain != 0 || row->pref < AUTO_LAST ||
		    row->pref > AUTO_FIRST) {
			continue;
		}
		found.n++;
		if (row->pref < found.lowest) {
			found.lowest = row->pref;
			found.entry = i;
		}
	}
	return found;
}

static int report_automatic(const struct rule *rule, const struct context *ctx,
                            const struct automatic *found, struct findings *out)
{
	uint32_t left = found->lowest - AUTO_LAST;
	struct subject subject = emit_about_entry(ctx, found->entry);
	struct told told;

	subject.pref = 0; /* it changes with each one */

	int r = emit_about(ctx, rule, left == 0 ? SEV_FAIL : SEV_WARN, &subject, out, &told);

	if (r <= 0) {
		return r;
	}
	told.row->message =
		arena_printf(&out->arena,
	                     "%s: %" PRIu32 " %s automatic priorities, the lowest is %s: %" PRIu32
	                     " left before attaching without a priority fails",
	                     told.where, found->n, found->n == 1 ? "filter has" : "filters have",
	                     told.what, left);
	return emit_check(told.row);
}

static int check_automatic(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_hooks && r == 0; i++) {
		struct automatic found = count_automatic(ctx, &ctx->snap->hooks[i]);

		if (found.n >= AUTO_MANY || (found.n > 0 && found.lowest - AUTO_LAST < AUTO_FEW)) {
			r = report_automatic(rule, ctx, &found, out);
		}
	}
	return r;
}

/* --- TC504 --------------------------------------------------------------------------------- */

/** Directions in which a vendor is attached to a link, as a set of 1u << enum direction. */
static uint32_t sides_of(const struct context *ctx, uint32_t link, uint32_t vendor)
{
	static const uint32_t sides[N_HOOK_TYPES] = {
		[HOOK_TCX_INGRESS] = 1u << DIR_RECEIVE, [HOOK_CLSACT_INGRESS] = 1u << DIR_RECEIVE,
		[HOOK_INGRESS] = 1u << DIR_RECEIVE,     [HOOK_NETKIT_PEER] = 1u << DIR_RECEIVE,
		[HOOK_TCX_EGRESS] = 1u << DIR_SEND,     [HOOK_CLSACT_EGRESS] = 1u << DIR_SEND,
		[HOOK_NETKIT_PRIMARY] = 1u << DIR_SEND,
	};
	const struct snap_link *row = &ctx->snap->links[link];
	uint32_t found = 0;

	for (uint32_t h = row->first_hook; h < row->first_hook + row->n_hooks; h++) {
		const struct snap_hook *hook = &ctx->snap->hooks[h];

		for (uint32_t i = hook->first_entry; i < hook->first_entry + hook->n_entries; i++) {
			found |= ctx->who->entries[i].vendor == vendor ? sides[hook->type] : 0;
		}
	}
	return found;
}

static int report_side(const struct rule *rule, const struct context *ctx, uint32_t entry,
                       uint32_t sides, struct findings *out)
{
	const struct vendor *vendor = &ctx->who->table->rows[ctx->who->entries[entry].vendor];
	struct subject subject = emit_about_entry(ctx, entry);
	struct told told;

	subject.name = vendor->id;
	subject.name_len = strlen(vendor->id);

	int r = emit_about(ctx, rule, rule->severity, &subject, out, &told);

	if (r <= 0) {
		return r;
	}
	told.row->message = arena_printf(
		&out->arena,
		"%s: %s is attached here by %s only for packets that are %s; it always "
		"uses both directions of an interface",
		told.where, vendor->name, told.what,
		sides == 1u << DIR_RECEIVE ? "received" : "sent");
	return emit_check(told.row);
}

static int check_sides(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		uint32_t vendor = ctx->who->entries[i].vendor;
		uint32_t link = ctx->snap->hooks[ctx->snap->entries[i].hook].link;

		if (vendor == SNAP_NONE || !is_foreign(ctx, i) ||
		    !ctx->who->table->rows[vendor].both_directions) {
			continue;
		}

		uint32_t sides = sides_of(ctx, link, vendor);

		if (sides == 1u << DIR_RECEIVE || sides == 1u << DIR_SEND) {
			r = report_side(rule, ctx, i, sides, out);
		}
	}
	return r;
}

/* --- TC505 --------------------------------------------------------------------------------- */

/** Who may have loaded a program: what the kernel keeps of that. */
static int loader_evidence(const struct context *ctx, const struct snap_prog *prog,
                           struct findings *out, struct finding *row)
{
	int r = emit_evidence(
		out, row, "loaded",
		arena_printf(&out->arena, "by user %" PRIu32 " at %s, tag %s", prog->uid,
	                     prog->loaded_at != NULL ? prog->loaded_at : "an unknown time",
	                     prog->tag != NULL ? prog->tag : "unknown"));

	for (uint32_t i = 0; i < ctx->snap->n_pins && r == 0; i++) {
		const struct snap_pin *pin = &ctx->snap->pins[i];

		if (pin->kind == PIN_PROG && pin->id == prog->id) {
			return emit_evidence(
				out, row, "pin",
				arena_strndup(&out->arena, pin->path, strlen(pin->path)));
		}
	}
	return r;
}

static int report_unknown(const struct rule *rule, const struct context *ctx, uint32_t entry,
                          struct findings *out)
{
	const struct snap_prog *prog = prog_of(ctx, entry);
	struct subject subject = emit_about_entry(ctx, entry);
	struct told told;
	int r = emit_about(ctx, rule, rule->severity, &subject, out, &told);

	if (r <= 0) {
		return r;
	}

	const char *ending = describe_ending(ctx, entry, &out->arena);

	if (ending == NULL) {
		return -ENOMEM;
	}
	told.row->message = arena_printf(&out->arena,
	                                 "%s: %s %s, and no vendor of the table is "
	                                 "known to look like this",
	                                 told.where, told.what, ending);
	r = emit_check(told.row);
	return r < 0 || prog == NULL ? r : loader_evidence(ctx, prog, out, told.row);
}

static int check_unknown(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		const struct snap_entry *row = &ctx->snap->entries[i];
		enum effect effect = ctx->effects[i];

		if (is_foreign(ctx, i) && outcome_is_bpf(row) &&
		    ctx->who->entries[i].vendor == SNAP_NONE &&
		    ctx->snap->hooks[row->hook].type != HOOK_QDISC &&
		    ctx->snap->hooks[row->hook].type != HOOK_XDP && effect == EFFECT_ENDS) {
			r = report_unknown(rule, ctx, i, out);
		}
	}
	return r;
}

const struct rule rule_orphans = {
	.code = "TC501",
	.name = "vendor-without-process",
	.group = "hygiene",
	.severity = SEV_WARN,
	.needs = RULE_NEEDS_HOOKS | FACET_PROCESSES,
	.check = check_orphans,
	.title = "Programs of a vendor that does not run",
	.seen = "Programs that belong to a vendor are attached, and none of its processes is on "
		"the "
		"node.",
	.matters = "Filters left by an uninstalled or upgraded vendor keep deciding about packets "
		   "with settings that nobody updates: pods lose connections much later.",
	.fact = "Neither tc filters nor pinned links go away with the process that attached them.",
	.fix = "Start the vendor again, or remove its programs with its own clean-up (cilium-dbg "
	       "post-uninstall-cleanup, calico's felix in its own mode), or with tc and bpftool.",
	.safe = "While the vendor restarts: its programs are meant to keep running then.",
	.links = orphan_links,
};

const struct rule rule_twice = {
	.code = "TC502",
	.name = "program-twice",
	.group = "hygiene",
	.severity = SEV_WARN,
	.needs = RULE_NEEDS_HOOKS | FACET_PROGS,
	.check = check_twice,
	.title = "One program twice on a hook",
	.seen = "Two entries of one hook have the same program, or two loads of it under one name.",
	.matters = "The older one runs with old settings and may drop what the newer one would let "
		   "pass; nodes were cut off that way after a restart.",
	.fact = "clsact takes the same program any number of times. TCX refuses the same program, "
		"but not a second load of it.",
	.fix = "Remove the older one, named in the message, or let the vendor's agent restart.",
	.safe = "When the two are meant, for example for two sets of rules.",
	.links = twice_links,
};

const struct rule rule_automatic = {
	.code = "TC503",
	.name = "automatic-priorities",
	.group = "hygiene",
	.severity = SEV_FAIL,
	.needs = RULE_NEEDS_FILTERS,
	.check = check_automatic,
	.title = "Automatic priorities are running out",
	.seen = "Many filters of one hook have priorities that the kernel chose, or few such "
		"priorities are left.",
	.matters = "Somebody adds a filter again and again without removing the last one. When "
		   "priority 32768 is reached, attaching without a priority fails for everyone.",
	.fact = "A filter without a priority gets one below the lowest of those from 32768 up, "
		"starting at 49152 (tcf_auto_prio() in net/sched/cls_api.c).",
	.fix = "Find who adds the filters (their names are in tcaudit scan), and remove the "
	       "superfluous ones.",
	.safe = "When the number is known and does not grow.",
	.links = auto_links,
};

const struct rule rule_one_side = {
	.code = "TC504",
	.name = "one-direction-only",
	.group = "hygiene",
	.severity = SEV_WARN,
	.needs = RULE_NEEDS_HOOKS,
	.check = check_sides,
	.title = "A vendor that uses both directions is on one only",
	.seen = "Software that always attaches to both directions of an interface has a program in "
		"one direction.",
	.matters = "Half of its policy or accounting is missing; often somebody else removed the "
		   "other filter.",
	.fact = "Which vendors use both directions is in the vendor table (tcaudit explain "
		"--vendor NAME).",
	.fix = "Restart the vendor's agent, and look for findings TC4xx about who removes filters.",
	.safe = "While an interface is being set up.",
	.links = side_links,
};

const struct rule rule_unknown_ends = {
	.code = "TC505",
	.name = "unknown-ends-chain",
	.group = "hygiene",
	.severity = SEV_INFO,
	.needs = RULE_NEEDS_HOOKS | FACET_PROGS,
	.check = check_unknown,
	.title = "A program of unknown origin ends the chain",
	.seen = "A program that no vendor of the table is known for returns a code that ends "
		"classification.",
	.matters =
		"Whatever stands behind it does not run. Nobody can say what it is for until its "
		"owner is found.",
	.fact = "The kernel keeps user, time and tag of a load; a pin or a process with the "
		"program "
		"open leads to its owner (bpftool prog show id ID).",
	.fix = "Find the owner; if it is known software, add it to a vendor table of your own "
	       "(--vendors).",
	.safe = "When you know the program.",
	.links = unknown_links,
};
