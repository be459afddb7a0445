/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/checklist.h"

#include "analyzer/order.h"
#include "analyzer/outcome.h"
#include "model/text.h"

#include <errno.h>

#define SEEING_TC     (FACET_NETNS | FACET_LINKS | FACET_QDISCS | FACET_FILTERS)
#define SEEING_OTHERS (FACET_TCX | FACET_NETKIT)

/** Last class of the documentation's list: 2 to this, and above. */
#define CHECKLIST_HIGH 10u

/** What is attached on the node besides the Agent's own filters. */
struct census {
	uint32_t tc, tcx, netkit, xdp; /**< BPF entries. */
	uint32_t at_1, to_10, above;   /**< BPF filters of chain 0 by priority. */
	uint32_t ingress_qdiscs, shared_blocks;
	uint32_t enders; /**< BPF entries that end or may end granted packets. */
};

static void count_filter(const struct snap_entry *entry, struct census *census)
{
	census->tc++;
	if (entry->chain != 0) {
		return;
	}
	if (entry->pref <= 1) {
		census->at_1++;
	} else if (entry->pref <= CHECKLIST_HIGH) {
		census->to_10++;
	} else {
		census->above++;
	}
}

static void count_entry(const struct context *ctx, uint32_t entry, struct census *census)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	enum effect effect = ctx->effects[entry];

	if (ctx->own[entry] || !outcome_is_bpf(row) || (row->is_filter && row->handle == 0)) {
		return;
	}
	switch (ctx->snap->hooks[row->hook].type) {
	case HOOK_XDP:
		census->xdp++;
		return;
	case HOOK_QDISC:
		return;
	case HOOK_TCX_INGRESS:
	case HOOK_TCX_EGRESS:
		census->tcx++;
		break;
	case HOOK_NETKIT_PRIMARY:
	case HOOK_NETKIT_PEER:
		census->netkit++;
		break;
	case HOOK_CLSACT_INGRESS:
	case HOOK_INGRESS:
	case HOOK_CLSACT_EGRESS:
		count_filter(row, census);
		break;
	}
	if (effect == EFFECT_ENDS || effect == EFFECT_MAY_END) {
		census->enders++;
	}
}

static struct census take_census(const struct context *ctx)
{
	struct census census = {0};

	for (uint32_t i = 0; i < ctx->snap->n_entries; i++) {
		count_entry(ctx, i, &census);
	}
	for (uint32_t i = 0; i < ctx->snap->n_hooks; i++) {
		const struct snap_hook *hook = &ctx->snap->hooks[i];

		census.ingress_qdiscs += hook->type == HOOK_INGRESS ? 1 : 0;
		census.shared_blocks += hook->block != 0 && order_is_agent_hook(hook->type) ? 1 : 0;
	}
	return census;
}

/** One question: which findings bear on it, and what has to be whole for a "no". */
struct question {
	const char *item;
	const char *codes[8]; /**< NULL-terminated. */
	uint32_t needs;
	const char *(*answer)(const struct context *ctx, const struct census *census,
	                      struct arena *arena);
	bool (*applies)(const struct census *census);
};

static uint32_t classifiers(const struct census *census)
{
	return census->tc + census->tcx + census->netkit;
}

static bool always(const struct census *census)
{
	(void)census;
	return true;
}

static bool has_classifiers(const struct census *census)
{
	return classifiers(census) > 0;
}

static bool has_filters(const struct census *census)
{
	return census->at_1 + census->to_10 + census->above > 0;
}

static const char *answer_classifiers(const struct context *ctx, const struct census *census,
                                      struct arena *arena)
{
	(void)ctx;
	if (classifiers(census) == 0) {
		return "no other eBPF classifier was found on tc, TCX or netkit";
	}
	return arena_printf(arena,
	                    "attached besides the Agent's: %u on tc, %u on TCX, %u on netkit",
	                    census->tc, census->tcx, census->netkit);
}

static const char *answer_returns(const struct context *ctx, const struct census *census,
                                  struct arena *arena)
{
	if (!has_classifiers(census)) {
		return "no other eBPF classifier was found";
	}
	if (census->enders == 0) {
		return "all of them go on (UNSPEC) for packets they grant";
	}
	return arena_printf(arena,
	                    "%u of %u end packets they grant, or were not proven to go on; what "
	                    "counts is whether they stand in front of priority %u",
	                    census->enders, classifiers(census), ctx->priority);
}

