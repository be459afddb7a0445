/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/analyze.h"

#include "analyzer/action.h"
#include "analyzer/agent.h"
#include "analyzer/checklist.h"
#include "analyzer/context.h"
#include "analyzer/emit.h"
#include "analyzer/order.h"
#include "analyzer/outcome.h"
#include "analyzer/rules.h"
#include "analyzer/solver.h"
#include "analyzer/suppress.h"
#include "analyzer/vendors.h"
#include "model/text.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** Facets as a person would name them, in the order of their bits. */
/** Room for @p n rows, and for none without asking for nothing. */
static void *alloc_rows(struct arena *arena, uint32_t n, size_t row_bytes)
{
	size_t bytes = 0;

	if (__builtin_mul_overflow((size_t)n + 1, row_bytes, &bytes)) {
		return NULL;
	}
	return arena_alloc(arena, bytes);
}

/** Where instructions prove nothing, what is known of the vendor decides. */
static enum effect known_effect(const struct context *ctx, uint32_t entry, enum effect effect,
                                bool *ret_by_table)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	uint32_t codes = 0;

	if (effect != EFFECT_MAY_END || ctx->who->entries[entry].strength != MATCH_DECISIVE ||
	    !outcome_is_bpf(row) || (row->is_filter && !row->direct_action) ||
	    !vendors_returns(ctx->who, ctx->snap, entry, &codes)) {
		return effect;
	}

	bool ends = outcome_granted_codes(ctx->snap, row, codes) != 0;

	if (ends == outcome_goes_on(ctx->snap, row, codes)) {
		return effect; /* both happen, so nothing is decided */
	}
	*ret_by_table = true;
	return ends ? EFFECT_ENDS : EFFECT_ON;
}

/** Effects and ownership of every entry, into tables that outlive the context. */
static int judge_entries(struct context *ctx, struct findings *ret)
{
	const struct snapshot *snap = ctx->snap;
	bool *by_table = alloc_rows(ctx->scratch, snap->n_entries, sizeof(*by_table));

	ret->effects = alloc_rows(&ret->arena, snap->n_entries, sizeof(*ret->effects));
	ret->own = alloc_rows(&ret->arena, snap->n_entries, sizeof(*ret->own));
	if (ret->effects == NULL || ret->own == NULL || by_table == NULL) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < snap->n_entries; i++) {
		struct outcome outcome = outcome_of(snap, &snap->entries[i]);

		ret->effects[i] = known_effect(ctx, i, outcome_effect(&outcome), &by_table[i]);
		ret->own[i] = agent_owns(snap, &snap->entries[i]);
	}
	ctx->effects = ret->effects;
	ctx->own = ret->own;
	ctx->by_table = by_table;
	return 0;
}

static int find_agent(const struct context *ctx, struct findings *ret)
{
	struct agent_priority priority = {0};
	const char *version = agent_version(ctx->snap, ctx->opts);
	int r = agent_effective_priority(ctx->snap, ctx->opts, ret->own, ctx->scratch, &priority);

	if (r < 0) {
		return r;
	}
	ret->agent_priority = priority.value;
	ret->agent_source = priority.source;
	if (version != NULL) {
		ret->agent_version = arena_strndup(&ret->arena, version, strlen(version));
		r = ret->agent_version != NULL ? 0 : -ENOMEM;
	}
	return r;
}

/** Who is who, for the rules and for the reports. */
static int identify(struct context *ctx, struct identities *who, struct findings *ret)
{
	static const struct vendors nobody = {.file = ""};
	const struct vendor_versions versions = {.cilium = ctx->opts->cilium_version};
	const struct vendors *table = ctx->opts->vendors != NULL ? ctx->opts->vendors : &nobody;
	uint32_t n = ctx->snap->n_entries;
	int r = vendors_identify(table, ctx->snap, &versions, &ret->arena, who);

	if (r == 0) {
		r = vendors_summary(who, ctx->snap, &ret->arena, &ret->vendors, &ret->n_vendors);
	}
	ret->entry_vendors = alloc_rows(&ret->arena, n, sizeof(*ret->entry_vendors));
	if (r < 0 || ret->entry_vendors == NULL) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct vendor *vendor = vendors_of_entry(who, i);

		ret->entry_vendors[i] = vendor != NULL ? vendor->id : NULL;
	}
	ctx->who = who;
	return 0;
}

/** Everything that rules and solver look at. */
static int build_context(struct context *ctx, struct findings *ret)
{
	const struct snapshot *snap = ctx->snap;
	uint32_t *netkit = alloc_rows(ctx->scratch, snap->n_links, sizeof(*netkit));
	bool *shadowed = alloc_rows(ctx->scratch, snap->n_entries, sizeof(*shadowed));

	if (netkit == NULL || shadowed == NULL || judge_entries(ctx, ret) < 0 ||
	    find_agent(ctx, ret) < 0) {
		return -ENOMEM;
	}
	order_netkit_before(snap, netkit);
	ctx->netkit_before = netkit;
	ctx->priority = ret->agent_priority;
	order_shadows(ctx, shadowed);
	ctx->shadowed = shadowed;
	return 0;
}

