/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/analyze.h"

#include "analyzer/agent.h"
#include "analyzer/checklist.h"
#include "analyzer/context.h"
#include "analyzer/emit.h"
#include "analyzer/order.h"
#include "analyzer/outcome.h"
#include "analyzer/rules.h"
#include "analyzer/solver.h"
#include "model/text.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/** Room for @p n rows, and for none without asking for nothing. */
static void *alloc_rows(struct arena *arena, uint32_t n, size_t row_bytes)
{
	size_t bytes = 0;

	if (__builtin_mul_overflow((size_t)n + 1, row_bytes, &bytes)) {
		return NULL;
	}
	return arena_alloc(arena, bytes);
}

/** Effects and ownership of every entry, into tables that outlive the context. */
static int judge_entries(const struct snapshot *snap, struct findings *ret)
{
	ret->effects = alloc_rows(&ret->arena, snap->n_entries, sizeof(*ret->effects));
	ret->own = alloc_rows(&ret->arena, snap->n_entries, sizeof(*ret->own));
	if (ret->effects == NULL || ret->own == NULL) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < snap->n_entries; i++) {
		struct outcome outcome = outcome_of(snap, &snap->entries[i]);

		ret->effects[i] = outcome_effect(&outcome);
		ret->own[i] = agent_owns(snap, &snap->entries[i]);
	}
	return 0;
}

static int find_agent(const struct context *ctx, struct findings *ret)
{
	struct agent_priority priority = {0};
	const char *version = ctx->opts->agent_version != NULL ? ctx->opts->agent_version
	                                                       : ctx->snap->agent.version;
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

/** Everything that rules and solver look at. */
static int build_context(struct context *ctx, struct findings *ret)
{
	const struct snapshot *snap = ctx->snap;
	uint32_t *netkit = alloc_rows(ctx->scratch, snap->n_links, sizeof(*netkit));
	bool *shadowed = alloc_rows(ctx->scratch, snap->n_entries, sizeof(*shadowed));

	if (netkit == NULL || shadowed == NULL || judge_entries(snap, ret) < 0 ||
	    find_agent(ctx, ret) < 0) {
		return -ENOMEM;
	}
	order_netkit_before(snap, netkit);
	ctx->netkit_before = netkit;
	ctx->effects = ret->effects;
	ctx->own = ret->own;
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
	f->state = FINDING_NOT_EVALUATED;
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

static bool is_listed(const char *const *codes, uint32_t n, const char *code)
{
	for (uint32_t i = 0; i < n; i++) {
		if (strcasecmp(codes[i], code) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_wanted(const struct analyze_options *opts, const char *code)
{
	return (opts->n_only == 0 || is_listed(opts->only, opts->n_only, code)) &&
	       !is_listed(opts->skip, opts->n_skip, code);
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
	return r;
}

/** States, order, counts. */
static void finish(const struct analyze_options *opts, struct findings *ret)
{
	for (uint32_t i = 0; i < ret->n; i++) {
		struct finding *f = &ret->rows[i];

		if (!is_wanted(opts, f->code)) {
			f->state = FINDING_SUPPRESSED;
		}
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

static int judge(struct context *ctx, struct findings *ret)
{
	int r = build_context(ctx, ret);

	if (r == 0) {
		r = solver_run(ctx, &ret->arena, &ret->advice);
	}
	ctx->advice = &ret->advice;
	if (r == 0) {
		r = run_rules(ctx, ret);
	}
	if (r < 0) {
		return r;
	}
	finish(ctx->opts, ret);
	return checklist_fill(ctx, ret);
}

int analyze(const struct snapshot *snap, const struct analyze_options *opts, struct findings *ret,
            struct err *err)
{
	struct arena scratch;
	struct keytab seen = {.arena = &scratch};
	struct context ctx = {.snap = snap, .opts = opts, .seen = &seen, .scratch = &scratch};

	assert(snap->sealed);
	arena_init(&scratch, ret->arena.limit_bytes);

	int r = judge(&ctx, ret);

	arena_done(&scratch);
	if (r < 0) {
		return err_set(err, r, "judging the snapshot: out of memory (limit %zu bytes)",
		               ret->arena.limit_bytes);
	}
	return 0;
}