static const char *answer_priorities(const struct context *ctx, const struct census *census,
                                     struct arena *arena)
{
	(void)ctx;
	if (!has_filters(census)) {
		return "no other eBPF filter was found on clsact";
	}
	return arena_printf(arena, "priority 1: %u, 2 to 10: %u, 11 and above: %u", census->at_1,
	                    census->to_10, census->above);
}

static const char *answer_others(const struct context *ctx, const struct census *census,
                                 struct arena *arena)
{
	(void)ctx;
	return arena_printf(arena,
	                    "programs on TCX: %u, netkit: %u, XDP: %u; ingress qdiscs: %u; shared "
	                    "blocks: %u",
	                    census->tcx, census->netkit, census->xdp, census->ingress_qdiscs,
	                    census->shared_blocks);
}

static const struct question questions[] = {
	{
		.item = "ebpf-classifiers",
		.codes = {"TC101", "TC102", "TC103", "TC201", "TC203"},
		.needs = SEEING_TC | SEEING_OTHERS,
		.answer = answer_classifiers,
		.applies = always,
	},
	{
		.item = "return-codes",
		.codes = {"TC101", "TC102", "TC201", "TC203"},
		.needs = SEEING_TC | SEEING_OTHERS,
		.answer = answer_returns,
		.applies = has_classifiers,
	},
	{
		.item = "priority-class",
		.codes = {"TC101", "TC102", "TC103"},
		.needs = SEEING_TC,
		.answer = answer_priorities,
		.applies = has_filters,
	},
	{
		.item = "other-hooks",
		.codes = {"TC201", "TC202", "TC203", "TC205", "TC206"},
		.needs = SEEING_TC | SEEING_OTHERS,
		.answer = answer_others,
		.applies = always,
	},
};

static bool bears_on(const struct question *question, const struct finding *f)
{
	if (f->state != FINDING_OPEN) {
		return false;
	}
	for (size_t i = 0; i < COUNT_OF(question->codes) && question->codes[i] != NULL; i++) {
		if (text_eq(question->codes[i], f->code)) {
			return true;
		}
	}
	return false;
}

/** Collect the findings behind an answer. @return the worst of them in @p ret_worst. */
static int collect_because(const struct question *question, struct findings *all,
                           struct check_item *item, enum severity *ret_worst)
{
	uint32_t n = 0;
	enum severity worst = SEV_INFO;

	for (uint32_t i = 0; i < all->n; i++) {
		n += bears_on(question, &all->rows[i]) ? 1 : 0;
	}
	if (n > 0) {
		item->because = arena_alloc(&all->arena, n * sizeof(*item->because));
		if (item->because == NULL) {
			return -ENOMEM;
		}
	}
	for (uint32_t i = 0; i < all->n; i++) {
		if (bears_on(question, &all->rows[i])) {
			item->because[item->n_because++] = i;
			worst = all->rows[i].severity > worst ? all->rows[i].severity : worst;
		}
	}
	*ret_worst = worst;
	return 0;
}

static enum check_status status_of(const struct context *ctx, const struct question *question,
                                   const struct census *census, enum severity worst)
{
	bool whole = (question->needs & ~ctx->snap->facets) == 0;

	if (worst == SEV_FAIL) {
		return CHECK_FAIL;
	}
	if (worst == SEV_WARN) {
		return CHECK_WARN;
	}
	if (!whole) {
		return CHECK_UNKNOWN;
	}
	return question->applies(census) ? CHECK_PASS : CHECK_NOT_APPLICABLE;
}

int checklist_fill(const struct context *ctx, struct findings *ret)
{
	struct census census = take_census(ctx);

	ret->checklist = arena_alloc(&ret->arena, COUNT_OF(questions) * sizeof(*ret->checklist));
	if (ret->checklist == NULL) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < COUNT_OF(questions); i++) {
		struct check_item *item = &ret->checklist[i];
		enum severity worst = SEV_INFO;
		int r = collect_because(&questions[i], ret, item, &worst);

		if (r < 0) {
			return r;
		}
		item->item = questions[i].item;
		item->answer = questions[i].answer(ctx, &census, &ret->arena);
		item->status = status_of(ctx, &questions[i], &census, worst);
		if (item->answer == NULL) {
			return -ENOMEM;
		}
	}
	ret->n_checklist = COUNT_OF(questions);
	return 0;
}