static const char *missing_words(uint32_t missing, struct arena *arena)
{
	const char *text = "";

	for (uint32_t facet = 1; facet <= missing && text != NULL; facet <<= 1) {
		if ((missing & facet) != 0) {
			text = arena_printf(arena, "%s%s%s", text, text[0] != '\0' ? ", " : "",
			                    facet_words((enum snap_facet)facet));
		}
	}
	return text;
}

/** Where a rule could not look, its silence means nothing. */
static int report_not_evaluated(const struct rule *rule, const struct context *ctx,
                                struct findings *out)
{
	uint32_t missing = rule->needs & ~ctx->snap->facets;
	struct subject subject = {
		.place = EMIT_NOWHERE,
		.nowhere = true,
		.kind = finding_state_word(FINDING_NOT_EVALUATED),
	};
	struct finding *f = NULL;

	if (missing == 0) {
		return 0;
	}

	int r = emit_open(ctx, rule, rule->severity, &subject, out, &f);

	if (r <= 0) {
		return r;
	}

	const char *words = missing_words(missing, &out->arena);

	if (words == NULL) {
		return -ENOMEM;
	}
	f->state = f->state == FINDING_OPEN ? FINDING_NOT_EVALUATED : f->state;
	f->message = arena_printf(&out->arena,
	                          "%s (%s) could not look everywhere: not all %s could be read",
	                          rule->code, rule->name, words);
	f->remedy = "See the findings TC901 for what could not be read and what would help.";
	return emit_check(f);
}

static int run_rules(const struct context *ctx, struct findings *ret)
{
	for (uint32_t i = 0; i < n_rules; i++) {
		int r = rules[i]->check(rules[i], ctx, ret);

		if (r == 0) {
			r = report_not_evaluated(rules[i], ctx, ret);
		}
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int cmp_finding(const void *left, const void *right)
{
	const struct finding *a = left;
	const struct finding *b = right;
	int r = 0;

	if (a->severity != b->severity) {
		return a->severity > b->severity ? -1 : 1;
	}
	if (a->state != b->state) {
		return a->state < b->state ? -1 : 1;
	}
	r = text_cmp(a->code, b->code);
	if (r == 0) {
		r = text_cmp(a->message, b->message);
	}
	if (r == 0) {
		r = a->fingerprint < b->fingerprint ? -1 : a->fingerprint > b->fingerprint;
	}
	if (r == 0) {
		r = text_cmp(a->suppressed, b->suppressed);
	}
	return r;
}

/** States, order, counts. */
static void finish(const struct analyze_options *opts, struct findings *ret)
{
	suppress_by_options(opts, ret);
	for (uint32_t i = 0; i < ret->n; i++) {
		const struct finding *f = &ret->rows[i];

		if (f->state == FINDING_OPEN) {
			ret->n_fail += f->severity == SEV_FAIL ? 1 : 0;
			ret->n_warn += f->severity == SEV_WARN ? 1 : 0;
			ret->n_info += f->severity == SEV_INFO ? 1 : 0;
		}
	}
	if (ret->n > 0) {
		qsort(ret->rows, ret->n, sizeof(*ret->rows), cmp_finding);
	}
}

static int judge(struct context *ctx, struct identities *who, struct findings *ret)
{
	int r = identify(ctx, who, ret);

	if (r == 0) {
		r = build_context(ctx, ret);
	}
	if (r == 0) {
		r = solver_run(ctx, &ret->arena, &ret->advice);
	}
	if (r == 0) {
		r = action_settle(ctx, ret);
	}
	ctx->advice = &ret->advice;
	if (r == 0) {
		r = run_rules(ctx, ret);
	}
	if (r < 0) {
		return r;
	}
	finish(ctx->opts, ret);
	r = suppress_list_expired(ctx->opts, ret);
	return r < 0 ? r : checklist_fill(ctx, ret);
}

int analyze(const struct snapshot *snap, const struct analyze_options *opts, struct findings *ret,
            struct err *err)
{
	struct arena scratch;
	struct keytab seen = {.arena = &scratch};
	struct identities who = {0};
	struct context ctx = {.snap = snap, .opts = opts, .seen = &seen, .scratch = &scratch};

	assert(snap->sealed);
	arena_init(&scratch, ret->arena.limit_bytes);

	int r = judge(&ctx, &who, ret);

	arena_done(&scratch);
	if (r < 0) {
		return err_set(err, r, "judging the snapshot: out of memory (limit %zu bytes)",
		               ret->arena.limit_bytes);
	}
	return 0;
}
